"""Unmodified boto3 against the running service."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningService


def test_a_wrong_key_is_refused(server: RunningService, cat: bytes) -> None:
    client = boto3.client(
        "rekognition",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.keys["aws_access_key_id"],
        aws_secret_access_key="not-the-secret",
    )
    with pytest.raises(ClientError) as caught:
        client.detect_labels(Image={"Bytes": cat})
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_an_unknown_key_is_refused(server: RunningService, cat: bytes) -> None:
    client = boto3.client(
        "rekognition",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="x",
    )
    with pytest.raises(ClientError) as caught:
        client.detect_labels(Image={"Bytes": cat})
    assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_only_environment_variables_set_up_boto3(server: RunningService, cat: bytes, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    program = (
        "import boto3, sys\n"
        "c = boto3.client('rekognition')\n"
        "print([l['Name'] for l in c.detect_labels(Image={'Bytes': open(sys.argv[1], 'rb').read()})['Labels']])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path / "cat.jpg")],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(server),
    )
    assert done.returncode == 0, done.stderr
    assert "Cat" in done.stdout


def test_the_aws_command_line_works(server: RunningService, cat: bytes, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("aws")),
            *(
                "rekognition",
                "detect-labels",
                "--image-bytes",
                f"fileb://{tmp_path / 'cat.jpg'}",
                "--output",
                "json",
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(server),
    )
    assert done.returncode == 0, done.stderr
    assert "Cat" in [label["Name"] for label in json.loads(done.stdout)["Labels"]]


def _environment(server: RunningService) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | {
        "AWS_ENDPOINT_URL_REKOGNITION": server.url,
        "AWS_SHARED_CREDENTIALS_FILE": str(server.data_dir / "credentials"),
        "AWS_PROFILE": "openrek",
    }
