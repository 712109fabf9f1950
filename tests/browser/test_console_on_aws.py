"""The console as it is deployed: Chromium, an HTTP API with the key's authoriser, `openrek.aws`, moto's S3, and a
running openrek in the place of Amazon Rekognition."""

import hashlib
import io
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from openrek import aws
from openrek.deploy.buckets import OwnBucket
from openrek.deploy.deployment import console_files
from openrek.deploy.template import ROUTES
from openrek.imaging import decoders
from tests.conftest import RunningService, start_service, stop_service
from tests.deploy.conftest import moto_url
from tests.deploy.http_api import HttpApi

pytestmark = pytest.mark.browser

__all__ = ["moto_url"]

BUCKET = "openrek-123456789012-eu-west-1"
REGION = "eu-west-1"
KEY = "the-key-that-openrek-deploy-printed"
GROUP = "/aws/lambda/openrek"
_PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def s3(moto_url: str) -> Any:
    client = boto3.client(
        "s3", endpoint_url=moto_url, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    OwnBucket(client, BUCKET, "123456789012").put_web(console_files())
    return client


@pytest.fixture(scope="module")
def recognition(s3: Any, moto_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    place = f"s3://{BUCKET}?endpoint={moto_url}&region={REGION}"
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    running = start_service(tmp_path_factory.mktemp("recognition"), "--s3-bucket", place, environment=keys)
    yield running
    stop_service(running)


@pytest.fixture(scope="module")
def assets(s3: Any) -> Iterator[str]:
    """CloudFront's part: the files below `web/` of the bucket, for pages of any origin."""

    class Distribution(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                stored = s3.get_object(Bucket=BUCKET, Key=f"web{self.path}")
            except s3.exceptions.ClientError:
                self.send_error(403)
                return
            body = stored["Body"].read()
            self.send_response(200)
            for name in ("Content-Type", "Cache-Control"):
                self.send_header(name, stored["ResponseMetadata"]["HTTPHeaders"][name.lower()])
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Distribution)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def api(recognition: RunningService, moto_url: str, assets: str) -> Iterator[HttpApi]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "OPENREK_BUCKET": BUCKET,
            "OPENREK_RECOGNITION": "amazon",
            "OPENREK_ASSETS_URL": assets,
            "OPENREK_TOKEN_SHA256": hashlib.sha256(KEY.encode()).hexdigest(),
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": recognition.keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": recognition.keys["aws_secret_access_key"],
            "AWS_ENDPOINT_URL_S3": moto_url,
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": moto_url,
            "AWS_ENDPOINT_URL_REKOGNITION": recognition.url,
            "AWS_LAMBDA_LOG_GROUP_NAME": GROUP,
        }.items():
            patch.setenv(name, value)
        forget()
        api = HttpApi(ROUTES, aws.handler, aws.authorize)
        yield api
        api.close()
    forget()


def forget() -> None:
    for cached in (aws._settings, aws._entry, aws._logs):
        cached.cache_clear()
    # The handler decodes in its own process, which other tests do not.
    decoders._decoders._in_process = os.name != "posix"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, api: HttpApi) -> Iterator[Page]:
    """The console, just opened by somebody unknown; a script's error or what the policy stops fails the test."""
    complaints: list[str] = []
    context = browser.new_context(base_url=api.url, locale="en-GB")
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.goto("/")
    yield page
    context.close()
    assert complaints == []


def log_in(page: Page, key: str = KEY) -> None:
    page.locator("rek-login input").fill(key)
    page.locator("rek-login wa-button[type=submit]").click()


def analyse(page: Page, image: Path) -> str:
    """Chooses a picture and waits until its analysis is shown; its id."""
    page.set_input_files("input[name=pick]", image)
    expect(page.locator("#result-title")).to_be_visible(timeout=_PATIENCE_MS)
    expect(page).to_have_url(re.compile("#[0-9a-z]{26}$"))
    return page.url.rpartition("#")[2]


