"""The artefacts, unpacked, under Lambda's own runtime client. Built for this machine's Python, not Lambda's."""

import base64
import json
import platform
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from openrek.deploy.artefacts import build_zip
from openrek.deploy.tree import build_tree
from tests.conftest import RunningService
from tests.deploy.conftest import HERE, REGION
from tests.deploy.lambda_runtime import LambdaRuntime, running_artefact
from tests.images import page

BUCKET = "pictures"
TOKEN = "0" * 64

pytestmark = [
    pytest.mark.usefixtures("package_index"),
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64", reason="Lambda's runtime client is for Linux here"
    ),
]


@pytest.fixture(scope="module")
def variables(moto_url: str, server: RunningService) -> dict[str, str]:
    """The function's environment: S3 is moto's server, Amazon Rekognition a running openrek."""
    keys = server.keys
    s3 = boto3.client("s3", endpoint_url=moto_url, region_name=REGION, **keys)
    httpx.post(f"{moto_url}/moto-api/reset").raise_for_status()
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key="web/index.html", Body=b"<!doctype html>")
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        "AWS_ENDPOINT_URL": moto_url,
        "AWS_ENDPOINT_URL_REKOGNITION": server.url,
        "OPENREK_BUCKET": BUCKET,
        "OPENREK_TOKEN_SHA256": TOKEN,
    }


@pytest.fixture(scope="module")
def zip_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(build_zip(folder, HERE, lambda _: None).path) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.fixture(scope="module")
def amazon(
    zip_tree: Path, variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LambdaRuntime]:
    with running_artefact(zip_tree, "openrek.aws.handler", variables, tmp_path_factory.mktemp("amazon")) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def openrek(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LambdaRuntime]:
    scratch = tmp_path_factory.mktemp("openrek")
    build_tree(scratch / "tree", "openrek", HERE)
    # Whoever asks Amazon here is found out.
    variables = variables | {"OPENREK_RECOGNITION": "openrek", "AWS_ENDPOINT_URL_REKOGNITION": "http://127.0.0.1:9"}
    with running_artefact(scratch / "tree", "openrek.aws.handler", variables, scratch) as runtime:
        yield runtime


def event(route: str, body: bytes = b"", **headers: str) -> dict[str, Any]:
    """An HTTP API's, payload 2.0."""
    method, _, path = route.partition(" ")
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "example.execute-api.eu-west-1.amazonaws.com", **headers},
        "requestContext": {
            "requestId": "JKJaXmPLvHcESHA=",
            "domainName": "example.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "stage": "$default",
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def labels(runtime: LambdaRuntime, image: bytes) -> set[str]:
    answer = runtime.invoke(event("POST /v1/analyses", image, **{"content-type": "image/jpeg"}))
    assert answer["statusCode"] == 201, answer
    return {label["Name"] for label in json.loads(answer["body"])["labels"]}


def test_the_zip_analyses_a_picture(amazon: LambdaRuntime, cat: bytes) -> None:
    assert "Cat" in labels(amazon, cat)
    listed = amazon.invoke(event("GET /v1/analyses"))
    assert len(json.loads(listed["body"])["analyses"]) == 1


def test_the_zip_serves_the_console_from_the_bucket(amazon: LambdaRuntime) -> None:
    answer = amazon.invoke(event("GET /"))
    assert answer["statusCode"] == 200
    assert base64.b64decode(answer["body"]) == b"<!doctype html>"
    assert amazon.invoke(event("GET /console/{proxy+}"))["statusCode"] == 404


def test_the_zip_refuses_what_is_no_picture(amazon: LambdaRuntime) -> None:
    answer = amazon.invoke(event("POST /v1/analyses", b"no picture", **{"content-type": "image/jpeg"}))
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["error"]["code"] == "InvalidImageFormatException"


def test_the_zip_lets_nobody_in_without_the_key(zip_tree: Path, variables: dict[str, str], tmp_path: Path) -> None:
    with running_artefact(zip_tree, "openrek.aws.authorize", variables, tmp_path) as runtime:
        request = event("GET /v1/analyses") | {"type": "REQUEST", "version": "2.0"}
        assert runtime.invoke(request) == {"isAuthorized": False}


def test_the_image_s_files_analyse_a_picture_without_amazon(openrek: LambdaRuntime, cat: bytes) -> None:
    assert "Cat" in labels(openrek, cat)


def test_the_image_s_files_read_vietnamese_with_their_own_libraries(openrek: LambdaRuntime) -> None:
    image = page("Phở bò Hà Nội")
    answer = openrek.invoke(event("POST /v1/analyses", image, **{"content-type": "image/png"}))
    lines = [text["DetectedText"] for text in json.loads(answer["body"])["text"] if text["Type"] == "LINE"]
    assert lines == ["Phở bò Hà Nội"]
