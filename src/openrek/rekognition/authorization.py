"""What an operation needs permission for: its action, on the resource that its request names.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
"""

from collections.abc import Mapping

from openrek.rekognition.operation import ANY, Operation, Request
from openrek.rekognition.services import Services

_TAGGING = "rekognition:TagResource"


def authorize(operation: Operation, request: Request, services: Services) -> None:
    """Returns if the caller may do this. Creating something with tags also needs permission to tag it.

    Raises:
        AccessDeniedError: the caller may not.
    """
    resource = operation.resource_arn(request, services.resources)
    actions = [operation.action]
    if request.get("Tags") and operation.action != _TAGGING:
        actions.append(_TAGGING)
    for action in actions:
        asks = services.caller.asks(action)
        conditions = {**services.context, **_tags(request, resource, services)} if asks else services.context
        services.caller.require(action, resource, conditions)


def _tags(request: Request, resource: str, services: Services) -> dict[str, tuple[str, ...]]:
    """The condition keys of the tags that the request has, and of those that its resource has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
    """
    requested: Mapping[str, str] = request.get("Tags") or {}
    names = tuple(request.get("TagKeys") or requested)
    present = services.resources.tags.of(resource) if resource != ANY else {}
    conditions: dict[str, tuple[str, ...]] = {"aws:TagKeys": names} if names else {}
    for key, tags in (("RequestTag", requested), ("ResourceTag", present)):
        for name, value in tags.items():
            # Condition keys have no case: tags that differ in nothing else are one key of several values.
            condition = f"aws:{key}/{name}".lower()
            conditions[condition] = (*conditions.get(condition, ()), value)
    return conditions
