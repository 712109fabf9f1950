"""The entry on AWS, with events as AWS sends them: S3 is moto's server, recognition a running openrek."""

import base64
import copy
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus, urlsplit

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from tests.conftest import RunningService, start_service, stop_service

from openrek import aws
from openrek.errors import InternalError
from openrek.imaging import decoders
from openrek.protocol import check_request, check_response, load_contract
from openrek.web.api_error import api_error_of

EVENTS = Path(__file__).parents[2] / "events"
BUCKET = "pictures"
REGION = "eu-west-1"
KEY = "a-long-random-key"
CONTEXT = SimpleNamespace(aws_request_id="1f0c6f6b-2f1e-4a53-9d0c-0b6f0a1e2d3c")


def event(name: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found | copy.deepcopy(changes)


def posted(data: bytes, content_type: str = "image/jpeg", route: str = "POST /v1/analyses") -> dict[str, Any]:
    request = event("http-api", body=base64.b64encode(data).decode(), routeKey=route)
    request["headers"]["content-type"] = content_type
    return request


def answered(response: dict[str, Any], status: int) -> Any:
    assert response["statusCode"] == status, response
    body = response["body"]
    return json.loads(base64.b64decode(body) if response["isBase64Encoded"] else body)


def forget() -> None:
    """Has the next event find the environment anew, as a new sandbox does."""
    for cached in (aws._settings, aws._entry, aws._logs):
        cached.cache_clear()
    # The handler decodes in its own process, which other tests do not.
    decoders._decoders._in_process = os.name != "posix"


@pytest.fixture(scope="module")
def s3(endpoint: str) -> Any:
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=BUCKET, Key="web/index.html", Body=b"<!doctype html><title>openrek</title>")
    return client


