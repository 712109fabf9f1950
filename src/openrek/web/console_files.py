"""How the console's files are sent: their type, and how long browsers keep them."""

import hashlib
import re

from openrek.web.media_types import media_type_of

_HASHED = re.compile(r"(^|/)chunks/chunk\.[A-Z0-9]{8}\.js$")


def file_headers(name: str, data: bytes) -> dict[str, str]:
    """Headers of the answer that sends a file, names in lower case.

    A chunk has the hash of its content in its name and is kept for a year; everything else is revalidated, which costs
    little where it is the same.

    Args:
        name: Path of the file below the console's folder.
        data: Its content.
    """
    return {
        "content-type": media_type_of(name),
        "etag": f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"',
        "cache-control": "public, max-age=31536000, immutable" if _HASHED.search(name) else "no-cache",
    }
