"""Unmodified boto3 against the running service."""

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
