"""The image in a request's body: raw, or the field `file` of a form."""

import logging
from collections.abc import Mapping
from typing import Any

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from openrek.web.api_error import ApiError
from openrek.web.lambda_event import body_of

FIELD = "file"
# Its warnings are in the answer to the client; without a handler they would go to standard error.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


def uploaded_image(event: Mapping[str, Any], max_bytes: int) -> bytes:
    """The image's bytes.

    Args:
        event: API Gateway HTTP API event, payload format 2.0; header names are lower case there.
        max_bytes: Larger images are refused.

    Raises:
        ApiError: 400 for an empty or broken body, 413 for a large one, 415 for a type that is not an image's.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    content_type = headers.get("content-type", "application/octet-stream")
    media_type, options = parse_options_header(content_type)
    body = body_of(event)
    if media_type == b"multipart/form-data":
        if not options.get(b"boundary"):
            raise ApiError(400, "InvalidParameterException", "The form's Content-Type has no boundary.")
        body = _form_file(body, content_type)
    elif not media_type.startswith(b"image/") and media_type not in (
        b"application/octet-stream",
        b"binary/octet-stream",
    ):
        raise ApiError(
            415,
            "UnsupportedMediaType",
            f"Content-Type {media_type.decode(errors='replace')[:80]!r} is not an image's. Send image/jpeg, image/png "
            f"or another image/* type, application/octet-stream, or multipart/form-data with a field {FIELD!r}.",
        )
    if not body:
        raise ApiError(400, "InvalidImageFormatException", "The request has no image: its body is empty.")
    if len(body) > max_bytes:
        raise too_large(len(body), max_bytes)
    return body


def too_large(size: int, max_bytes: int) -> ApiError:
    """413, with both sizes in bytes."""
    return ApiError(
        413,
        "ImageTooLargeException",
        f"The upload has {size:,} bytes; an image may have at most {max_bytes:,} bytes ({max_bytes / 1048576:g} MiB).",
    )


def _form_file(body: bytes, content_type: str) -> bytes:
    files: dict[bytes, bytes] = {}

    def keep(part: Any) -> None:
        part.file_object.seek(0)
        files[part.field_name or b""] = part.file_object.read()

    complete: list[bool] = []
    _, options = parse_options_header(content_type)
    try:
        parser = FormParser(
            "multipart/form-data",
            lambda _field: None,
            keep,
            lambda: complete.append(True),
            boundary=options[b"boundary"],
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ApiError(400, "InvalidParameterException", f"The form is malformed: {error}.") from None
    if not complete:
        raise ApiError(400, "InvalidParameterException", "The form is cut off: its last boundary is missing.")
    if FIELD.encode() not in files:
        raise ApiError(400, "InvalidParameterException", f"The form has no file in a field named {FIELD!r}.")
    return files[FIELD.encode()]
