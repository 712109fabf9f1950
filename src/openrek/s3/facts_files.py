"""Facts of local objects: a small file for each object, beside the buckets.

The file's name holds the version of the content that it describes: its time and size. It is written before that content
takes its place, so there is never an object without its facts, nor one with those of another version.
"""

import hashlib
import os
import shutil
from pathlib import Path

from openrek.s3.durable import sync_folder, writing
from openrek.s3.facts import Facts

_FOLDER = ".facts"


def version_of(modified_us: int, size_bytes: int) -> str:
    """The version of a content.

    Args:
        modified_us: Microseconds since 1970. Writers take care that no two contents of a key have the same.
        size_bytes: Of the content.
    """
    return f"{modified_us:x}-{size_bytes:x}"


class FactsFiles:
    """Facts by bucket, key and version.

    Args:
        root: The folder of the buckets.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / _FOLDER

    def place(self, draft: Path, bucket: str, key: str, version: str) -> None:
        """Moves a durable file with `Facts.write` to its place, durably."""
        path = self._path(bucket, key, version)
        with writing("the object"):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                sync_folder(path.parent.parent)
            draft.replace(path)
            sync_folder(path.parent)

    def read(self, bucket: str, key: str, version: str) -> Facts | None:
        """The facts; None if there are none of this version, or they are damaged."""
        try:
            return Facts.read(self._path(bucket, key, version).read_bytes())
        except (OSError, ValueError):
            return None

    def remove(self, bucket: str, key: str, version: str) -> None:
        """Removes the facts, if there are any."""
        self._path(bucket, key, version).unlink(missing_ok=True)

    def forget(self, bucket: str) -> None:
        """Removes the facts of a bucket's objects."""
        shutil.rmtree(self._folder / bucket, ignore_errors=True)

    def _path(self, bucket: str, key: str, version: str) -> Path:
        name = hashlib.blake2b(key.encode(), digest_size=20).hexdigest()
        return self._folder / bucket / name[:2] / f"{name[2:]}.{version}"


def version_of_file(status: os.stat_result) -> str:
    """The version of a file's content."""
    return version_of(status.st_mtime_ns // 1000, status.st_size)
