"""What an operation needs permission for: its action, and the resource that its request names.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
"""

from collections.abc import Mapping

from openrek.rekognition.registry import Request
from openrek.rekognition.services import Services

_ARN_MEMBERS = ("ResourceArn", "ProjectVersionArn", "ProjectArn", "DatasetArn", "DestinationProjectArn")
_TAGGING = "TagResource"
_STREAM_PROCESSOR = "StreamProcessor"


def action_of(operation: str) -> str:
    """As "rekognition:DetectLabels"."""
    return f"rekognition:{operation}"


def resource_of(operation: str, request: Request, services: Services) -> str:
    """The ARN of the collection, model, stream processor or whatever the request names; "*" if it names none."""
    if name := request.get("CollectionId"):
        return services.resources.arn("collection", name)
    if _STREAM_PROCESSOR in operation and (name := request.get("Name")):
        return services.resources.arn("streamprocessor", name)
    return next((str(request[member]) for member in _ARN_MEMBERS if request.get(member)), "*")


def authorize(operation: str, request: Request, services: Services) -> None:
    """Returns if the caller may do this; who creates something with tags must also be allowed to tag it.

    Raises:
        AccessDeniedError: they may not.
    """
    resource = resource_of(operation, request, services)
    actions = [action_of(operation)]
    if request.get("Tags") and operation != _TAGGING:
        actions.append(action_of(_TAGGING))
    for action in actions:
        asks = services.caller.asks(action)
        conditions = {**services.context, **_tags(request, resource, services)} if asks else services.context
        services.caller.require(action, resource, conditions)


def _tags(request: Request, resource: str, services: Services) -> dict[str, tuple[str, ...]]:
    """The condition keys of the tags that the request has, and of those that its resource has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
    """
    asked: Mapping[str, str] = request.get("Tags") or {}
    names = tuple(request.get("TagKeys") or asked)
    present = services.resources.tags.of(resource) if resource != "*" else {}
    found: dict[str, tuple[str, ...]] = {"aws:TagKeys": names} if names else {}
    for kind, tags in (("RequestTag", asked), ("ResourceTag", present)):
        for name, value in tags.items():
            # Condition keys have no case: tags that differ in nothing else are one key of several values.
            key = f"aws:{kind}/{name}".lower()
            found[key] = (*found.get(key, ()), value)
    return found
