"""Forms that browsers send (multipart/form-data): their fields, and the file, read chunk by chunk.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from openrek.gateway.s3.errors import S3Error

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MAX_FIELD_BYTES = 20 * 1024
_MAX_FIELDS = 200
_MAX_HEADER_BYTES = 8 * 1024
_MAX_BOUNDARY = 256


@dataclass(slots=True)
class PostForm:
    """What came before the file, and the file."""

    fields: dict[str, str] = field(default_factory=dict)
    """Values by lower-case name."""
    file_name: str | None = None
    """As the browser sent it, without folders; None if there is no file."""
    size_bytes: int = 0
    """Of the file."""


def read_form(content_type: str, chunks: Iterable[bytes], file: BinaryIO, max_bytes: int) -> PostForm:
    """The form. Fields behind the file are ignored, as S3 ignores them.

    Args:
        content_type: The request's, with the boundary.
        chunks: The body.
        file: Receives the file's content.
        max_bytes: The most that the file may have.

    Raises:
        S3Error: the body is not a form, or one with several files or too large fields.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 0 < len(boundary) <= _MAX_BOUNDARY:
        raise _malformed(f"the boundary must have 1 to {_MAX_BOUNDARY} characters")
    reader = _Reader(file, max_bytes)
    try:
        parser = MultipartParser(boundary, reader.callbacks(), max_size=float("inf"))
        for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise _malformed(str(error)) from None
    if not reader.is_complete:
        raise _malformed("it ends within a part")
    return reader.form


class _Reader:
    """Takes the parser's events."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self.form = PostForm()
        self.is_complete = False
        self._file = file
        self._max_bytes = max_bytes
        self._files = 0
        self._field_bytes = 0
        self._header = [bytearray(), bytearray()]
        self._disposition = b""
        self._name = ""
        self._value: bytearray | None = None

    def callbacks(self) -> "MultipartCallbacks":
        """By the parser's names of its events."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._add_to_header(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._add_to_header(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": lambda data, start, end: self._take(data[start:end]),
            "on_part_end": self._close,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._disposition = b""

    def _add_to_header(self, index: int, data: bytes) -> None:
        if len(self._header[index]) + len(data) > _MAX_HEADER_BYTES:
            raise _malformed(f"a part's header has more than {_MAX_HEADER_BYTES:,} bytes")
        self._header[index] += data

    def _end_header(self) -> None:
        if bytes(self._header[0]).lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])
        self._header = [bytearray(), bytearray()]

    def _open(self) -> None:
        options = parse_options_header(self._disposition)[1]
        self._name = _text(options.get(b"name", b"")).lower()
        if not self._name:
            raise _malformed("a part has no name")
        if self._name == "file":
            self._files += 1
            if self._files > 1:
                raise S3Error(
                    400,
                    "IncorrectNumberOfFilesInPostRequest",
                    "POST requires exactly one file upload per request.",
                )
            self.form.file_name = _text(options.get(b"filename", b"")).replace("\\", "/").rpartition("/")[2]
            self._value = None
        else:
            self._value = bytearray()

    def _take(self, data: bytes) -> None:
        if self._value is None:
            self.form.size_bytes += len(data)
            if self.form.size_bytes > self._max_bytes:
                raise S3Error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
            self._file.write(data)
            return
        if self._files:
            return
        self._field_bytes += len(data)
        if self._field_bytes > _MAX_FIELD_BYTES or len(self.form.fields) >= _MAX_FIELDS:
            raise S3Error(
                400,
                "MaxPostPreDataLengthExceeded",
                "Your POST request fields preceding the upload file were too large.",
            )
        self._value += data

    def _close(self) -> None:
        if self._value is None or self._files:
            return
        if self._name in self.form.fields:
            raise S3Error(400, "InvalidArgument", f"The form has the field {self._name[:40]!r} twice.")
        self.form.fields[self._name] = _text(bytes(self._value))

    def _finish(self) -> None:
        self.is_complete = True


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise _malformed("its fields must be UTF-8") from None


def _malformed(reason: str) -> S3Error:
    return S3Error(
        400,
        "MalformedPOSTRequest",
        f"The body of your POST request is not well-formed multipart/form-data: {reason}.",
    )
