"""The function's role, enforced by moto: what it lists passes, nothing else does.

moto substitutes no policy variable, so the names are put in where the role's tags would have them, as IAM does. It
judges calls on logs and queues as calls on "*", so those statements' resources are widened here; it does not ask
for iam:PassRole; and some operations that it lets pass it cannot answer.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.authorization import enable_iam_authentication

from openrek.function import role_document

BUCKET = "kept"
REGION = "us-east-1"
GROUP = {"logGroupName": "/aws/lambda/openrek"}
STREAM = {**GROUP, "logStreamName": "stream"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

Clients = Callable[[str], Any]


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """boto3's clients with the role's credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        text = role_document().replace("${aws:PrincipalTag/openrek-bucket}", BUCKET)
        document = json.loads(text.replace("${aws:PrincipalTag/openrek-stack}", "openrek"))
        for statement in document["Statement"]:
            if statement["Sid"] in ("WriteLog", "ReadLog", "KeepFailedEvents"):
                statement["Resource"] = "*"
        iam = boto3.client("iam", region_name=REGION)
        arn = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName="function", PolicyName="function", PolicyDocument=json.dumps(document))
        s3 = boto3.client("s3", region_name=REGION)
        for bucket in (BUCKET, "other"):
            s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            for prefix in ("analyses", "uploads", "inbox", "web", "videos", "private"):
                s3.put_object(Bucket=bucket, Key=f"{prefix}/a", Body=b"a")
        boto3.client("logs", region_name=REGION).create_log_group(**GROUP)
        boto3.client("sqs", region_name=REGION).create_queue(QueueName="openrek-failed-events")
        sts = boto3.client("sts", region_name=REGION)
        keys = sts.assume_role(RoleArn=arn, RoleSessionName="openrek")["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
        with enable_iam_authentication():
            yield session.client


PICTURE = {"Image": {"S3Object": {"Bucket": BUCKET, "Name": "uploads/a"}}}
VIDEO = {"Video": {"S3Object": {"Bucket": BUCKET, "Name": "inbox/a"}}}
ALLOWED: list[tuple[str, str, dict[str, Any]]] = [
    *(("rekognition", f"detect_{what}", PICTURE) for what in ("labels", "text", "faces", "moderation_labels")),
    ("rekognition", "start_label_detection", VIDEO),
    ("rekognition", "get_label_detection", {"JobId": "1"}),
    *(
        ("s3", "get_object", {"Bucket": BUCKET, "Key": f"{prefix}/a"})
        for prefix in ("analyses", "uploads", "inbox", "web")
    ),
    *(("s3", "put_object", {"Bucket": BUCKET, "Key": f"{prefix}/b"}) for prefix in ("analyses", "uploads", "videos")),
    *(("s3", "delete_object", {"Bucket": BUCKET, "Key": f"{prefix}/a"}) for prefix in ("analyses", "uploads", "inbox")),
    ("s3", "list_objects_v2", {"Bucket": BUCKET, "Prefix": "analyses/"}),
    ("logs", "create_log_stream", STREAM),
    ("logs", "filter_log_events", GROUP),
]
REJECTED: list[tuple[str, str, dict[str, Any]]] = [
    ("rekognition", "compare_faces", {"SourceImage": PICTURE["Image"], "TargetImage": PICTURE["Image"]}),
    ("rekognition", "start_face_search", {**VIDEO, "CollectionId": "people"}),
    ("s3", "get_object", {"Bucket": BUCKET, "Key": "private/a"}),
    ("s3", "get_object", {"Bucket": "other", "Key": "analyses/a"}),
    ("s3", "put_object", {"Bucket": BUCKET, "Key": "web/index.html"}),
    ("s3", "put_object", {"Bucket": BUCKET, "Key": "inbox/b"}),
    ("s3", "delete_object", {"Bucket": BUCKET, "Key": "videos/a"}),
    ("s3", "list_objects_v2", {"Bucket": "other"}),
    ("s3", "put_bucket_policy", {"Bucket": BUCKET, "Policy": "{}"}),
    ("s3", "list_buckets", {}),
    ("logs", "create_log_group", {"logGroupName": "/aws/lambda/other"}),
    ("logs", "describe_log_groups", {}),
    ("iam", "list_roles", {}),
    ("lambda", "list_functions", {}),
]


def named(call: tuple[str, str, dict[str, Any]]) -> str:
    return f"{call[1]} {call[2].get('Key', call[2].get('Bucket', ''))}".strip()


@pytest.mark.parametrize("call", ALLOWED, ids=named)
def test_the_function_may(clients: Clients, call: tuple[str, str, dict[str, Any]]) -> None:
    service, operation, request = call
    with contextlib.suppress(NotImplementedError):  # raised behind the check
        answer = getattr(clients(service), operation)(**request)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] < 300


def test_the_function_may_empty_the_inbox_of_one_version_and_no_other_folder(clients: Clients) -> None:
    version = {"VersionId": "null"}
    s3 = clients("s3")
    with pytest.raises(ClientError, match=r"NoSuchVersion|404"):
        s3.get_object(Bucket=BUCKET, Key="inbox/a", **version)
    s3.delete_object(Bucket=BUCKET, Key="inbox/a", **version)
    for call in (s3.get_object, s3.delete_object):
        with pytest.raises(ClientError) as caught:
            call(Bucket=BUCKET, Key="analyses/a", **version)
        assert caught.value.response["Error"]["Code"] in DENIED


def test_the_function_may_keep_an_event_that_failed(clients: Clients) -> None:
    queue = f"https://sqs.{REGION}.amazonaws.com/123456789012/openrek-failed-events"
    assert clients("sqs").send_message(QueueUrl=queue, MessageBody="{}")["MessageId"]


def test_the_function_may_write_its_log(clients: Clients) -> None:
    logs = clients("logs")
    logs.create_log_stream(**STREAM)
    events = [{"timestamp": time.time_ns() // 1_000_000, "message": "{}"}]
    assert "rejectedLogEventsInfo" not in logs.put_log_events(**STREAM, logEvents=events)


@pytest.mark.parametrize("call", REJECTED, ids=named)
def test_the_function_may_not(clients: Clients, call: tuple[str, str, dict[str, Any]]) -> None:
    service, operation, request = call
    with pytest.raises(ClientError) as caught:
        getattr(clients(service), operation)(**request)
    assert caught.value.response["Error"]["Code"] in DENIED


def test_every_action_of_the_document_but_the_one_that_moto_never_asks_for_is_tried() -> None:
    listed = set()
    for statement in json.loads(role_document())["Statement"]:
        actions = statement["Action"]
        listed |= {actions} if isinstance(actions, str) else set(actions)
    tried = {f"{service}:{''.join(word.capitalize() for word in call.split('_'))}" for service, call, _ in ALLOWED}
    tried = {action.replace("ListObjectsV2", "ListBucket") for action in tried} | {
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "s3:GetObjectVersion",
        "s3:DeleteObjectVersion",
    }
    assert listed - tried == {"iam:PassRole"}
