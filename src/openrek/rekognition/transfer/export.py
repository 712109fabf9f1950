"""Export of a collection into a file.

What is deleted while the export runs is not in the file: rows are read in batches, the file is written under another
name, and before it gets its own, whatever was deleted since is taken out again. The last check and the renaming are one
transaction that deletions wait for.
"""

import os
from array import array
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import orjson

from openrek.rekognition.transfer.collection_file import FaceRecord, Header, UserRecord, footer_line
from openrek.rekognition.transfer.parquet_file import SUFFIX, require_pyarrow, write_parquet
from openrek.state.collections import Collection
from openrek.state.transfers import Removals

if TYPE_CHECKING:
    from openrek.state import Repositories

_USERS = 1000
_REPORTED = 1000
Progress = Callable[[int], None]
"""Called with the number of faces written so far."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in a file."""

    faces: int
    users: int


def export_collection(
    resources: "Repositories", name: str, path: Path, progress: Progress = lambda _: None
) -> Exported:
    """Write a collection with its users and vectors.

    Args:
        resources: Repositories of the collection.
        name: The collection's.
        path: Of the file; an existing one is replaced once the export is complete.
        progress: Called from time to time.

    Raises:
        ConflictError: The export took more than a day.
        OSError: The file cannot be written.
        ParquetNotInstalledError: pyarrow is not installed.
        ResourceNotFoundError: The collection does not exist, or was deleted meanwhile.
    """
    collection = resources.collections.get(name)
    partial, table = (path.with_name(f"{path.name}.{kind}") for kind in ("partial", "table"))
    is_table = path.suffix == SUFFIX
    if is_table:
        require_pyarrow()
    try:
        with _Body(partial, collection) as body:
            body.write(resources, progress)
            while True:
                body.drop(resources.transfers.removed_since(collection))
                exported = body.finish()
                if is_table:
                    _create(table).close()
                    write_parquet(partial, table)
                with resources.transfers.unchanging(collection) as connection:
                    if body.has_dropped(resources.transfers.removed_since(collection, connection)):
                        (table if is_table else partial).replace(path)
                        return exported
    finally:
        partial.unlink(missing_ok=True)
        table.unlink(missing_ok=True)


class _Body:
    """The file under its other name: a header, a line each user and face, and in the end a footer.

    Args:
        path: Of the file.
        collection: As it was when the export began.
    """

    def __init__(self, path: Path, collection: Collection) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._collection = collection
        self._file = _create(path)
        self._users = array("q")
        self._faces = array("q")
        self._dropped = Removals(frozenset(), frozenset())
        self._end = 0

    def write(self, resources: "Repositories", progress: Progress) -> None:
        """Write all users, then all faces, in batches."""
        collection, created_at = self._collection, self._collection.created_at.isoformat()
        header = Header(collection.name, collection.model, created_at, datetime.now(UTC).isoformat())
        self._file.write(header.as_line())
        while users := resources.users.page(collection, self._users[-1] if self._users else 0, _USERS):
            for user in users:
                self._users.append(user.number)
                self._file.write(UserRecord(user.id).as_line())
        for face, vector in resources.faces.all(collection):
            self._faces.append(face.number)
            self._file.write(FaceRecord.of(face, vector).as_line())
            if len(self._faces) % _REPORTED == 0:
                progress(len(self._faces))
        self._end = self._file.tell()

    def drop(self, removed: Removals) -> None:
        """Take the lines of removed users and faces out."""
        if removed != self._dropped:
            self._rewrite(removed)
            self._dropped = removed

    def has_dropped(self, removed: Removals) -> bool:
        """Whether exactly these are out."""
        return removed == self._dropped

    def finish(self) -> Exported:
        """Write the footer, and everything to the disk."""
        exported = Exported(len(self._faces), len(self._users))
        self._file.seek(self._end)
        self._file.truncate()
        self._file.write(footer_line(exported.faces, exported.users))
        self._file.flush()
        os.fsync(self._file.fileno())
        return exported

    def _rewrite(self, removed: Removals) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        old, self._file = self._file, _create(new)
        with old:
            old.seek(0)
            self._file.write(old.readline())
            names: set[str] = set()
            users, faces = array("q"), array("q")
            for number in self._users:
                line = old.readline()
                if number in removed.users:
                    names.add(orjson.loads(line)["user_id"])
                else:
                    users.append(number)
                    self._file.write(line)
            for number in self._faces:
                line = old.readline()
                if number not in removed.faces:
                    faces.append(number)
                    self._file.write(_without_users(line, names) if names else line)
        new.replace(self._path)
        self._users, self._faces, self._end = users, faces, self._file.tell()

    def __enter__(self) -> "_Body":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.with_name(f"{self._path.name}.new").unlink(missing_ok=True)


def _without_users(line: bytes, names: Container[str]) -> bytes:
    """The line of a face; without its user, if that is one of these."""
    fields = orjson.loads(line)
    if fields.get("user_id") not in names:
        return line
    del fields["user_id"]
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _create(path: Path) -> BufferedRandom:
    """An empty file that only its owner can read: vectors are biometric data."""
    return open(os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b")  # noqa: PTH123
