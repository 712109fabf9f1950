"""Operations that openrek does not have yet: the truth, or an error that says so; never a matter of permissions."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from openrek.protocol import load_contract
from openrek.rekognition import OPERATIONS
from tests.conftest import RunningService

CONTRACT = load_contract()
NOT_YET = sorted(name for name, operation in OPERATIONS.items() if operation.not_yet)
COLLECTION = "empty-for-now"
FACE = "11111111-2222-3333-4444-555555555555"
_PROJECT = "arn:aws:rekognition:us-east-1:000000000000:project/p"
GIVEN: dict[str, Any] = {
    "CollectionId": COLLECTION,
    "Image": {"Bytes": b"of no consequence"},
    "Video": {"S3Object": {"Bucket": "videos", "Name": "a.mp4"}},
    "JobId": "a" * 64,
    "SessionId": FACE,
    "Name": "door",
    "ProjectName": "p",
    "ProjectArn": f"{_PROJECT}/1700000000000",
    "ProjectVersionArn": f"{_PROJECT}/version/v/1700000000000",
    "SourceProjectArn": f"{_PROJECT}/1700000000000",
    "SourceProjectVersionArn": f"{_PROJECT}/version/v/1700000000000",
    "DestinationProjectArn": f"{_PROJECT}/1700000000000",
    "DatasetArn": f"{_PROJECT}/dataset/train/1700000000000",
    "Datasets": [{"Arn": f"{_PROJECT}/dataset/{kind}/1700000000000"} for kind in ("train", "test")],
    "DatasetType": "TRAIN",
    "VersionName": "v",
    "PolicyName": "n",
    "PolicyDocument": "{}",
    "OutputConfig": {"S3Bucket": "outputs"},
    "Changes": {"GroundTruth": b"{}"},
    "MinInferenceUnits": 1,
    "SegmentTypes": ["SHOT"],
    "Settings": {"FaceSearch": {"CollectionId": COLLECTION}},
    "RoleArn": "arn:aws:iam::000000000000:role/r",
}
OF_OPERATIONS: dict[str, dict[str, Any]] = {
    "CreateStreamProcessor": {
        "Input": {"KinesisVideoStream": {"Arn": "arn:aws:kinesisvideo:us-east-1:000000000000:stream/s/1"}},
        "Output": {"KinesisDataStream": {"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}},
    },
    "StartMediaAnalysisJob": {
        "OperationsConfig": {"DetectModerationLabels": {}},
        "Input": {"S3Object": {"Bucket": "manifests", "Name": "a.jsonl"}},
    },
}


@pytest.fixture(scope="module", autouse=True)
def collection(server: RunningService) -> Iterator[None]:
    """An empty collection."""
    client = server.client()
    client.create_collection(CollectionId=COLLECTION)
    yield
    client.delete_collection(CollectionId=COLLECTION)


def arguments(operation: str) -> dict[str, Any]:
    """What the operation needs, and nothing more."""
    required = CONTRACT.shapes[CONTRACT.operations[operation].input].get("required", ())
    own = OF_OPERATIONS.get(operation, {})
    return {member: own.get(member, GIVEN.get(member)) for member in (*required, *own)}


def outcome(client: Any, operation: str, **given: Any) -> tuple[str, Any]:
    """The code of the error and its message, or "" and the response."""
    try:
        response = getattr(client, xform_name(operation))(**given)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    response.pop("ResponseMetadata")
    return "", response


@pytest.mark.parametrize("operation", NOT_YET)
def test_it_answers_what_the_coverage_page_says(client: Any, operation: str) -> None:
    code, answer = outcome(client, operation, **arguments(operation))
    documented = OPERATIONS[operation].differs
    if not code:
        lists = [value for value in answer.values() if isinstance(value, list)]
        assert "an empty list" in documented
        assert lists == [[]]
        return
    assert code in CONTRACT.operations[operation].errors
    assert code in documented
    assert code != "AccessDeniedException"
    assert f"openrek does not have {operation} yet: " in answer
    assert answer.endswith(".")


@pytest.mark.parametrize("operation", ["DescribeProjects", "ListStreamProcessors", "ListMediaAnalysisJobs"])
def test_a_token_that_was_never_issued_is_refused(client: Any, operation: str) -> None:
    code, _ = outcome(client, operation, **arguments(operation), NextToken="bmV4dA==")
    assert code == "InvalidPaginationTokenException"


def test_paginators_of_empty_lists_end(client: Any) -> None:
    for operation in ("describe_projects", "list_stream_processors"):
        pages = list(client.get_paginator(operation).paginate())
        assert len(pages) == 1
