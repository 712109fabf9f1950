"""Bad pictures get the modelled error and leave nothing behind."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningService
from tests.images import huge_png

BadPicture = Callable[[bytes], bytes]

BAD_PICTURES: dict[str, tuple[BadPicture, str, int]] = {
    "truncated": (lambda image: image[: len(image) // 2], "InvalidImageFormatException", 400),
    "not a picture": (lambda _: b"MZ" + b"\x90\x00\x03" * 400, "InvalidImageFormatException", 400),
    "20,000 pixels a side": (lambda _: huge_png(20_000), "ImageTooLargeException", 413),
    "6 MB": (lambda image: image + b"\0" * 6_000_000, "ImageTooLargeException", 413),
}


@pytest.mark.parametrize(("bad", "code", "status"), BAD_PICTURES.values(), ids=BAD_PICTURES.keys())
@pytest.mark.parametrize("operation", ["detect_labels", "detect_faces", "detect_text", "detect_moderation_labels"])
def test_the_wire_answers_the_modelled_error(
    client: Any, astronaut: bytes, operation: str, bad: BadPicture, code: str, status: int
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(Image={"Bytes": bad(astronaut)})
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(caught.value.response["Error"]["Message"]) > 20


@pytest.mark.parametrize(
    ("operation", "arguments", "code", "message"),
    [
        ("list_collections", {"MaxResults": 1.5}, "SerializationException", "must be a whole number, but is 1.5"),
        ("list_collections", {"MaxResults": "5"}, "SerializationException", "must be a number, but is a string"),
        (
            "untag_resource",
            {"ResourceArn": "arn:aws:rekognition:us-east-1:000000000000:collection/c", "TagKeys": ["a", None]},
            "ValidationException",
            "Value at 'tagKeys.2.member' failed to satisfy constraint: Member must not be null",
        ),
        (
            "create_collection",
            {"CollectionId": "c", "Tags": {"a": None}},
            "ValidationException",
            "Value at 'tags.a' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_what_has_the_wrong_type_is_told_as_it_is(
    server: RunningService, operation: str, arguments: dict[str, Any], code: str, message: str
) -> None:
    client = server.client(parameter_validation=False)

    def send(params: dict[str, Any], **_: Any) -> None:  # boto3 would mend or leave out some of it
        params["body"] = json.dumps(arguments).encode()

    client.meta.events.register("before-call.rekognition.*", send)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    assert message in caught.value.response["Error"]["Message"]


def test_the_wire_refuses_zero_bytes(server: RunningService) -> None:
    client = server.client(parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        client.detect_labels(Image={"Bytes": b""})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(("bad", "code", "status"), BAD_PICTURES.values(), ids=BAD_PICTURES.keys())
def test_the_rest_api_says_what_is_wrong_and_stores_nothing(
    server: RunningService, astronaut: bytes, bad: BadPicture, code: str, status: int
) -> None:
    before = server.stored()
    answer = httpx.post(
        f"{server.url}/v1/analyses",
        content=bad(astronaut),
        headers=server.bearer | {"Content-Type": "image/jpeg"},
        timeout=30,
    )
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]
    assert server.stored() == before


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "image/jpeg", 400),
        (b'{"a": 1}', "application/json", 400),  # the route takes {"key": ...} of an upload
        (b"<a/>", "application/xml", 415),
        (b"hello", "text/plain", 415),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"no boundary", "multipart/form-data", 400),
    ],
    ids=["empty", "json", "xml", "text", "broken form", "form without file", "form without boundary"],
)
def test_the_rest_api_refuses_what_is_no_picture(
    server: RunningService, content: bytes, kind: str, status: int
) -> None:
    before = server.stored()
    answer = httpx.post(f"{server.url}/v1/analyses", content=content, headers=server.bearer | {"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert server.stored() == before


def test_limits_and_formats_are_named_in_the_message(client: Any, astronaut: bytes) -> None:
    with pytest.raises(client.exceptions.InvalidImageFormatException, match=r"JPEG, PNG, WebP"):
        client.detect_labels(Image={"Bytes": b"hello"})
    with pytest.raises(client.exceptions.ImageTooLargeException, match=r"5,242,880"):
        client.detect_labels(Image={"Bytes": astronaut + b"\0" * 6_000_000})
    with pytest.raises(client.exceptions.ImageTooLargeException, match=r"20,?000"):
        client.detect_labels(Image={"Bytes": huge_png(20_000)})
