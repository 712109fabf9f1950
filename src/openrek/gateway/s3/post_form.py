"""Forms that browsers send (multipart/form-data): their fields, and the file, read chunk by chunk.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from openrek.gateway.s3.errors import S3Error

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

ONE_FILE = "POST requires exactly one file upload per request."
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


class FormReader:
    """Reads a form as it arrives. Fields behind the file are ignored, as S3 ignores them.

    Args:
        content_type: The request's, with the boundary.
        open_file: Called with the form where the file begins, all fields before it known; returns what takes the
            file's bytes.

    Raises:
        S3Error: the boundary is missing.
    """

    def __init__(self, content_type: str, open_file: Callable[[PostForm], Callable[[bytes], None]]) -> None:
        self.form = PostForm()
        self._open_file = open_file
        self._write: Callable[[bytes], None] | None = None
        self._is_complete = False
        self._in_file = False
        self._field_bytes = 0
        self._header = [bytearray(), bytearray()]
        self._disposition = b""
        self._name = ""
        self._value = bytearray()
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not 0 < len(boundary) <= _MAX_BOUNDARY:
            raise _malformed(f"the boundary must have 1 to {_MAX_BOUNDARY} characters")
        try:
            self._parser = MultipartParser(boundary, self._callbacks(), max_size=float("inf"))
        except FormParserError as error:
            raise _malformed(str(error)) from None

    def feed(self, data: bytes) -> None:
        """The next bytes of the body.

        Raises:
            S3Error: they are not of a form, or of one with several files or too large fields.
        """
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _malformed(str(error)) from None

    def finish(self) -> None:
        """Checks that the form is whole.

        Raises:
            S3Error: it is not.
        """
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise _malformed(str(error)) from None
        if not self._is_complete:
            raise _malformed("it ends within a part")

    def _callbacks(self) -> "MultipartCallbacks":
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
        self._in_file = self._name == "file"
        self._value = bytearray()
        if not self._in_file:
            return
        if self._write is not None:
            raise S3Error(400, "IncorrectNumberOfFilesInPostRequest", ONE_FILE)
        self.form.file_name = _text(options.get(b"filename", b"")).replace("\\", "/").rpartition("/")[2]
        self._write = self._open_file(self.form)

    def _take(self, data: bytes) -> None:
        if self._in_file and self._write is not None:
            self.form.size_bytes += len(data)
            self._write(data)
        elif self._write is None:
            self._field_bytes += len(data)
            if self._field_bytes > _MAX_FIELD_BYTES or len(self.form.fields) >= _MAX_FIELDS:
                raise S3Error(
                    400,
                    "MaxPostPreDataLengthExceeded",
                    "Your POST request fields preceding the upload file were too large.",
                )
            self._value += data

    def _close(self) -> None:
        if self._write is not None:
            return
        if self._name in self.form.fields:
            raise S3Error(400, "InvalidArgument", f"The form has the field {self._name[:40]!r} twice.")
        self.form.fields[self._name] = _text(bytes(self._value))

    def _finish(self) -> None:
        self._is_complete = True


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
