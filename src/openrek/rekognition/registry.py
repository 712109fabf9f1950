"""The table of operations: every name of the contract is here, answered or with the reason why not yet."""

from collections.abc import Callable
from typing import Any

from openrek.rekognition.services import Services

Request = dict[str, Any]
Response = dict[str, Any]
Operation = Callable[[Request, Services], Response]

OPERATIONS: dict[str, Operation] = {}
"""Operations that answer, by name."""
QUICK: set[str] = set()
"""Those that only read a row or two: a thread of their own would cost more than they do."""


def operation(name: str, *, quick: bool = False) -> Callable[[Operation], Operation]:
    """Enters a function into the table under an operation's name.

    Args:
        name: In the contract.
        quick: Whether it never waits for anything but a read of the database.

    Raises:
        ValueError: the name is taken.
    """

    def enter(function: Operation) -> Operation:
        if name in OPERATIONS:
            raise ValueError(f"{name} is in the table already")
        OPERATIONS[name] = function
        if quick:
            QUICK.add(name)
        return function

    return enter


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

NOT_YET: dict[str, str] = {name: reason for reason, names in _REASONS.items() for name in names.split()}
"""Reason by name, for the operations that do not answer yet."""
