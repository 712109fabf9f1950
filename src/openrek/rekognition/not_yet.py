"""Operations that openrek does not have yet, by family: why, what there is instead, and what they answer until then.

They answer truthfully where they can. What cannot exist yet is not listed (an empty list) and not found
(ResourceNotFoundException). An operation that would create or analyze something raises InvalidParameterException: every
operation models it, SDKs do not retry it, and it does not look like a missing permission. Once a module enters an
operation of its own, the row here no longer counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from openrek.errors import (
    OperationNotSupportedError,
    PaginationTokenError,
    ResourceNotFoundError,
    SessionNotFoundError,
)
from openrek.protocol import load_contract
from openrek.rekognition.operation import ANY, Handler, Operation, Request, Response, default_max_body
from openrek.rekognition.services import Services

Answer = Callable[[Request, Services], Response | None]
"""The truthful response, or None where there is none but that openrek does not have the operation."""

_PROJECT = "{ProjectArn}"
_MODEL = "{ProjectVersionArn}"
_DATASET = "{DatasetArn}"
_STREAM_PROCESSOR = "streamprocessor/{Name}"


class Row(NamedTuple):
    """One operation."""

    resource: str
    """See `Operation.resource`."""
    until_then: str
    """What it answers, for the coverage page: "an empty list", or the code of an error."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class Family:
    """Operations that wait for the same thing."""

    reason: str
    instead: str
    """What openrek has that comes nearest."""
    rows: Mapping[str, Row]


def _unsupported(resource: str = ANY) -> Row:
    return Row(resource, "InvalidParameterException", lambda request, services: None)


def _empty(member: str) -> Row:
    def answer(request: Request, services: Services) -> Response:
        _reject_token(request)
        return {member: []}

    return Row(ANY, "an empty list", answer)


def _absent(resource: str, member: str, kind: str, error: type[ResourceNotFoundError] = ResourceNotFoundError) -> Row:
    def answer(request: Request, services: Services) -> Response:
        raise error(f"There is no {kind} {str(request[member])[:300]!r}.")

    code = "SessionNotFoundException" if error is SessionNotFoundError else "ResourceNotFoundException"
    return Row(resource, code, answer)


def _reject_token(request: Request) -> None:
    if request.get("NextToken"):
        raise PaginationTokenError("NextToken was not issued by this operation: there is only one page.")


def _distribute(request: Request, services: Services) -> Response:
    raise ResourceNotFoundError(f"There is no dataset {request['Datasets'][0]['Arn'][:300]!r}.")


_NOT_FOUND = "ResourceNotFoundException"
_UNSUPPORTED = "InvalidParameterException"

FAMILIES = (
    Family(
        "training and running custom models is not part of openrek yet",
        "DetectLabels knows 1,037 labels.",
        {
            "CreateProject": _unsupported(),
            "DescribeProjects": _empty("ProjectDescriptions"),
            "CopyProjectVersion": _absent("{DestinationProjectArn}", "SourceProjectVersionArn", "model"),
            **{
                name: _absent(_PROJECT, "ProjectArn", "project")
                for name in (
                    *("CreateDataset", "CreateProjectVersion", "DeleteProject", "DeleteProjectPolicy"),
                    *("DescribeProjectVersions", "ListProjectPolicies", "PutProjectPolicy"),
                )
            },
            **{
                name: _absent(_MODEL, "ProjectVersionArn", "model")
                for name in ("DeleteProjectVersion", "DetectCustomLabels", "StartProjectVersion", "StopProjectVersion")
            },
            **{
                name: _absent(_DATASET, "DatasetArn", "dataset")
                for name in (
                    *("DeleteDataset", "DescribeDataset", "ListDatasetEntries", "ListDatasetLabels"),
                    "UpdateDatasetEntries",
                )
            },
            "DistributeDatasetEntries": Row(ANY, _NOT_FOUND, _distribute),
        },
    ),
    Family(
        "no model in the default pack reliably distinguishes a live face from a photo of one",
        "DetectFaces reports pose, quality and attributes of a face.",
        {
            "CreateFaceLivenessSession": _unsupported(),
            "GetFaceLivenessSessionResults": _absent(ANY, "SessionId", "session", SessionNotFoundError),
        },
    ),
    Family(
        "stream processors need Kinesis video streams, which openrek does not have",
        "The Detect… operations analyze single images, such as frames of a stream.",
        {
            "CreateStreamProcessor": _unsupported(_STREAM_PROCESSOR),
            "ListStreamProcessors": _empty("StreamProcessors"),
            **{
                f"{verb}StreamProcessor": _absent(_STREAM_PROCESSOR, "Name", "stream processor")
                for verb in ("Delete", "Describe", "Start", "Stop", "Update")
            },
        },
    ),
    Family(
        "bulk jobs over stored images need durable jobs, which openrek does not have yet",
        "DetectModerationLabels analyzes one stored image at a time.",
        {
            "StartMediaAnalysisJob": _unsupported(),
            "GetMediaAnalysisJob": _absent(ANY, "JobId", "job"),
            "ListMediaAnalysisJobs": _empty("MediaAnalysisJobs"),
        },
    ),
)


def not_yet_operations() -> Iterator[Operation]:
    """Each of them, as an entry of the table."""
    contract = load_contract()
    for family in FAMILIES:
        for name, row in family.rows.items():
            yield Operation(
                name,
                _handler(name, row, family),
                runs="database",
                max_body=default_max_body(contract, name),
                resource=row.resource,
                differs=f"Until then: {row.until_then}.",
                not_yet=family.reason,
            )


def _handler(name: str, row: Row, family: Family) -> Handler:
    def handle(request: Request, services: Services) -> Response:
        why = f"openrek does not have {name} yet: {family.reason}. {family.instead}"
        try:
            response = row.answer(request, services)
        except ResourceNotFoundError as error:
            raise type(error)(f"{error.message.rstrip('.')}. {why}") from None
        if response is None:
            raise OperationNotSupportedError(why)
        return response

    return handle
