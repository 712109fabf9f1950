"""Where `openrek analyze --save` writes."""

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrek.video import ContactSheet

IMAGES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
"""File extensions of images that are analysed in folders."""
VIDEOS = frozenset({".mp4", ".mov", ".m4v"})
"""File extensions of videos that are analysed in folders."""
_ANALYSED = IMAGES | VIDEOS
_HEAD_BYTES = 4096
_POSTER_QUALITY = 85


def find(paths: Iterable[Path]) -> Iterator[tuple[Path, PurePath]]:
    """Each image or video that is named or lies in a named folder, and its path inside that."""
    for path in paths:
        if path.is_dir():
            files = (file for file in _files_in(path) if _is_analysed(file))
            yield from ((file, file.relative_to(path)) for file in files)
        else:
            yield path, PurePath(path.name)


def skipped(paths: Iterable[Path]) -> list[Path]:
    """The files in named folders that are not analysed: by their endings, or because they are named like videos and are
    none. Hidden files are not counted."""
    files = (file for path in paths if path.is_dir() for file in _files_in(path))
    return [file for file in files if not _is_analysed(file) and not file.name.startswith(".")]


def is_video(path: Path) -> bool:
    """Whether a file is to be analysed as a video: by its extension, else by its first bytes."""
    from openrek.imaging.file_types import name_of

    suffix = path.suffix.lower()
    if suffix in _ANALYSED:
        return suffix in VIDEOS
    named = name_of(_head(path) or b"")
    return named is not None and named.name in ("MP4 video", "QuickTime video")


def _is_analysed(file: Path) -> bool:
    suffix = file.suffix.lower()
    return suffix in IMAGES or (suffix in VIDEOS and _is_mp4(_head(file)))


def _is_mp4(head: bytes | None) -> bool:
    from openrek.video.mp4_boxes import is_mp4

    return head is None or is_mp4(head)  # whoever reads what cannot be read reports why


def _head(path: Path) -> bytes | None:
    """The first bytes of a file, none of anything else; None if it cannot be read."""
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return None


def _files_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


class Outcomes:
    """A folder with the results of each image and video, in folders like theirs.

    Of an image `<name>.json` and `<name>.annotated.jpg`; of a video `<name>.json`, `<name>.poster.jpg`,
    `<name>.contact.jpg` and `<name>.thumbnails.vtt`. A second file of the same name gets "-2" and so on. No original is
    written over; what an earlier run wrote of the same files is.
    """

    def __init__(self, folder: Path, images: Iterable[tuple[Path, PurePath]]) -> None:
        """
        Raises:
            OSError: the folder cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        images = list(images)
        originals = {path.resolve() for path, _ in images}
        wanted = [folder / inside.with_suffix("") for _, inside in images]
        # Whole names first: of "a.jpg", "a.png" and "a-2.jpg" the last keeps its own.
        taken = {_key(name) for name in wanted}
        given: set[str] = set()
        self._names: dict[int, Path] = {}
        for index, name in enumerate(wanted):
            number, chosen = 1, name
            while _key(chosen) in given or (number > 1 and _key(chosen) in taken) or _hits(chosen, originals):
                number += 1
                chosen = name.with_name(f"{name.name}-{number}")
            given.add(_key(chosen))
            self._names[index] = chosen

    def save(self, index: int, path: Path, finding: dict[str, Any]) -> None:
        """Writes what was found in the image at this place of the list.

        Raises:
            OSError: it cannot be written.
        """
        import orjson

        from openrek.function.processed_image import FileOriginal, process

        name = self._made(index)
        annotated = name.with_name(f"{name.name}.annotated.jpg")
        annotated.write_bytes(process(FileOriginal(path.read_bytes()), finding).annotated)
        _result(name).write_bytes(orjson.dumps({"path": spelt(path)} | finding, option=orjson.OPT_INDENT_2))

    def save_video(self, index: int, path: Path, finding: dict[str, Any], sheet: "ContactSheet") -> None:
        """Writes what was found in the video at this place of the list, its poster, contact sheet and thumbnails.

        Raises:
            OSError: it cannot be written.
        """
        from urllib.parse import quote

        import orjson
        from PIL import Image

        name = self._made(index)
        poster, contact, thumbnails = _video_files(name)
        if sheet.poster is not None:
            Image.fromarray(sheet.poster).save(poster, "JPEG", quality=_POSTER_QUALITY)
            Image.fromarray(sheet.sheet()).save(contact, "JPEG", quality=_POSTER_QUALITY)
        end_ms = finding["video"]["DurationMillis"]
        thumbnails.write_text(sheet.webvtt(quote(spelt(Path(contact.name))), end_ms), encoding="utf-8")
        _result(name).write_bytes(orjson.dumps({"path": spelt(path)} | finding, option=orjson.OPT_INDENT_2))

    def _made(self, index: int) -> Path:
        name = self._names[index]
        name.parent.mkdir(parents=True, exist_ok=True)
        return name


def spelt(path: Path) -> str:
    """The path as text; bytes of a file name that are not UTF-8 become the replacement character."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _result(name: Path) -> Path:
    return name.with_name(f"{name.name}.json")


def _video_files(name: Path) -> tuple[Path, Path, Path]:
    endings = ("poster.jpg", "contact.jpg", "thumbnails.vtt")
    poster, contact, thumbnails = (name.with_name(f"{name.name}.{ending}") for ending in endings)
    return poster, contact, thumbnails


def _hits(name: Path, originals: set[Path]) -> bool:
    written = (_result(name), name.with_name(f"{name.name}.annotated.jpg"), *_video_files(name))
    return any(file.resolve() in originals for file in written)


def _key(name: Path) -> str:
    """Equal for names that some file systems take for the same."""
    return str(name).casefold()
