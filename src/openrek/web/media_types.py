"""Media types of the console's files."""

import mimetypes
from pathlib import PurePosixPath

# Not every system's table of media types knows these.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def bare_media_type_of(name: str) -> str:
    """The media type of a file by its name, without parameters."""
    return _TYPES.get(PurePosixPath(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def media_type_of(name: str) -> str:
    """The Content-Type of a file by its name, with a charset where it is text."""
    media_type = bare_media_type_of(name)
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
