"""Text that is sent by mistake in place of an image: what it is, and what to do."""

import codecs
import re

from openrek.imaging.file_type import FileType

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:0x)?[0-9A-Fa-f]{32,}")
_HEX_DUMP = re.compile(rb"(?:(?:0x)?[0-9A-Fa-f]{2}[\s,:]+){15,}\S*")
_HEX_DUMP_BYTES = 240
_PATH = re.compile(rb"(?:[a-z]+://|[A-Za-z]:\\|~?/|\.{1,2}[/\\])?[^\x00-\x1f<>{}]{1,500}\.[A-Za-z0-9]{2,5}", re.I)
_MULTIPART = re.compile(rb"--[\x21-\x7e]{1,70}\r?\n(?:[a-z-]+:[^\r\n]*\r?\n)*content-disposition:", re.I)
_TEXT_ENCODINGS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))
_DECODE = "Send the bytes that the text encodes; SDKs encode them by themselves."
_SHORT_BASE64 = 24
_FEW_LINES = 4
_BYTES_LITERAL = (b"b'\\x", b'b"\\x')

_RENDER = "Render it to PNG first."
_BYTES = "Send the image's bytes."


def text_type(start: bytes) -> FileType | None:
    """What text it is; None for binary data.

    Args:
        start: The first bytes of the file.
    """
    for mark, encoding in _TEXT_ENCODINGS:
        if start.startswith(mark):
            start = start[len(mark) :].decode(encoding, "replace").encode()
            break
    text = start.strip()
    if not text:
        return FileType("blank text", _BYTES)
    lower = text[:1024].lower()
    if lower.startswith(b"data:"):
        return _data_url_type(lower)
    if lower.startswith(b"<"):
        return _markup_type(lower)
    if text.startswith((b"{", b"[")):
        return FileType("JSON", _BYTES)
    return _encoded_type(text) or _plain_type(text, lower)


def _data_url_type(lower: bytes) -> FileType:
    if b";base64," in lower:
        return FileType("a data URL with base64 text", _DECODE)
    return FileType("a data URL", "Send the bytes that the URL encodes.")


def _markup_type(lower: bytes) -> FileType:
    if b"<svg" in lower:
        return FileType("SVG", _RENDER)
    if b"<html" in lower or b"<!doctype html" in lower or b"<head" in lower or b"<body" in lower:
        return FileType("HTML", "Send the image itself, not the page that shows it.")
    return FileType("XML", "Send the image's bytes.")


def _encoded_type(text: bytes) -> FileType | None:
    """How bytes are written as text: in hexadecimal, base64 or Python; None for other text."""
    unquoted = text.strip(b"\"'").removeprefix(b"b'")
    words = unquoted.split(maxsplit=_FEW_LINES)
    first = words[0] if words else b""
    if text.startswith(_BYTES_LITERAL):
        return FileType("a Python bytes literal", _DECODE)
    if _HEX.fullmatch(first) or _HEX_DUMP.fullmatch(text[:_HEX_DUMP_BYTES]):
        return FileType("hexadecimal text", _DECODE)
    if len(words) > _FEW_LINES and len({len(word) for word in words[:_FEW_LINES]}) == 1:
        first = b"".join(words[:_FEW_LINES])  # base64 in short lines
    if len(first) >= _SHORT_BASE64 and _BASE64.fullmatch(first) and not text.startswith(b"--"):
        return FileType("base64 text", _DECODE)
    return None


def _plain_type(text: bytes, lower: bytes) -> FileType | None:
    if _MULTIPART.match(text):
        return FileType("a multipart form", "Send the bytes of the file in it alone.")
    if any(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in text[:512]) or not _is_utf8(text):
        return None
    if lower.startswith(b"#define "):
        return FileType("XBM", "Convert it to JPEG or PNG first.")
    if _PATH.fullmatch(text):
        return FileType("a path or a URL", "Send the bytes of the file, not its name.")
    return FileType("text", _BYTES)


def _is_utf8(start: bytes) -> bool:
    """Whether it is text in UTF-8, perhaps cut off inside of a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True
