"""Keys as paths below a folder, and back.

Nearly every key is its own path. What a file system has no name for is written otherwise, as ".openrek-" and the
segment percent-encoded: an empty segment ("a//b", "folder/"), "." and "..", control characters and backslashes, what
obstore keeps for itself ("#1" at the end), and names of more bytes than a file may have, which go over several folders
(".openrek+" on all but the last). An object whose path is another's folder ("a" beside "a/b") is written so, too; if
its segment is percent-encoded anyhow ("a/" beside "a//b"), as ".openrek=" and the segment.
"""

import re
from urllib.parse import quote, unquote

from openrek.errors import ObjectNotReadableError

_LAST = ".openrek-"
_BESIDE = ".openrek="
_MORE = ".openrek+"
_OURS = ".openrek"
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\]|#\d+\Z")
_STAGED = re.compile(r"#\d+\Z")
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
    last = _pieces(name)
    if beside_folder:
        last = _written(name) if last == [name] else [*last[:-1], _BESIDE + last[-1].removeprefix(_LAST)]
    path = "/".join([*pieces, *last])
    if len(path.encode()) > _MAX_PATH_BYTES:
        raise ObjectNotReadableError(f"{key[:80]!r} cannot be kept here: its path would be too long; shorten the key")
    return path


def segment_of(name: str, held: str = "") -> tuple[str | None, str]:
    """The segment of a key that a name in a folder stands for.

    Args:
        name: Of a file or folder.
        held: Pieces of a long segment from the folders above.

    Returns:
        The segment, and ""; None and the pieces so far, if it goes on below.
    """
    if name.startswith(_MORE):
        return None, held + name.removeprefix(_MORE)
    if name.startswith((_LAST, _BESIDE)):
        return unquote(held + name[len(_LAST) :]), ""
    return name, ""


def is_leftover(name: str) -> bool:
    """Whether a file is one that obstore had not finished when its process was killed."""
    return _STAGED.search(name) is not None


def _pieces(segment: str) -> list[str]:
    fits = len(segment.encode()) <= _MAX_NAME_BYTES and segment not in ("", ".", "..")
    if fits and not segment.startswith(_OURS) and not _UNFIT.search(segment):
        return [segment]
    return _written(segment)


def _written(segment: str) -> list[str]:
    text = quote(segment, safe="")
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
    return [*(_MORE + piece for piece in pieces[:-1]), _LAST + pieces[-1]]