@pytest.fixture(scope="module")
def recognition(s3: Any, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    place = f"s3://{BUCKET}?endpoint={endpoint}&region={REGION}"
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    running = start_service(tmp_path_factory.mktemp("recognition"), "--s3-bucket", place, environment=keys)
    yield running
    stop_service(running)


@pytest.fixture
def function(recognition: RunningService, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`openrek.aws` as Lambda would have started it."""
    keys = recognition.keys
    environment = {
        "OPENREK_BUCKET": BUCKET,
        "OPENREK_RECOGNITION": "amazon",
        "OPENREK_TOKEN_SHA256": hashlib.sha256(KEY.encode()).hexdigest(),
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ENDPOINT_URL_REKOGNITION": recognition.url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    forget()
    yield aws
    forget()


def dropped(s3: Any, key: str, data: bytes, **stored: Any) -> dict[str, Any]:
    """Puts an object into the inbox; the event by which S3 tells of it."""
    version = s3.put_object(Bucket=BUCKET, Key=key, Body=data)["VersionId"]
    told = event("bucket")
    told["Records"][0]["s3"]["object"] |= {
        "key": quote_plus(key, "/"),
        "size": len(data),
        "versionId": version,
        **stored,
    }
    return told


def keys_of(s3: Any, prefix: str) -> set[str]:
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {entry["Key"].removeprefix(prefix) for entry in found}


def test_a_picture_posted_to_an_http_api_is_analysed_and_kept(
    function: Any, s3: Any, astronaut: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    response = function.handler(posted(astronaut), CONTEXT)
    result = answered(response, 201)
    assert response["headers"]["location"] == f"/v1/analyses/{result['id']}"
    assert "Person" in [label["Name"] for label in result["labels"]]
    assert len(result["faces"]) == 1
    names = {"original.jpg", "result.json", "annotated.jpg", "thumbnail.jpg"}
    assert keys_of(s3, f"analyses/{result['id']}/") == names
    assert httpx.get(result["objects"]["original"]["url"]).content == astronaut
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in said] == ["received", "recognised", "stored"]
    assert {line["request_id"] for line in said} == {"BqDvNhZ0DoEEJ9Q="}


def test_a_rest_api_reads_lists_and_deletes_it(function: Any, s3: Any, cat: bytes) -> None:
    made = answered(function.handler(posted(cat), CONTEXT), 201)
    read = event("rest-api", pathParameters={"id": made["id"]})
    assert answered(function.handler(read, CONTEXT), 200)["labels"] == made["labels"]
    listing = event("rest-api", resource="/v1/analyses", queryStringParameters={"limit": "100"})
    assert made["id"] in [entry["id"] for entry in answered(function.handler(listing, CONTEXT), 200)["analyses"]]
    removal = function.handler(read | {"httpMethod": "DELETE"}, CONTEXT)
    assert removal["statusCode"] == 204
    assert keys_of(s3, f"analyses/{made['id']}/") == set()
    assert answered(function.handler(read, CONTEXT), 404)["error"]["code"] == "ResourceNotFoundException"


def test_what_is_no_picture_is_refused_in_plain_words(function: Any, s3: Any) -> None:
    before = keys_of(s3, "analyses/")
    assert "InvalidImageFormat" in answered(function.handler(posted(b"no picture"), CONTEXT), 400)["error"]["code"]
    assert answered(function.handler(posted(b"x", "text/plain"), CONTEXT), 415)
    assert answered(function.handler(posted(b"x", route="PATCH /v1/analyses"), CONTEXT), 404)
    assert keys_of(s3, "analyses/") == before


def test_a_large_picture_is_put_into_the_bucket_and_named(function: Any, s3: Any, astronaut: bytes) -> None:
    place = answered(function.handler(posted(b"", route="POST /v1/uploads"), CONTEXT), 201)
    httpx.request(place["method"], place["url"], content=astronaut, headers=place["headers"]).raise_for_status()
    named = posted(json.dumps({"key": place["key"]}).encode(), "application/json")
    result = answered(function.handler(named, CONTEXT), 201)
    assert len(result["faces"]) == 1
    assert keys_of(s3, place["key"]) == set()
    assert answered(function.handler(named, CONTEXT), 404)


def test_a_picture_put_into_the_inbox_makes_one_analysis_however_often_it_is_told(
    function: Any, s3: Any, astronaut: bytes
) -> None:
    key = "inbox/Người đi bộ.jpg"
    told = dropped(s3, key, astronaut)
    before = keys_of(s3, "analyses/")
    first = function.handler(told, CONTEXT)["analyses"]
    made = keys_of(s3, "analyses/") - before
    assert {name.split("/")[0] for name in made} == {first[key]}
    result = json.loads(s3.get_object(Bucket=BUCKET, Key=f"analyses/{first[key]}/result.json")["Body"].read())
    assert result["source"] == {"bucket": BUCKET, "key": key}
    assert keys_of(s3, "inbox/") == set()
    assert function.handler(told, CONTEXT)["analyses"] == first
    s3.put_object(Bucket=BUCKET, Key=key, Body=astronaut)
    assert function.handler(told, CONTEXT)["analyses"] == first
    assert keys_of(s3, "analyses/") - before == made
    assert keys_of(s3, "inbox/") == {"Người đi bộ.jpg"}  # it has an event of its own
    s3.delete_object(Bucket=BUCKET, Key=key)


def test_two_pictures_put_under_one_key_are_both_analysed(
    function: Any, s3: Any, astronaut: bytes, cat: bytes, recognition: RunningService
) -> None:
    first = dropped(s3, "inbox/photo.jpg", astronaut, sequencer="0055AED6DCD9028A01")
    second = dropped(s3, "inbox/photo.jpg", cat, sequencer="0055AED6DCD9028A02")
    kept = {}
    for told, image in ((first, astronaut), (second, cat)):
        (identifier,) = function.handler(told, CONTEXT)["analyses"].values()
        key = f"analyses/{identifier}/original.jpg"
        kept[identifier] = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == image
    assert list(kept.values()) == [True, True]
    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET, Prefix="inbox/photo.jpg")


def test_a_folder_s_marker_is_passed_over(function: Any, s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert function.handler(dropped(s3, "inbox/holidays/", b""), CONTEXT) == {"analyses": {}}
    assert capsys.readouterr().out == ""
    s3.delete_object(Bucket=BUCKET, Key="inbox/holidays/")


def test_a_picture_too_large_is_not_even_read(function: Any, s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    told = dropped(s3, "inbox/large.jpg", b"", size=20_000_000)
    assert function.handler(told, CONTEXT) == {"analyses": {}}
    assert json.loads(capsys.readouterr().out)["code"] == "ImageTooLargeException"
    s3.delete_object(Bucket=BUCKET, Key="inbox/large.jpg")


def test_a_delivery_that_was_cut_off_is_made_good_by_the_next(function: Any, s3: Any, astronaut: bytes) -> None:
    key = "inbox/Người đi bộ.jpg"
    told = dropped(s3, key, astronaut, sequencer="0055AED6DCD9028FFF")
    identifier = function.handler(told, CONTEXT)["analyses"][key]
    s3.delete_object(Bucket=BUCKET, Key=f"analyses/{identifier}/result.json")  # as if it had ended before the last step
    told = dropped(s3, key, astronaut, sequencer="0055AED6DCD9028FFF")
    function.handler(told, CONTEXT)
    names = {"original.jpg", "result.json", "annotated.jpg", "thumbnail.jpg"}
    assert keys_of(s3, f"analyses/{identifier}/") == names


def test_what_cannot_be_analysed_stays_in_the_inbox(function: Any, s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    told = dropped(s3, "inbox/words.jpg", b"no picture")
    assert function.handler(told, CONTEXT) == {"analyses": {}}
    assert keys_of(s3, "inbox/") == {"words.jpg"}
    (rejected,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["event"] == "refused"]
    assert "InvalidImageFormat" in rejected["code"]
    s3.delete_object(Bucket=BUCKET, Key="inbox/words.jpg")


def test_when_recognition_is_away_the_event_comes_again(
    function: Any, s3: Any, astronaut: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    aws._entry.cache_clear()
    told = dropped(s3, "inbox/Người đi bộ.jpg", astronaut, sequencer="0055AED6DCD9028EEE")
    with pytest.raises(Exception, match=r"127\.0\.0\.1:9"):
        function.handler(told, CONTEXT)
    assert keys_of(s3, "inbox/") == {"Người đi bộ.jpg"}
    s3.delete_object(Bucket=BUCKET, Key="inbox/Người đi bộ.jpg")


def test_the_console_comes_from_the_bucket(function: Any) -> None:
    page = function.handler(posted(b"", route="GET /"), CONTEXT)
    assert base64.b64decode(page["body"]).startswith(b"<!doctype html>")
    assert page["headers"]["content-type"] == "text/html; charset=utf-8"
    assert BUCKET in page["headers"]["content-security-policy"]
    again = posted(b"", route="GET /")
    again["headers"]["if-none-match"] = page["headers"]["etag"]
    assert function.handler(again, CONTEXT)["statusCode"] == 304
    assert function.handler(posted(b"", route="GET /console/{proxy+}"), CONTEXT)["statusCode"] == 404
    assert answered(function.handler(posted(b"", route="GET /health"), CONTEXT), 200) == {"status": "ok"}


def test_the_key_opens_a_session_and_nothing_else_does(function: Any) -> None:
    wrong = posted(json.dumps({"token": "guessed"}).encode(), "application/json", "POST /login")
    assert answered(function.handler(wrong, CONTEXT), 401)
    right = posted(json.dumps({"token": KEY}).encode(), "application/json", "POST /login")
    response = function.handler(right, CONTEXT)
    assert response["statusCode"] == 204
    cookie, *attributes = response["headers"]["set-cookie"].split("; ")
    assert {"HttpOnly", "Secure", "SameSite=Strict"} <= set(attributes)

    def welcome(headers: dict[str, str] | None = None, cookies: list[str] | None = None) -> bool:
        requested = event("authoriser", cookies=cookies or [])
        requested["headers"] |= headers or {}
        return bool(function.authorize(requested, CONTEXT)["isAuthorized"])

    assert welcome({"authorization": f"Bearer {KEY}"})
    assert welcome(cookies=[cookie])
    assert welcome({"origin": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"}, [cookie])
    assert not welcome({"origin": "https://evil.example"}, [cookie])
    assert not welcome()
    assert not welcome({"authorization": "Bearer guessed"})
    assert not welcome(cookies=[cookie[:-1] + ("0" if cookie[-1] != "0" else "1")])
    assert not welcome(cookies=["openrek_session=9999999999.0"])


class Videos(BaseHTTPRequestHandler):
    """Rekognition's video operations, their shapes checked by the contract; moto has none of labels."""

    requested: list[tuple[str, dict[str, Any]]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        contract = load_contract()
        check_request(contract, contract.operations[operation].input, request)
        type(self).requested.append((operation, request))
        label = {"Timestamp": 40, "Label": {"Name": "Car", "Confidence": 98.0}}
        answer: dict[str, Any] = {"JobId": "job"}
        if operation == "GetLabelDetection":
            answer = {"JobStatus": "SUCCEEDED", "Labels": [label], "LabelModelVersion": "3.0"}
            answer |= {} if request.get("NextToken") else {"NextToken": "more"}
        check_response(contract, contract.operations[operation].output, answer)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the tests' output."""


def test_a_video_is_begun_by_the_inbox_and_ended_by_the_topic(
    function: Any, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Videos)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OPENREK_VIDEO_TOPIC_ARN", "arn:aws:sns:eu-west-1:123456789012:openrek-video")
    monkeypatch.setenv("OPENREK_VIDEO_ROLE_ARN", "arn:aws:iam::123456789012:role/openrek-video-eu-west-1")
    forget()
    told = event("bucket")
    told["Records"][0]["s3"]["object"]["key"] = "inbox/traffic.mp4"
    identifier = function.handler(told, CONTEXT)["analyses"]["inbox/traffic.mp4"]
    done = event("topic")
    message = {"JobId": "job", "Status": "SUCCEEDED", "API": "StartLabelDetection", "JobTag": identifier}
    message |= {"Timestamp": 1795428960000, "Video": {"S3ObjectName": "inbox/traffic.mp4", "S3Bucket": BUCKET}}
    done["Records"][0]["Sns"]["Message"] = json.dumps(message)
    assert function.handler(done, CONTEXT) == {"videos": {"job": f"videos/{identifier}/result.json"}}
    assert function.handler(done, CONTEXT) == {"videos": {"job": f"videos/{identifier}/result.json"}}
    server.shutdown()
    server.server_close()
    begun = Videos.requested[0][1]
    version = told["Records"][0]["s3"]["object"]["versionId"]
    assert begun["Video"] == {"S3Object": {"Bucket": BUCKET, "Name": "inbox/traffic.mp4", "Version": version}}
    assert begun["NotificationChannel"]["SNSTopicArn"].endswith(":openrek-video")
    kept = json.loads(s3.get_object(Bucket=BUCKET, Key=f"videos/{identifier}/result.json")["Body"].read())
    assert [found["Label"]["Name"] for found in kept["labels"]] == ["Car", "Car"]
    assert kept["source"] == {"bucket": BUCKET, "key": "inbox/traffic.mp4"}


def test_with_its_own_models_the_function_needs_no_rekognition(
    function: Any, monkeypatch: pytest.MonkeyPatch, astronaut: bytes
) -> None:
    monkeypatch.setenv("OPENREK_RECOGNITION", "openrek")
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", "http://127.0.0.1:9")
    forget()
    result = answered(function.handler(posted(astronaut), CONTEXT), 201)
    assert len(result["faces"]) == 1
    assert result["models"]["LabelModelVersion"]


def test_with_amazons_recognition_nothing_heavy_is_loaded() -> None:
    heavy = ("numpy", "cv2", "onnxruntime", "obstore", "sqlalchemy", "starlette", "uvicorn", "cryptography")
    program = f"import sys, openrek.aws; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("OPENREK_BUCKET", "", "OPENREK_BUCKET is not set"),
        ("OPENREK_RECOGNITION", "google", "amazon or openrek"),
        ("OPENREK_TOKEN_SHA256", "short", "64 hexadecimal"),
        ("OPENREK_VIDEO_TOPIC_ARN", "arn:aws:sns:eu-west-1:1:t", "go together"),
    ],
)
def test_a_wrong_setting_is_named(
    function: Any, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, said: str
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(ValueError, match=said):
        function.handler(posted(b""), CONTEXT)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "ap-southeast-1"])
