"""TagResource, UntagResource, ListTagsForResource.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_TagResource.html
"""

from openrek.errors import InvalidParameterError, ResourceNotFoundError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.services import Services

_COLLECTION = "collection/"
_RESOURCE = "{ResourceArn}"


@operation(
    "TagResource",
    runs="database",
    resource=_RESOURCE,
    differs="Only collections can be tagged.",
)
def tag_resource(request: Request, services: Services) -> Response:
    """Adds tags, replacing those of the same names."""
    arn = request["ResourceArn"]
    services.resources.collections.get(_collection(arn, services))
    services.resources.tags.write(arn, request["Tags"])
    return {}


@operation("UntagResource", runs="database", resource=_RESOURCE)
def untag_resource(request: Request, services: Services) -> Response:
    """Removes tags; absent tags are ignored."""
    arn = request["ResourceArn"]
    services.resources.collections.get(_collection(arn, services))
    services.resources.tags.remove(arn, request["TagKeys"])
    return {}


@operation("ListTagsForResource", runs="quick", resource=_RESOURCE)
def list_tags_for_resource(request: Request, services: Services) -> Response:
    """The tags of a resource."""
    arn = request["ResourceArn"]
    return {"Tags": services.resources.tags.of_collection(_collection(arn, services), arn)}


def _collection(arn: str, services: Services) -> str:
    """The name of the collection that the ARN names.

    Raises:
        InvalidParameterError: It is not an ARN of Rekognition.
        ResourceNotFoundError: It names something that cannot be tagged.
    """
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "rekognition":
        form = services.resources.arn("collection", "NAME")
        raise InvalidParameterError(f"ResourceArn {arn[:200]!r} is not valid. Expected the form {form!r}.")
    name = parts[5].removeprefix(_COLLECTION)
    ours = services.resources.arn("collection", name)
    if name != parts[5] and arn != ours:
        raise ResourceNotFoundError(
            f"There is no resource {arn[:200]}: with this region and account it would be {ours[:200]} here."
        )
    if name == parts[5]:
        raise ResourceNotFoundError(f"There is no resource {arn[:200]}. Only collections can be tagged.")
    return name
