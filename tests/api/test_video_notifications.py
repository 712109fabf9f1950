"""The message of a job's end: through SNS and SQS as AWS's sample program takes it, and to a webhook."""

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.api.s3_service import s3_client
from tests.conftest import RunningService, start_service, stop_service
from tests.videos import encode_video, numbered

ROLE = "arn:aws:iam::000000000000:role/rekognition"
SECRET = "between openrek and the receiver"
_WAIT_SECONDS = 60


class Receiver:
    """A webhook that fails the first request."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(503 if len(receiver.requests) == 1 else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keeps the tests' output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jobs"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@dataclass(frozen=True)
class Surroundings:
    """A service, the topic and queue that it publishes to, and its webhook."""

    service: RunningService
    receiver: Receiver
    topic: str
    sqs: Any
    queue: str

    def messages(self) -> list[dict[str, Any]]:
        """What arrives next, opened as AWS's sample does."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            answer = self.sqs.receive_message(
                QueueUrl=self.queue, MessageAttributeNames=["ALL"], MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            if found := answer.get("Messages", []):
                for message in found:
                    self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                return [json.loads(json.loads(message["Body"])["Message"]) for message in found]
        return []


@pytest.fixture(scope="module")
def surroundings(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    sns, sqs = (boto3.client(name, endpoint_url=endpoint, **keys) for name in ("sns", "sqs"))
    topic = sns.create_topic(Name="AmazonRekognitionExample")["TopicArn"]
    queue = sqs.create_queue(QueueName="AmazonRekognitionQueue")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    receiver = Receiver()
    environment = {
        "OPENREK_SNS_ENDPOINT": endpoint,
        "OPENREK_WEBHOOK_URL": receiver.url,
        "OPENREK_WEBHOOK_SECRET": SECRET,
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    service = start_service(tmp_path_factory.mktemp("notified"), environment=environment)
    s3_client(service).put_object(Bucket="openrek", Key="v.mp4", Body=encode_video(numbered(20), rate=10))
    yield Surroundings(service, receiver, topic, sqs, queue)
    stop_service(service)
    receiver.server.shutdown()
    receiver.server.server_close()


def test_a_program_like_amazons_sample_runs_unchanged(surroundings: Surroundings) -> None:
    """Start, wait for the message in the queue, get the results page by page.

    https://docs.aws.amazon.com/rekognition/latest/dg/video-analyzing-with-sqs.html
    """
    rekognition = surroundings.service.client()
    response = rekognition.start_label_detection(
        Video={"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}},
        NotificationChannel={"RoleArn": ROLE, "SNSTopicArn": surroundings.topic},
        MinConfidence=1,
        JobTag="DetectingLabels",
        Features=["GENERAL_LABELS"],
    )
    started_ms = time.time() * 1000
    (message,) = surroundings.messages()
    assert message.pop("Timestamp") == pytest.approx(started_ms, abs=_WAIT_SECONDS * 1000)
    assert message == {
        "JobId": response["JobId"],
        "Status": "SUCCEEDED",
        "API": "StartLabelDetection",
        "JobTag": "DetectingLabels",
        "Video": {"S3ObjectName": "v.mp4", "S3Bucket": "openrek"},
    }
    token, finished, pages = "", False, 0
    while not finished:
        page = rekognition.get_label_detection(
            JobId=response["JobId"], MaxResults=10, NextToken=token, SortBy="TIMESTAMP", AggregateBy="TIMESTAMPS"
        )
        assert page["VideoMetadata"]["Codec"] == "h264"
        assert page["VideoMetadata"]["DurationMillis"] == 2000
        assert all("Timestamp" in item and "Instances" in item["Label"] for item in page["Labels"])
        pages += 1
        token, finished = page.get("NextToken", ""), "NextToken" not in page
    assert pages > 1


def test_a_failed_job_is_announced_too_and_a_repeated_token_announces_nothing(surroundings: Surroundings) -> None:
    from openrek.compose import compose
    from openrek.config import Settings

    client = surroundings.service.client()
    request: dict[str, Any] = {
        "Video": {"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}},
        "NotificationChannel": {"RoleArn": ROLE, "SNSTopicArn": surroundings.topic},
        "ClientRequestToken": "once",
    }
    job = client.start_text_detection(**request)["JobId"]
    assert client.start_text_detection(**request)["JobId"] == job
    assert [message["JobId"] for message in surroundings.messages()] == [job]
    assert client.start_text_detection(**request)["JobId"] == job

    # A job whose object is not the one it was started for.
    system = compose(Settings(surroundings.service.data_dir))
    del request["ClientRequestToken"]
    bad = system.repositories.jobs.create("TextDetection", request, "of another object", 1)
    (message,) = surroundings.messages()
    assert (message["JobId"], message["Status"], message["API"]) == (bad, "FAILED", "StartTextDetection")
    assert "JobTag" not in message
    page = client.get_text_detection(JobId=bad)
    assert page["JobStatus"] == "FAILED"
    assert "replaced while it was analyzed" in page["StatusMessage"]
    assert {"VideoMetadata", "TextDetections"}.isdisjoint(page)
    system.close()


def test_the_webhook_gets_each_message_signed_and_again_until_it_answers(surroundings: Surroundings) -> None:
    client = surroundings.service.client()
    video = {"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}}
    job = client.start_content_moderation(Video=video)["JobId"]
    deadline = time.monotonic() + _WAIT_SECONDS
    requests = surroundings.receiver.requests
    while job not in [json.loads(body)["JobId"] for _, body in requests] or len(requests) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    first = json.loads(requests[0][1])["JobId"]
    while sum(json.loads(body)["JobId"] == first for _, body in requests) < 2:  # 503 the first time
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for headers, body in requests:
        moment = headers["x-openrek-timestamp"]
        assert re.fullmatch(r"\d{10}", moment)
        digest = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["x-openrek-signature"] == f"sha256={digest}"
    assert SECRET not in "".join(surroundings.service.output)


def test_a_channel_needs_both_arns(surroundings: Surroundings) -> None:
    client = surroundings.service.client()
    video = {"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}}
    with pytest.raises(client.exceptions.ClientError, match="ValidationException"):
        client.start_text_detection(Video=video, NotificationChannel={"RoleArn": ROLE, "SNSTopicArn": "my topic"})


def test_a_wrong_webhook_url_is_an_error_at_the_start(tmp_path: Path) -> None:
    from openrek.config import load_settings

    for name in ("OPENREK_WEBHOOK_URL", "OPENREK_SNS_ENDPOINT"):
        with pytest.raises(ValueError, match=r"must begin with http"):
            load_settings({"HOME": str(tmp_path), name: "queue.example"})