def test_links_name_the_region_s_own_host_and_the_page_may_load_from_there(
    function: Any, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    """The global host answers with a redirect for a young bucket, which a signed request does not survive."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", region)
    forget()
    host = f"{BUCKET}.s3.{region}.amazonaws.com"
    offered = answered(function.handler(posted(b"", route="POST /v1/uploads"), CONTEXT), 201)
    assert urlsplit(offered["url"]).netloc == host
    assert f"%2F{region}%2Fs3%2Faws4_request" in offered["url"]
    policy = function.handler(posted(b"", route="GET /health"), CONTEXT)["headers"]["content-security-policy"]
    assert f"connect-src 'self' https://{host}/;" in policy


def test_what_a_path_names_is_all_that_a_page_may_load_from_another_s3(function: Any, endpoint: str) -> None:
    policy = function.handler(posted(b"", route="GET /health"), CONTEXT)["headers"]["content-security-policy"]
    assert f"connect-src 'self' {endpoint}/{BUCKET}/;" in policy


class Unwell(BaseHTTPRequestHandler):
    """An S3 that fails."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the tests' output."""


def test_when_s3_fails_the_event_comes_again(function: Any, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Unwell)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    told = dropped(s3, "inbox/unlucky.jpg", b"picture", sequencer="0055AED6DCD9028AAA")
    for endpoint in (f"http://127.0.0.1:{server.server_port}", "http://127.0.0.1:9"):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        aws._entry.cache_clear()
        with pytest.raises(InternalError):
            function.handler(told, CONTEXT)
        assert answered(function.handler(posted(b"", route="GET /"), CONTEXT), 502)
    server.shutdown()
    server.server_close()
    s3.delete_object(Bucket=BUCKET, Key="inbox/unlucky.jpg")


def test_too_many_videos_at_once_are_told_again() -> None:
    said = {"Error": {"Code": "LimitExceededException", "Message": "20 jobs"}, "ResponseMetadata": {}}
    assert api_error_of(ClientError(said, "StartLabelDetection")).status == 429


def test_the_log_of_an_analysis_comes_from_cloudwatch(
    function: Any, endpoint: str, astronaut: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", endpoint)
    monkeypatch.setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/openrek")
    made = answered(function.handler(posted(astronaut), CONTEXT), 201)
    other = answered(function.handler(posted(astronaut), CONTEXT), 201)
    logs = boto3.client(
        "logs", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )
    stream = {"logGroupName": "/aws/lambda/openrek", "logStreamName": "2026/11/23/[$LATEST]1"}
    logs.create_log_group(logGroupName="/aws/lambda/openrek")
    logs.create_log_stream(**stream)
    lines = ["START RequestId: 1f0c6f6b", *capsys.readouterr().out.splitlines(), f'REPORT "{made["id"]}"']
    now = time.time_ns() // 1_000_000
    events = [{"timestamp": now + number, "message": line} for number, line in enumerate(lines)]
    logs.put_log_events(**stream, logEvents=events)

    def read(**query: str) -> Any:
        request = posted(b"", route="GET /v1/logs") | {"queryStringParameters": query}
        return answered(function.handler(request, CONTEXT), 200)

    page = read(analysis_id=made["id"], limit="100")
    assert [entry["event"] for entry in page["events"]] == ["received", "recognised", "stored"]
    assert {entry["analysis_id"] for entry in page["events"]} == {made["id"]}
    assert page["next"] == page["events"][-1]["position"]
    assert [entry["event"] for entry in read(analysis_id=made["id"], limit="1")["events"]] == ["stored"]
    assert read(analysis_id=made["id"], after=str(page["next"]))["events"] == []
    assert {entry["analysis_id"] for entry in read()["events"]} == {made["id"], other["id"]}
    wrong = posted(b"", route="GET /v1/logs") | {"queryStringParameters": {"limit": "0"}}
    assert "from 1 to 1000" in answered(function.handler(wrong, CONTEXT), 400)["error"]["message"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        {"Records": [{"eventSource": "aws:sqs", "body": "x"}]},
        {"Records": "x"},
        {"source": "aws.events", "detail-type": "Scheduled Event"},
    ],
    ids=["empty", "no record", "a queue's", "no records", "a schedule's"],
)
def test_an_unknown_event_raises_so_that_lambda_keeps_it(function: Any, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Unknown event"):
        function.handler(event, CONTEXT)
