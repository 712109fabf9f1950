"""The picture in a request's body: raw, or the field `file` of a form."""

import logging
from collections.abc import Mapping
from typing import Any

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from openrek.web.api_error import ApiError
from openrek.web.request_body import body_of

FIELD = "file"
# What it warns of is told to whoever sent it; without a handler it would go to standard error.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


def uploaded_image(event: Mapping[str, Any], max_bytes: int) -> bytes:
    """The picture's bytes.

    Args:
        event: API Gateway HTTP API event, payload format 2.0; header names are lower case there.
        max_bytes: Larger pictures are refused.

    Raises:
        Problem: 400 for an empty or broken body, 413 for a large one, 415 for a type that is no picture.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    content_type = headers.get("content-type", "application/octet-stream")
    kind, options = parse_options_header(content_type)
    body = body_of(event)
    if kind == b"multipart/form-data":
        if not options.get(b"boundary"):
            raise ApiError(400, "InvalidParameterException", "the form's Content-Type names no boundary")
        body = _form_file(body, content_type)
    elif not kind.startswith(b"image/") and kind not in (b"application/octet-stream", b"binary/octet-stream"):
        raise ApiError(
            415,
            "UnsupportedMediaType",
            f"Content-Type {kind.decode(errors='replace')[:80]!r} is no picture: send image/jpeg, image/png or another "
            f"image/* type, application/octet-stream, or multipart/form-data with a field {FIELD!r}",
        )
    if not body:
        raise ApiError(400, "InvalidImageFormatException", "the request carries no picture: its body is empty")
    if len(body) > max_bytes:
        raise too_large(len(body), max_bytes)
    return body


def too_large(found: int, allowed: int) -> ApiError:
    """413, with what was found and what is allowed."""
    return ApiError(
        413,
        "ImageTooLargeException",
        f"the upload has {found:,} bytes; a picture may have at most {allowed:,} bytes ({allowed / 1048576:g} MiB)",
    )


def _form_file(body: bytes, content_type: str) -> bytes:
    found: dict[bytes, bytes] = {}

    def keep(part: Any) -> None:
        part.file_object.seek(0)
        found[part.field_name or b""] = part.file_object.read()

    whole: list[bool] = []
    _, options = parse_options_header(content_type)
    try:
        parser = FormParser(
            "multipart/form-data",
            lambda _field: None,
            keep,
            lambda: whole.append(True),
            boundary=options[b"boundary"],
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ApiError(400, "InvalidParameterException", f"the form is broken: {error}") from None
    if not whole:
        raise ApiError(400, "InvalidParameterException", "the form is cut off: its last boundary is missing")
    if FIELD.encode() not in found:
        raise ApiError(400, "InvalidParameterException", f"the form has no file in a field named {FIELD!r}")
    return found[FIELD.encode()]
