"""The function may do what its role says, and nothing else; the same document serves here and on AWS."""

import json

import pytest

from openrek.errors import AccessDeniedError
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
        ("s3:PutObject", "arn:aws:s3:::pictures/uploads/1"),
        ("s3:GetObject", "arn:aws:s3:::pictures/inbox/a.jpg"),
        ("s3:DeleteObject", "arn:aws:s3:::pictures/inbox/a.jpg"),
        ("s3:PutObject", "arn:aws:s3:::pictures/videos/1/result.json"),
        ("s3:GetObject", "arn:aws:s3:::pictures/web/index.html"),
        ("logs:PutLogEvents", LOG),
        ("logs:FilterLogEvents", LOG),
        ("s3:GetObjectVersion", "arn:aws:s3:::pictures/inbox/a.jpg"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::pictures/inbox/a.jpg"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:openrek-failed-events"),
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
        ("s3:PutObject", "arn:aws:s3:::pictures/inbox/a.jpg"),
        ("s3:PutObject", "arn:aws:s3:::pictures/web/index.html"),
        ("iam:PassRole", "arn:aws:iam::000000000000:role/openrek-video-us-east-1"),
        ("s3:ListBucket", "arn:aws:s3:::other"),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/other:log-stream:a"),
        ("iam:CreateUser", "*"),
        ("logs:FilterLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/openrek-authoriser:*"),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/openrek2:log-stream:a"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:pictures-failed-events"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::pictures/analyses/1/result.json"),
    ],
)
def test_the_function_may_do_nothing_else(action: str, resource: str) -> None:
    with pytest.raises(AccessDeniedError, match="assumed-role/openrek-function"):
        function_role("pictures").require(action, resource)


def test_the_video_role_goes_to_recognition_and_to_nobody_else() -> None:
    role = "arn:aws:iam::000000000000:role/openrek-video-us-east-1"
    to = {"iam:PassedToService": "rekognition.amazonaws.com"}
    function_role("pictures").require("iam:PassRole", role, to)
    with pytest.raises(AccessDeniedError):
        function_role("pictures").require("iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"})
    with pytest.raises(AccessDeniedError):
        function_role("pictures").require("iam:PassRole", "arn:aws:iam::000000000000:role/admin", to)


def test_the_document_has_nothing_to_be_filled_in() -> None:
    document = json.loads(role_document())
    assert document["Version"] == "2012-10-17"
    actions = [statement["Action"] for statement in document["Statement"]]
    assert not [action for action in actions if "*" in "".join(action)]
