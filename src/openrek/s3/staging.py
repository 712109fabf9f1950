"""Files that are written before they become objects, in a folder beside the buckets.

A writer holds a lock on its file for as long as it lives. So the next sweep can distinguish files that a killed process
left behind from those being written, and removes them.
"""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from openrek.s3.durable import write_durably, writing

FOLDER = ".staged"
_FACTS = ".facts"
# Where files cannot be locked (Windows), one this old is taken for abandoned.
_ABANDONED_SECONDS = 24 * 3600

if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        return False

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        """Whether the file is locked now, by this descriptor."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class StagedFile:
    """A new file. As a context manager it removes what was not moved to its place."""

    def __init__(self, folder: Path) -> None:
        with writing("the object"):
            folder.mkdir(parents=True, exist_ok=True)
            self.path = folder / secrets.token_hex(16)
            self._file = self.path.open("xb", buffering=0)
            _lock(self._file.fileno())
        self.size_bytes = 0

    def write(self, data: bytes | memoryview) -> None:
        """Appends bytes.

        Raises:
            StorageFullError: the disk is full, or a limit of the process is reached.
        """
        rest = memoryview(data)
        with writing("the object"):
            while rest:
                rest = rest[self._file.write(rest) :]
        self.size_bytes += len(data)

    def append(self, path: Path) -> None:
        """Appends a file's bytes; on Linux they do not pass through this process."""
        with path.open("rb") as source, writing("the object"):
            left = os.fstat(source.fileno()).st_size
            while left and hasattr(os, "copy_file_range"):
                try:
                    copied = os.copy_file_range(source.fileno(), self._file.fileno(), left)
                except OSError:  # other file system, or an old kernel: as everywhere else
                    break
                if not copied:
                    break
                left -= copied
                self.size_bytes += copied
        if left:
            self._append_slowly(path, left)

    def _append_slowly(self, path: Path, left: int) -> None:
        with path.open("rb") as source:
            source.seek(-left, os.SEEK_END)
            while chunk := source.read(1 << 20):
                self.write(chunk)

    def chunks(self) -> Iterator[bytes]:
        """What was written so far."""
        with self.path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk

    def finish(self, modified_us: int) -> os.stat_result:
        """Makes the content durable and sets its time, in microseconds since 1970; the file's status then."""
        with writing("the object"):
            os.utime(self.path, ns=(modified_us * 1000, modified_us * 1000))
            os.fsync(self._file.fileno())
            return os.fstat(self._file.fileno())

    def write_facts(self, document: bytes) -> Path:
        """A second file that goes with this one, durable."""
        path = self.path.with_suffix(_FACTS)
        with writing("the object"):
            write_durably(path, document)
        return path

    def close(self) -> None:
        """Removes the file, if it is still here."""
        try:
            for path in (self.path.with_suffix(_FACTS), self.path):
                with contextlib.suppress(OSError):
                    path.unlink()
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sweep(root: Path) -> int:
    """Removes files that no living process writes; returns how many.

    Args:
        root: The folder of the buckets.
    """
    removed = 0
    # Facts after the contents that they go with.
    for path in sorted((root / FOLDER).glob("*"), key=lambda path: path.suffix == _FACTS):
        if path.suffix == _FACTS and path.with_suffix("").exists():
            continue
        with contextlib.suppress(OSError), path.open("rb") as file:
            old = sys.platform == "win32" and path.stat().st_mtime < time.time() - _ABANDONED_SECONDS
            if _lock(file.fileno()) or old:
                path.unlink()
                removed += 1
    return removed
