"""The life of a deployment against moto's server: deployed, used with events as AWS sends them, updated, destroyed.

moto runs no function, so the handler runs here, with the environment of the function that was deployed; its output goes
into CloudWatch Logs as Lambda would send it there, and S3's event is told by hand. moto's CloudFormation sets no
versioning, which is made good before, and after an update it removes only what the update changed.
"""

import base64
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from openrek import aws as entry
from tests.conftest import start_service, stop_service
from tests.deploy.conftest import ACCOUNT, REGION, client, run

EVENTS = Path(__file__).parents[1] / "events"
BUCKET = f"openrek-{ACCOUNT}-{REGION}"
CONTEXT = SimpleNamespace(aws_request_id="1f0c6f6b-2f1e-4a53-9d0c-0b6f0a1e2d3c")


def event(name: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found | changes


def forget() -> None:
    """Has the next event find the environment anew, as a new sandbox does."""
    for cached in (entry._settings, entry._entry, entry._logs):
        cached.cache_clear()


def configuration() -> dict[str, Any]:
    found: dict[str, Any] = client("lambda").get_function(FunctionName="openrek-amazon")["Configuration"]
    return found


def body(response: dict[str, Any], status: int) -> Any:
    assert response["statusCode"] == status, response
    return json.loads(response["body"])


def collect(lines: list[str]) -> None:
    """Sends lines to where the function's log goes, as Lambda does."""
    logs = client("logs")
    stream = {"logGroupName": "/aws/lambda/openrek", "logStreamName": "2026/11/23/[$LATEST]0a1b"}
    logs.create_log_stream(**stream)
    now = time.time_ns() // 1_000_000
    events = [{"timestamp": now + place, "message": line} for place, line in enumerate(lines)]
    assert "rejectedLogEventsInfo" not in logs.put_log_events(**stream, logEvents=events)


@pytest.mark.usefixtures("package_index")
def test_a_deployment_is_made_used_updated_and_removed(
    aws: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
    astronaut: bytes,
    cat: bytes,
) -> None:
    deployed = run("deploy", "aws")
    assert deployed.exit_code == 0, deployed.output
    key = next(line.removeprefix("Key: ") for line in deployed.stdout.splitlines() if line.startswith("Key: "))
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    place = f"s3://{BUCKET}?endpoint={aws}&region={REGION}"
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    recognition = start_service(tmp_path_factory.mktemp("recognition"), "--s3-bucket", place, environment=keys)
    try:
        with monkeypatch.context() as sandbox:
            for name, value in {
                **configuration()["Environment"]["Variables"],
                "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/openrek",
                "AWS_ENDPOINT_URL_REKOGNITION": recognition.url,
                "AWS_ACCESS_KEY_ID": recognition.keys["aws_access_key_id"],
                "AWS_SECRET_ACCESS_KEY": recognition.keys["aws_secret_access_key"],
            }.items():
                sandbox.setenv(name, str(value))
            forget()
            capsys.readouterr()
            use(key, s3, astronaut, cat, capsys)
    finally:
        stop_service(recognition)
        forget()

    before = {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="analyses/")["Contents"]}
    updated = run("deploy", "aws", "--memory", "2048")
    assert updated.exit_code == 0, updated.output
    assert "Key: " not in updated.output
    assert configuration()["MemorySize"] == 2048
    assert {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="analyses/")["Contents"]} == before

    assert run("destroy", "aws", "--with-data", "--yes").exit_code == 0
    assert client("lambda").list_functions()["Functions"] == []
    assert client("s3").list_buckets()["Buckets"] == []
    assert (
        client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])["StackSummaries"]
        == []
    )


def use(key: str, s3: Any, portrait: bytes, cat: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """One picture by the HTTP API, read by a REST API, one by the inbox; their log, read back."""
    requested = event("authoriser")
    assert entry.authorize(requested, CONTEXT) == {"isAuthorized": False}
    requested["headers"]["authorization"] = f"Bearer {key}"
    assert entry.authorize(requested, CONTEXT) == {"isAuthorized": True}

    posted = event("http-api", routeKey="POST /v1/analyses", body=base64.b64encode(portrait).decode())
    posted["headers"]["content-type"] = "image/jpeg"
    made = body(entry.handler(posted, CONTEXT), 201)
    assert len(made["faces"]) == 1
    assert httpx.get(made["objects"]["original"]["url"]).content == portrait
    read = event("rest-api", pathParameters={"id": made["id"]})
    assert body(entry.handler(read, CONTEXT), 200)["labels"] == made["labels"]

    name = "inbox/con mèo.jpg"
    version = s3.put_object(Bucket=BUCKET, Key=name, Body=cat)["VersionId"]
    dropped = event("bucket")
    dropped["Records"][0]["eventTime"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    dropped["Records"][0]["s3"]["bucket"]["name"] = BUCKET
    dropped["Records"][0]["s3"]["object"] |= {"key": quote_plus(name, "/"), "versionId": version, "size": len(cat)}
    taken = entry.handler(dropped, CONTEXT)["analyses"][name]
    kept = {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="analyses/")["Contents"]}
    names = ("original.jpg", "result.json", "annotated.jpg", "thumbnail.jpg")
    assert kept == {f"analyses/{identifier}/{each}" for identifier in (made["id"], taken) for each in names}
    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET, Prefix="inbox/")

    collect(capsys.readouterr().out.splitlines())
    for identifier in (made["id"], taken):
        requested = event("http-api", routeKey="GET /v1/logs", queryStringParameters={"analysis_id": identifier})
        found = [each["event"] for each in body(entry.handler(requested, CONTEXT), 200)["events"]]
        assert found == ["received", "recognised", "stored"]
