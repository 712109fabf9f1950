"""A bucket of the running service, for tests of S3's protocol."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.conftest import RunningService


def s3_client(server: RunningService, **options: Any) -> Any:
    """boto3's S3 client, which signs by version 4 and tries once."""
    arguments = {"region_name": "us-east-1", **server.keys, **options}
    config = Config(retries={"total_max_attempts": 1}, signature_version="s3v4")
    config = config.merge(arguments.pop("config", Config()))
    return boto3.client("s3", endpoint_url=server.url, config=config, **arguments)


@contextmanager
def new_bucket(s3: Any) -> Iterator[str]:
    """A bucket for one test; it is removed with all that is in it."""
    name = f"b-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if page.get("Contents"):
            objects = [{"Key": entry["Key"]} for entry in page["Contents"]]
            s3.delete_objects(Bucket=name, Delete={"Objects": objects})
    s3.delete_bucket(Bucket=name)


def code_of(call: Any, **arguments: Any) -> tuple[str, int]:
    """Code and status of the error that a call of boto3 ends with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def signed(
    server: RunningService,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    unsigned: dict[str, str] | None = None,
) -> httpx.Response:
    """The answer to a signed request that no SDK would send.

    Args:
        server: The service.
        method: HTTP method.
        path: Path and query as sent.
        body: The body.
        headers: Signed headers.
        unsigned: Headers that are added after signing.
    """
    keys = Credentials(*server.keys.values())
    request = AWSRequest(method, server.url + path, data=body, headers=headers or {})
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    sent = {**dict(request.headers), **(unsigned or {})}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    return httpx.request(method, server.url + path, content=body, headers=encoded, timeout=60)
