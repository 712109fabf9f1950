"""Paths as ExternalImageId and folder names as UserId, which allow letters, digits and `_.-:` only."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

MAX_EXTERNAL_ID = 255
MAX_USER_ID = 128
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_.\-]+")
_DIGITS = 10
# Letters that Unicode does not decompose.
_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "AE"})


def external_image_id(parts: Sequence[str]) -> str:
    """The ExternalImageId of an image: its path relative to the folder, joined by ":".

    A path of allowed characters is kept: "anh/1.jpg" is "anh:1.jpg". Otherwise letters lose their diacritics, other
    characters become "_", and a digest of the path keeps different paths different: "ảnh 1.jpg" is
    "anh_1.jpg-ab12cd34ef". The same path always gets the same identifier.

    Args:
        parts: Names of the folders and of the file.
    """
    return _identifier(parts, MAX_EXTERNAL_ID)


def user_id(folder: str) -> str:
    """The UserId of a person by the name of their folder; likewise."""
    return _identifier((folder,), MAX_USER_ID)


def _identifier(parts: Sequence[str], limit: int) -> str:
    plain = ":".join(_NOT_ALLOWED.sub("_", _unaccented(part)) for part in parts)
    if plain == ":".join(parts) and ":" not in "".join(parts) and 1 <= len(plain) <= limit:
        return plain
    # Some file systems decompose letters; the identifier is that of the composed path everywhere.
    path = unicodedata.normalize("NFC", "/".join(parts)).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(path).hexdigest()[:_DIGITS]
    kept = limit - _DIGITS - 1
    return f"{plain[-kept:] if len(parts) > 1 else plain[:kept]}-{digest}"


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
