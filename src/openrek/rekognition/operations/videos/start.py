"""StartLabelDetection and the other operations that begin the analysis of a stored video.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_StartLabelDetection.html
"""

from importlib.util import find_spec

from openrek.errors import OperationNotSupportedError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.operations.videos.kinds import KINDS, Kind
from openrek.rekognition.operations.videos.stored_video import StoredVideo
from openrek.rekognition.registry import operation
from openrek.rekognition.services import Services

SHAPE = 1
"""Number of the shape of the workflow that analyzes videos: raised whenever its steps or what they keep change, so that
jobs which an older release began are begun anew."""


_TOKEN = "ClientRequestToken"  # noqa: S105 - a member's name


def start(kind: Kind, request: Request, services: Services) -> Response:
    """The id of a new job, or of the one that the same ClientRequestToken began. A worker runs it."""
    from openrek.state import TokenScope  # SQLAlchemy, which the function on AWS does not have

    kind.check(request, services)
    video, tokens = StoredVideo.of(request["Video"]), services.resources.request_tokens
    content = {name: value for name, value in request.items() if name != _TOKEN}
    scope = TokenScope(services.caller.arn, f"Start{kind.name}", request[_TOKEN]) if _TOKEN in request else None
    if (recorded := tokens.recorded(scope, content)) is not None:
        return recorded
    check_installed(request)
    video.check_permission(services)
    etag, size_bytes = video.etag(services.objects)
    video.open(services.objects, size_bytes).close()
    jobs = services.resources.jobs
    return tokens.once(
        scope, content, lambda connection: {"JobId": jobs.create(kind.name, content, etag, SHAPE, connection)}
    )


def check_installed(request: Request) -> None:
    """Returns if everything that the analysis of a video needs is installed.

    Raises:
        OperationNotSupportedError: DBOS is not, or boto3 is not and a notification is requested.
    """
    if find_spec("dbos") is None:
        raise OperationNotSupportedError(
            "Analysis of videos needs DBOS, which is not installed. Install it: pip install 'openrek[video]'"
        )
    if request.get("NotificationChannel") and find_spec("boto3") is None:
        raise OperationNotSupportedError(
            "NotificationChannel needs boto3, which is not installed. Install it: pip install 'openrek[aws]'"
        )


def _enter(kind: Kind) -> None:
    count = "one frame" if kind.per_second == 1 else f"{kind.per_second:g} frames"
    rate = f"Looks at {count} a second of the video and at the first after a cut."
    common = (
        "Reads MP4 and MOV with any video codec that FFmpeg decodes. RoleArn is not assumed: messages are sent with "
        "the service's own credentials."
    )
    differs = " ".join(part for part in (kind.differs, rate if kind.look else "", common) if part)
    operation(f"Start{kind.name}", runs="database", resource=kind.resource, differs=differs)(
        lambda request, services: start(kind, request, services)
    )


for _kind in KINDS.values():
    _enter(_kind)
