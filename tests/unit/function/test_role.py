"""The function may do what its role says, and nothing else; the same document serves here and on AWS."""

import json

import pytest

from openrek.errors import AccessDeniedException
from openrek.function import function_role, role_document

LOG = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/openrek:log-stream:local"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("rekognition:DetectLabels", "*"),
        ("rekognition:DetectText", "*"),
        ("s3:PutObject", "arn:aws:s3:::pictures/analyses/1/result.json"),
        ("s3:GetObject", "arn:aws:s3:::pictures/analyses/1/result.json"),
        ("s3:DeleteObject", "arn:aws:s3:::pictures/analyses/1/result.json"),
        ("s3:ListBucket", "arn:aws:s3:::pictures"),
        ("logs:PutLogEvents", LOG),
    ],
)
def test_the_function_may_do_its_work(action: str, resource: str) -> None:
    function_role("pictures").require(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("rekognition:CompareFaces", "*"),
        ("rekognition:DeleteCollection", "arn:aws:rekognition:us-east-1:000000000000:collection/c"),
        ("s3:PutObject", "arn:aws:s3:::pictures/elsewhere/a.jpg"),
        ("s3:PutObject", "arn:aws:s3:::other/analyses/1/result.json"),
        ("s3:DeleteBucket", "arn:aws:s3:::pictures"),
        ("s3:ListBucket", "arn:aws:s3:::other"),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/other:log-stream:a"),
        ("iam:CreateUser", "*"),
    ],
)
def test_the_function_may_do_nothing_else(action: str, resource: str) -> None:
    with pytest.raises(AccessDeniedException, match="assumed-role/openrek-function"):
        function_role("pictures").require(action, resource)


def test_the_document_has_nothing_to_be_filled_in() -> None:
    document = json.loads(role_document())
    assert document["Version"] == "2012-10-17"
    assert "*" not in [action for statement in document["Statement"] for action in statement["Action"]]
