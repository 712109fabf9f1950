"""CreateCollection, DescribeCollection, ListCollections, DeleteCollection.

https://docs.aws.amazon.com/rekognition/latest/dg/managing-collections.html
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from openrek.errors import PaginationTokenError
from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.services import Services

_COLLECTION = "collection/{CollectionId}"
_PAGE = 1000


@operation(
    "CreateCollection",
    runs="database",
    resource=_COLLECTION,
    differs="Faces cannot be added to a collection yet.",
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
    """The collection's facts. It holds no faces, since none can be indexed yet."""
    found = services.resources.collections.get(request["CollectionId"])
    return {
        "FaceCount": 0,
        "UserCount": 0,
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
    after = _name_of(request["NextToken"]) if request.get("NextToken") else ""
    found = services.resources.collections.page(after, limit + 1)
    page = found[:limit]
    response: Response = {
        "CollectionIds": [collection.name for collection in page],
        "FaceModelVersions": [collection.model for collection in page],
    }
    if len(found) > limit:
        response["NextToken"] = urlsafe_b64encode(page[-1].name.encode()).decode()
    return response


@operation("DeleteCollection", runs="database", resource=_COLLECTION, cannot_occur=ONLY_CONSTRAINTS)
def delete_collection(request: Request, services: Services) -> Response:
    """Removes the collection and its tags."""
    name = request["CollectionId"]
    services.resources.collections.delete(name, services.resources.arn("collection", name))
    return {"StatusCode": 200}


def _name_of(token: str) -> str:
    try:
        return urlsafe_b64decode(token.encode("ascii")).decode()
    except ValueError:
        raise PaginationTokenError("NextToken is not one that ListCollections gave out") from None
