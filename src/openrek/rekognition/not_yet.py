"""Operations that openrek does not have yet, by family, each family with its reason.

Once a module enters an operation of its own, the row here no longer counts.
"""

from collections.abc import Iterator

from openrek.errors import OperationNotSupportedError
from openrek.protocol import load_contract
from openrek.rekognition.operation import ANY, Handler, Operation, Request, Response, default_max_body
from openrek.rekognition.services import Services

_COLLECTIONS = "faces in collections need an index of face vectors, which openrek does not have yet"
_VIDEO = "video analysis needs durable jobs, which openrek does not have yet"
_CUSTOM = "training and running custom models is not part of openrek yet"
_LIVENESS = "no model in the default pack can tell a live face from a shown picture well enough"
_STREAM = "stream processors need Kinesis video streams, which openrek does not have"

_REASONS: dict[str, str] = {
    _COLLECTIONS: "AssociateFaces CreateUser DeleteFaces DeleteUser DisassociateFaces IndexFaces ListFaces ListUsers "
    "SearchFaces SearchFacesByImage SearchUsers SearchUsersByImage",
    _VIDEO: "GetCelebrityRecognition GetContentModeration GetFaceDetection GetFaceSearch GetLabelDetection "
    "GetPersonTracking GetSegmentDetection GetTextDetection StartCelebrityRecognition StartContentModeration "
    "StartFaceDetection StartFaceSearch StartLabelDetection StartPersonTracking StartSegmentDetection "
    "StartTextDetection",
    _CUSTOM: "CopyProjectVersion CreateDataset CreateProject CreateProjectVersion DeleteDataset DeleteProject "
    "DeleteProjectPolicy DeleteProjectVersion DescribeDataset DescribeProjectVersions DescribeProjects "
    "DetectCustomLabels DistributeDatasetEntries ListDatasetEntries ListDatasetLabels ListProjectPolicies "
    "PutProjectPolicy StartProjectVersion StopProjectVersion UpdateDatasetEntries",
    _LIVENESS: "CreateFaceLivenessSession GetFaceLivenessSessionResults",
    _STREAM: "CreateStreamProcessor DeleteStreamProcessor DescribeStreamProcessor ListStreamProcessors "
    "StartStreamProcessor StopStreamProcessor UpdateStreamProcessor",
    "bulk jobs over stored pictures need durable jobs, which openrek does not have yet": "GetMediaAnalysisJob "
    "ListMediaAnalysisJobs StartMediaAnalysisJob",
}


def not_yet_operations() -> Iterator[Operation]:
    """Each of them, with a handler that says why."""
    contract = load_contract()
    for reason, names in _REASONS.items():
        for name in names.split():
            yield Operation(
                name,
                _refuse(name, reason),
                "database",
                default_max_body(contract, name),
                _resource(name),
                not_yet=reason,
            )


def _refuse(name: str, reason: str) -> Handler:
    def refuse(request: Request, services: Services) -> Response:
        raise OperationNotSupportedError(f"openrek does not have {name} yet: {reason}")

    return refuse


def _resource(name: str) -> str:
    members = load_contract().shapes[load_contract().operations[name].input]["members"]
    if "CollectionId" in members:
        return "collection/{CollectionId}"
    if "StreamProcessor" in name and "Name" in members:
        return "streamprocessor/{Name}"
    arns = ("ProjectVersionArn", "ProjectArn", "DatasetArn", "DestinationProjectArn")
    return next((f"{{{member}}}" for member in arns if member in members), ANY)
