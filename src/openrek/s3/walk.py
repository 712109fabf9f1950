"""The keys below a folder in the order of their UTF-8 bytes, read no further than they are needed."""

import heapq
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openrek.errors import ObjectNotReadableError
from openrek.s3.paths import is_leftover, path_of, segment_of


class Entry(NamedTuple):
    """A key with its file, or the beginning of keys with its folder."""

    text: str
    """The key; of a folder, all that its keys begin with, up to the last "/"."""
    path: str
    is_folder: bool


class _Wanted(NamedTuple):
    """What is listed; see `walk`."""

    prefix: str
    after: str
    collapse: bool
    batch: int | None

    def includes(self, entry: Entry) -> bool:
        """Whether an entry is a key of the listing, or may hold some."""
        if not entry.is_folder:
            return entry.text.startswith(self.prefix) and entry.text > self.after
        if not entry.text.startswith(self.prefix) and not self.prefix.startswith(entry.text):
            return False
        return entry.text > self.after or self.after.startswith(entry.text)


def walk(
    bucket: Path, prefix: str, after: str = "", *, collapse: bool = False, batch: int | None = None
) -> Iterator[Entry]:
    """Keys that begin with a prefix and come behind `after`, ascending.

    Args:
        bucket: The bucket's folder.
        prefix: Any beginning of keys.
        after: A key or the beginning of keys.
        collapse: Give folders right below the prefix instead of the keys in them.
        batch: So many names of a folder are held at once, and the folder is read again for the next; None to hold all.
    """
    base, slash, _ = prefix.rpartition("/")
    try:
        folder = bucket / path_of(base) if slash else bucket
    except ObjectNotReadableError:
        return iter(())  # longer than any key that is kept
    return _walk(str(folder), base + slash, _Wanted(prefix, after, collapse, batch))


def has_object(folder: str) -> bool:
    """Whether a folder, or one below it, holds an object."""
    try:
        with os.scandir(folder) as names:
            folders = []
            for name in names:
                if name.is_dir():
                    folders.append(name.path)
                elif not is_leftover(name.name):
                    return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return any(map(has_object, folders))


def _walk(folder: str, base: str, wanted: _Wanted) -> Iterator[Entry]:
    for entry in _ordered(folder, base, wanted):
        if not entry.is_folder:
            yield entry
        elif not (wanted.collapse and entry.text.startswith(wanted.prefix)):
            yield from _walk(entry.path, entry.text, wanted)
        elif entry.text > wanted.after and has_object(entry.path):
            yield entry


def _ordered(folder: str, base: str, wanted: _Wanted) -> Iterator[Entry]:
    """A folder's entries, ascending, as far as they are or hold keys of the listing."""
    last = ""
    while True:
        entries = (entry for entry in _entries(folder, base) if entry.text > last and wanted.includes(entry))
        if wanted.batch is None:
            yield from sorted(entries)
            return
        batch = heapq.nsmallest(wanted.batch, entries)
        yield from batch
        if len(batch) < wanted.batch:
            return
        last = batch[-1].text


def _entries(folder: str, base: str, held: str = "") -> Iterator[Entry]:
    """A folder's entries in no order; those of long segments from the folders below."""
    try:
        names = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with names:
        for name in names:
            segment, pieces = segment_of(name.name, held)
            if segment is None:
                yield from _entries(name.path, base, pieces)
            elif (is_folder := name.is_dir()) or not is_leftover(name.name):
                text = f"{base}{segment}/" if is_folder else base + segment
                if text.isprintable() or _is_text(text):
                    yield Entry(text, name.path, is_folder)


def _is_text(name: str) -> bool:
    """Whether a name is text: one that other hands gave a file may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
