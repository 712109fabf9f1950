"""Where `openrek analyze --save` writes."""

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any

IMAGES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
"""File extensions that are analysed in folders."""


def find(paths: Iterable[Path]) -> Iterator[tuple[Path, PurePath]]:
    """Each image that is named or lies in a named folder, and its path inside that."""
    for path in paths:
        if path.is_dir():
            files = (file for file in _files_in(path) if file.suffix.lower() in IMAGES)
            yield from ((file, file.relative_to(path)) for file in files)
        else:
            yield path, PurePath(path.name)


def skipped(paths: Iterable[Path]) -> list[Path]:
    """The files in named folders that are not analysed because of their endings; hidden files are not counted."""
    files = (file for path in paths if path.is_dir() for file in _files_in(path))
    return [file for file in files if file.suffix.lower() not in IMAGES and not file.name.startswith(".")]


def _files_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


class Outcomes:
    """A folder with `<name>.json` and `<name>.annotated.jpg` of each image, in folders like those of the images.

    A second image of the same name gets "-2" and so on. No image is written over; what an earlier run wrote of the
    same images is.
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

        name = self._names[index]
        name.parent.mkdir(parents=True, exist_ok=True)
        annotated, result = _files(name)
        annotated.write_bytes(process(FileOriginal(path.read_bytes()), finding).annotated)
        result.write_bytes(orjson.dumps({"path": spelt(path)} | finding, option=orjson.OPT_INDENT_2))


def spelt(path: Path) -> str:
    """The path as text; bytes of a file name that are not UTF-8 become the replacement character."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _files(name: Path) -> tuple[Path, Path]:
    return name.with_name(f"{name.name}.annotated.jpg"), name.with_name(f"{name.name}.json")


def _hits(name: Path, originals: set[Path]) -> bool:
    return any(file.resolve() in originals for file in _files(name))


def _key(name: Path) -> str:
    """Equal for names that some file systems take for the same."""
    return str(name).casefold()
