"""What an operation needs permission for: its action, and the resource that its request names.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
"""

from openrek.rekognition.registry import Request
from openrek.rekognition.services import Services

_ARN_MEMBERS = ("ResourceArn", "ProjectVersionArn", "ProjectArn", "DatasetArn", "DestinationProjectArn")
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


def authorise(operation: str, request: Request, services: Services) -> None:
    """Returns if the caller may do this.

    Raises:
        AccessDeniedException: they may not.
    """
    services.caller.require(action_of(operation), resource_of(operation, request, services), services.context)
