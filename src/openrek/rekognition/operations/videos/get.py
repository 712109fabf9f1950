"""GetLabelDetection and the other operations that get the results of a job.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_GetLabelDetection.html
"""

from typing import TYPE_CHECKING

from openrek.errors import PaginationTokenError
from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.operations.videos.kinds import BY_TIME, KINDS, SEGMENTS, Kind
from openrek.rekognition.operations.videos.results import read_results
from openrek.rekognition.page_token import issue_number_token, read_number_token
from openrek.rekognition.registry import operation
from openrek.rekognition.services import Services

if TYPE_CHECKING:
    from openrek.state import Job

MAX_RESULTS = 1000
_TIMESTAMPS = "TIMESTAMPS"
_WIRE_STATUS = {"CANCELLED": "FAILED"}


def get(kind: Kind, request: Request, services: Services) -> Response:
    """The state of a job and, once it has succeeded, a page of its results."""
    job = services.resources.jobs.get(request["JobId"], kind.name)
    response: Response = {
        "JobId": job.id,
        "JobStatus": _WIRE_STATUS.get(job.status, job.status),
        "Video": job.request["Video"],
    }
    if (tag := job.request.get("JobTag")) is not None:
        response["JobTag"] = tag
    if job.message is not None:
        response["StatusMessage"] = job.message
    sort, aggregate = request.get("SortBy", BY_TIME), request.get("AggregateBy", _TIMESTAMPS)
    if kind.label:
        response["GetRequestMetadata"] = {"SortBy": sort, "AggregateBy": aggregate}
    scope = (kind.name, job.id, sort, aggregate)
    position = read_number_token(request.get("NextToken"), *scope)
    if job.status == "SUCCEEDED":
        order, limit = (sort, aggregate == SEGMENTS), min(request.get("MaxResults", MAX_RESULTS), MAX_RESULTS)
        page, following = _page(kind, job, order, position, limit, services)
        response |= page
        if following is not None:
            response["NextToken"] = issue_number_token(following, *scope)
    return response


def _page(
    kind: Kind, job: "Job", order: tuple[str, bool], position: int, limit: int, services: Services
) -> tuple[Response, int | None]:
    """Results from a position on, with the metadata that every page has; and where the next page begins."""
    assert job.outcome is not None
    listed: int = job.outcome["counts"][kind.name]["joined" if order[1] else "single"]
    if position > listed:
        raise PaginationTokenError("NextToken lies behind the last result.")
    count = min(limit, listed - position)
    page = read_results(services.objects, services.bucket, job.id, kind.name, order, position, count) if count else []
    following = position + count
    return {kind.results: page, **job.outcome["metadata"][kind.name]}, following if following < listed else None


def _enter(kind: Kind) -> None:
    operation(f"Get{kind.name}", runs="database", differs=kind.differs, cannot_occur=ONLY_CONSTRAINTS)(
        lambda request, services: get(kind, request, services)
    )


for _kind in KINDS.values():
    _enter(_kind)