def test_who_has_no_key_is_asked_for_it_and_who_has_it_sees_what_is_in_a_picture(
    page: Page, s3: Any, astronaut: bytes, tmp_path: Path
) -> None:
    portrait = tmp_path / "portrait.jpg"
    portrait.write_bytes(astronaut)
    expect(page.locator("rek-login")).to_be_visible()
    expect(page.locator("rek-login")).to_contain_text("openrek deploy aws")
    expect(page.locator("rek-login")).not_to_contain_text("openrek serve")

    log_in(page, "not the key")
    expect(page.locator("rek-login .problem")).to_have_text("Wrong key for this deployment.")
    log_in(page)
    expect(page.locator("rek-uploader")).to_be_visible()
    expect(page.locator(".lead")).to_contain_text("AWS account")

    identifier = analyse(page, portrait)
    expect(page.locator(".labels .row", has_text="Person").first).to_be_visible()
    expect(page.locator(".outline.faces")).to_have_count(1)
    assert page.locator(".frame img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 512
    kept = s3.get_object(Bucket=BUCKET, Key=f"analyses/{identifier}/original.jpg")["Body"].read()
    assert kept == astronaut

    page.reload()  # the session is a cookie
    expect(page.locator("#result-title")).to_be_visible()
    page.context.clear_cookies()
    page.reload()
    expect(page.locator("rek-login")).to_be_visible()
    expect(page.locator("#result-title")).to_have_count(0)


def test_a_session_that_ends_while_the_page_is_open_asks_for_the_key_again(
    page: Page, cat: bytes, tmp_path: Path
) -> None:
    image = tmp_path / "cat.jpg"
    image.write_bytes(cat)
    log_in(page)
    expect(page.locator("rek-uploader")).to_be_visible()
    page.context.clear_cookies()
    page.set_input_files("input[name=pick]", image)
    expect(page.locator("rek-login")).to_be_visible()
    log_in(page)  # the picture waited for it
    expect(page.locator("#result-title")).to_be_visible(timeout=_PATIENCE_MS)


def test_a_large_picture_goes_straight_to_the_bucket(page: Page, s3: Any, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    assert 4 * 1024 * 1024 < len(buffer.getvalue()) < 15_000_000
    image = tmp_path / "noise.png"
    image.write_bytes(buffer.getvalue())
    log_in(page)
    with page.expect_request(lambda request: request.method == "PUT") as put:
        identifier = analyse(page, image)
    assert f"/{BUCKET}/uploads/" in put.value.url
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"analyses/{identifier}/")["Contents"]
    assert len(found) == 4
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="uploads/")


def test_the_log_of_an_analysis_is_shown(
    page: Page, moto_url: str, cat: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "cat.jpg"
    image.write_bytes(cat)
    log_in(page)
    identifier = analyse(page, image)
    logs = boto3.client(
        "logs", endpoint_url=moto_url, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )
    logs.create_log_group(logGroupName=GROUP)
    stream = {"logGroupName": GROUP, "logStreamName": "stream"}
    logs.create_log_stream(**stream)
    now = time.time_ns() // 1_000_000
    lines = [
        {"timestamp": "2026-11-23T10:15:02.123Z", "level": "INFO", "event": event, "analysis_id": identifier}
        for event in ("received", "recognised", "stored")
    ]
    events = [{"timestamp": now + place, "message": json.dumps(line)} for place, line in enumerate(lines)]
    logs.put_log_events(**stream, logEvents=events)
    page.locator("wa-details.logs").click()
    expect(page.locator("ol.log li")).to_have_count(3)
    expect(page.locator("ol.log")).to_contain_text("recognised")


def test_the_page_speaks_vietnamese_too(browser: Browser, api: HttpApi) -> None:
    context = browser.new_context(base_url=api.url, locale="vi-VN")
    page = context.new_page()
    page.goto("/")
    expect(page.locator("rek-login")).to_contain_text("openrek deploy aws")
    context.close()


def test_a_visit_calls_the_function_for_the_page_and_for_no_file(browser: Browser, api: HttpApi, assets: str) -> None:
    context = browser.new_context(base_url=api.url, locale="vi")
    page = context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto("/")
    expect(page.locator("rek-login")).to_be_visible(timeout=_PATIENCE_MS)
    files = [url for url in requested if url.startswith(assets)]
    assert len(files) > 50
    assert all(re.fullmatch(rf"{assets}/[0-9a-f]{{16}}/.+", url) for url in files)
    of_function = [url.removeprefix(api.url) for url in requested if url.startswith(api.url)]
    assert not [path for path in of_function if path.startswith("/console")]
    assert len(of_function) <= 5, of_function
    context.close()
