"""Keys as paths below a folder, and back.

Nearly every key is its own path. What a file system has no name for is written otherwise, as ".openrek-" and the
segment percent-encoded: an empty segment ("a//b", "folder/"), "." and "..", control characters and backslashes, what
obstore keeps for itself ("#1" at the end), and names of more bytes than a file may have, which go over several folders
(".openrek+" on all but the last). An object whose path is another's folder ("a" beside "a/b") is written so, too.
"""

import re
from urllib.parse import quote, unquote

from openrek.errors import ObjectNotReadableError

_LAST = ".openrek-"
_MORE = ".openrek+"
_OURS = ".openrek"
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\]|#\d+\Z")
# File systems take 255 bytes a name; a write under way has some characters more.
_MAX_NAME_BYTES = 240
_PIECE = 200
# Linux takes paths of 4,096 bytes, macOS of 1,024; the folder itself needs some.
_MAX_PATH_BYTES = 3500


def path_of(key: str, *, beside_folder: bool = False) -> str:
    """The path of the object's file, below its bucket's folder.

    Args:
        key: The object's; also that of a folder, without the last slash.
        beside_folder: For an object whose own path is a folder's.

    Raises:
        ObjectNotReadableError: the path would be too long.
    """
    *folders, name = key.split("/")
    pieces = [piece for folder in folders for piece in _pieces(folder)]
    path = "/".join([*pieces, *(_written(name) if beside_folder else _pieces(name))])
    if len(path.encode()) > _MAX_PATH_BYTES:
        raise ObjectNotReadableError(f"{key[:80]!r} cannot be kept here: its path would be too long; shorten the key")
    return path


def key_of(path: str) -> str:
    """The key of the object at a path."""
    segments, held = [], ""
    for piece in path.split("/"):
        if piece.startswith(_MORE):
            held += piece.removeprefix(_MORE)
        elif piece.startswith(_LAST):
            segments.append(unquote(held + piece.removeprefix(_LAST)))
            held = ""
        else:
            segments.append(piece)
    return "/".join(segments)


def is_whole(folder: str) -> bool:
    """Whether a folder's path ends where a segment of keys ends."""
    return not folder.rpartition("/")[2].startswith(_MORE)


def _pieces(segment: str) -> list[str]:
    fits = len(segment.encode()) <= _MAX_NAME_BYTES and segment not in ("", ".", "..")
    if fits and not segment.startswith(_OURS) and not _UNFIT.search(segment):
        return [segment]
    return _written(segment)


def _written(segment: str) -> list[str]:
    text = quote(segment, safe="")
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
    return [*(_MORE + piece for piece in pieces[:-1]), _LAST + pieces[-1]]
