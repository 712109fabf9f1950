"""Unmodified boto3 against the running service."""

from typing import Any

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


def test_both_clients_say_alike_what_they_are(client: Any) -> None:
    meta = client.meta
    assert meta.method_to_api_mapping["detect_labels"] == "DetectLabels"
    assert len(meta.method_to_api_mapping) == 75
    assert meta.service_model.service_name == "rekognition"
    assert meta.service_model.operation_model("DetectLabels").input_shape.required_members == ["Image"]
    assert (meta.region_name, meta.partition) == ("us-east-1", "aws")


def test_a_client_without_a_service_makes_no_links(engine: Any, tmp_path: Any) -> None:
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.rekognition import Client, Services
    from openrek.s3 import LocalObjectStore

    client = Client(Services(engine, LocalObjectStore(tmp_path), compose(Settings(tmp_path)).repositories))
    assert client.meta.endpoint_url is None
    with pytest.raises(NotImplementedError, match="runs in process"):
        client.generate_presigned_url("detect_labels", Params={})
