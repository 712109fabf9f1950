"""CreateCollection, DescribeCollection, ListCollections, DeleteCollection.

https://docs.aws.amazon.com/rekognition/latest/dg/managing-collections.html
"""

import string

from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.page_token import issue_token, read_token
from openrek.rekognition.registry import operation
from openrek.rekognition.services import Services

_COLLECTION = "collection/{CollectionId}"
_PAGE = 1000
_LIST = "ListCollections"
_NAME_CHARACTERS = string.ascii_letters + string.digits + "_.-"
_BASE = len(_NAME_CHARACTERS) + 1


@operation(
    "CreateCollection",
    runs="database",
    resource=_COLLECTION,
    cannot_occur={
        **ONLY_CONSTRAINTS,
        "ServiceQuotaExceededException": "the number of collections is not limited, and more than 200 tags are "
        "ValidationException",
    },
)
def create_collection(request: Request, services: Services) -> Response:
    """An empty collection, with its tags."""
    name, resources = request["CollectionId"], services.resources
    arn = resources.arn("collection", name)
    created = resources.collections.create(name, services.engine.face_model, arn, request.get("Tags"))
    return {"StatusCode": 200, "CollectionArn": arn, "FaceModelVersion": created.model}


@operation("DescribeCollection", runs="quick", resource=_COLLECTION, cannot_occur=ONLY_CONSTRAINTS)
def describe_collection(request: Request, services: Services) -> Response:
    """The collection's facts."""
    found = services.resources.collections.get(request["CollectionId"])
    return {
        "FaceCount": found.face_count,
        "UserCount": found.user_count,
        "FaceModelVersion": found.model,
        "CollectionARN": services.resources.arn("collection", found.name),
        "CreationTimestamp": found.created_at,
    }


@operation(
    "ListCollections",
    runs="database",
    cannot_occur={**ONLY_CONSTRAINTS, "ResourceNotFoundException": "the request names no resource"},
)
def list_collections(request: Request, services: Services) -> Response:
    """Collections by name, in pages."""
    limit = request.get("MaxResults", _PAGE) or _PAGE
    after = _unpacked(read_token(request["NextToken"], _LIST)) if request.get("NextToken") else ""
    found = services.resources.collections.page(after, limit + 1)
    page = found[:limit]
    response: Response = {
        "CollectionIds": [collection.name for collection in page],
        "FaceModelVersions": [collection.model for collection in page],
    }
    if len(found) > limit:
        response["NextToken"] = issue_token(_packed(page[-1].name), _LIST)
    return response


@operation("DeleteCollection", runs="database", resource=_COLLECTION, cannot_occur=ONLY_CONSTRAINTS)
def delete_collection(request: Request, services: Services) -> Response:
    """Removes the collection with its faces, users and tags."""
    name, resources, crops = request["CollectionId"], services.resources, services.crops
    resources.collections.get(name)
    if crops is not None:
        crops.delete_all(name)
    resources.collections.delete(name, resources.arn("collection", name))
    if crops is not None:
        crops.delete_all(name)  # of what was indexed at the same time
    return {"StatusCode": 200}


def _packed(name: str) -> bytes:
    """A name in as few bytes as its letters allow: a token is shorter than the longest name."""
    number = 0
    for character in name:
        number = number * _BASE + _NAME_CHARACTERS.index(character) + 1
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _unpacked(packed: bytes) -> str:
    number, characters = int.from_bytes(packed, "big"), []
    while number:
        number, digit = divmod(number, _BASE)
        characters.append(_NAME_CHARACTERS[digit - 1])
    return "".join(reversed(characters))
