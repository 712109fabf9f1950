"""What is refused before it comes to an operation is said in the protocol that the client speaks."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.conftest import RunningService

Ask = Callable[..., httpx.Response]


def elsewhere(server: RunningService, service: str) -> Any:
    """boto3's client under a name that is not served."""
    client = boto3.client(service, endpoint_url=server.url, region_name="us-east-1", **server.keys)

    def rename(request: Any, **_: Any) -> None:
        request.headers["Host"] = "rebound.example:8420"

    client.meta.events.register("before-sign.*", rename)
    return client


def test_boto3_shows_why_a_host_is_refused(server: RunningService) -> None:
    for service, call, code in (
        ("rekognition", "list_collections", "AccessDeniedException"),
        ("s3", "list_buckets", "AccessDenied"),
    ):
        with pytest.raises(ClientError, match=r"OPENREK_ALLOWED_HOSTS=rebound\.example") as caught:
            getattr(elsewhere(server, service), call)()
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_request_that_names_an_operation_is_answered_in_json_whatever_it_is_signed_for(
    server: RunningService,
) -> None:
    headers = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": "application/x-amz-json-1.1"}
    keys = Credentials(server.keys["aws_access_key_id"], server.keys["aws_secret_access_key"])
    request = AWSRequest("POST", f"{server.url}/", headers=headers, data=b"{}")
    SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    answer = httpx.post(f"{server.url}/", content=b"{}", headers=dict(request.headers.items()))
    assert answer.json()["__type"] == "InvalidSignatureException"
    assert "scoped to service 's3', not 'rekognition'" in answer.json()["message"]
    lost = httpx.post(f"{server.url}/nowhere", headers=headers)
    assert (lost.status_code, lost.json()["__type"]) == (404, "NotFound")


def test_a_clock_that_is_wrong_is_said_in_s3s_words(server: RunningService) -> None:
    keys = Credentials(server.keys["aws_access_key_id"], server.keys["aws_secret_access_key"])
    request = AWSRequest("GET", f"{server.url}/")
    SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    headers = {name: str(value) for name, value in request.headers.items()} | {"X-Amz-Date": "20200101T000000Z"}
    headers["Authorization"] = headers["Authorization"].replace(request.context["timestamp"][:8], "20200101")
    answer = httpx.get(f"{server.url}/", headers=headers)
    assert (answer.status_code, "<Code>RequestTimeTooSkewed</Code>" in answer.text) == (403, True)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_the_region_that_a_client_names_is_the_requested_one(server: RunningService, region: str) -> None:
    import json

    from openrek.compose import compose
    from openrek.config import Settings

    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    key = compose(Settings(server.data_dir)).keys().create("european", policy)
    for service, call in (("rekognition", "list_collections"), ("s3", "list_buckets")):
        client = boto3.client(
            service,
            endpoint_url=server.url,
            region_name=region,
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )
        if region == "eu-west-1":
            assert getattr(client, call)()
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                getattr(client, call)()


@pytest.fixture
def narrow(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """A service whose function may write its analyses but not read them."""
    from openrek.app import App
    from openrek.config import Settings
    from openrek.function import role

    document = role.role_document().replace('"s3:DeleteObject", "s3:GetObject", "s3:PutObject"', '"s3:PutObject"')
    monkeypatch.setattr(role, "role_document", lambda: document)
    app = App(Settings(tmp_path), log_to_stdout=False)
    bearer = {"Authorization": f"Bearer {app.token}"}

    def ask(method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app.asgi)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as client:
                return await client.request(method, path, **options)

        options["headers"] = bearer | options.get("headers", {})
        return asyncio.run(send())

    yield ask
    app.close()


def test_a_link_of_the_functions_reads_what_its_role_may(narrow: Ask, server: RunningService, cat: bytes) -> None:
    url, image = "/v1/analyses", {"Content-Type": "image/jpeg"}
    shared = httpx.post(f"{server.url}{url}", content=cat, headers=server.bearer | image, timeout=60).json()
    assert httpx.get(shared["objects"]["original"]["url"]).content == cat
    answer = narrow("POST", url, content=cat, headers=image)
    assert answer.status_code == 201, answer.text
    link = narrow("GET", answer.json()["objects"]["original"]["url"])
    assert link.status_code == 403
    assert "assumed-role/openrek-function/openrek is not authorized to perform: s3:GetObject" in link.text
    offered = narrow("POST", "/v1/uploads").json()
    assert narrow("PUT", offered["url"], content=cat).status_code == 200
    assert narrow("GET", offered["url"]).status_code == 403
