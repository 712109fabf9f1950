"""Objects in a local folder."""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from obstore.store import LocalStore

from openrek.errors import BucketNotFoundError, InternalError, ObjectNotFoundError, ObjectNotReadableError
from openrek.s3.bucket_settings import BucketSettings
from openrek.s3.durable import sync_folder, writing
from openrek.s3.facts import Facts
from openrek.s3.facts_files import FactsFiles, version_of, version_of_file
from openrek.s3.folders import make_folders, move_new, remove_empty, remove_empty_above
from openrek.s3.listing import page_of
from openrek.s3.names import check_bucket, check_key
from openrek.s3.obstore_reader import ObstoreReader
from openrek.s3.paths import path_of
from openrek.s3.staging import FOLDER as STAGING
from openrek.s3.staging import StagedFile, sweep
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStream, StoredObject
from openrek.s3.walk import Entry, has_object, walk

NO_VERSION = "null"
"""What S3 calls the version of an object that has none."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# How often an object may be replaced, or a folder removed, while it is looked at.
_TRIES = 100

Condition = Callable[[ObjectInfo | None], None]
"""Called with the object that is there, if any; raises to keep it."""


class LocalObjectStore(ObstoreReader):
    """Objects as files below `root/<bucket>/`. A write is durable and a rename, so an object is whole or absent.

    Its facts, in `root/.facts/`, are there before it is. Thread-safe; processes may share the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = BucketSettings(root)
        self._facts = FactsFiles(root)
        self._stores: dict[str, LocalStore] = {}
        # A writer of "a/b" may move what a writer of "a" has just written.
        self._writing = Lock()
        self._last_us = 0

    def create_bucket(self, bucket: str) -> None:
        """Makes the bucket if it does not exist."""
        with writing(f"the bucket {bucket!r}"):
            self.root.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                (self.root / check_bucket(bucket)).mkdir()
                self.settings.reset(bucket, created_at=datetime.now(UTC).isoformat(timespec="seconds"))
                sync_folder(self.root)

    def buckets(self) -> list[tuple[str, datetime]]:
        """Names and creation times of all buckets, by name."""
        folders = (path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))
        return sorted((path.name, self._created_at(path)) for path in folders)

    def check(self) -> None:
        """Returns if objects can be written.

        Raises:
            RuntimeError: they cannot; the message has the reason.
        """
        try:
            with self.stage() as staged:
                staged.write(b"openrek")
                staged.finish(self._next_us())
        except InternalError as error:
            raise RuntimeError(f"Objects cannot be stored in {self.root}: {error.message}") from None

    def sweep(self) -> int:
        """Removes what killed processes had not finished to write; returns how many files."""
        return sweep(self.root)

    def _created_at(self, folder: Path) -> datetime:
        created = self.settings.get(folder.name, "created_at")
        if isinstance(created, str):
            return datetime.fromisoformat(created)
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)  # a bucket of an earlier release

    def has(self, bucket: str) -> bool:
        """Whether the bucket exists."""
        return (self.root / check_bucket(bucket)).is_dir()

    def delete_bucket(self, bucket: str) -> bool:
        """Removes an empty bucket with its settings; False, and nothing done, if it holds an object.

        Only empty folders are removed, so an object that is put meanwhile, by whomever, is never lost.
        """
        folder = self.root / check_bucket(bucket)
        with self._writing:
            if has_object(str(folder)) or not remove_empty(folder):
                return False
            self._stores.pop(bucket, None)
            self.settings.forget(bucket)
            self._facts.forget(bucket)
            sync_folder(self.root)
        return True

    def stage(self) -> StagedFile:
        """A file for the content of an object to be: see `commit`."""
        return StagedFile(self.root / STAGING)

    def commit(
        self,
        staged: StagedFile,
        bucket: str,
        key: str,
        facts: Facts | None = None,
        *,
        create: bool = False,
        condition: Condition | None = None,
    ) -> ObjectInfo:
        """Makes a staged file an object, durably and together with its facts.

        Args:
            staged: Its content; the file is gone afterwards.
            bucket: See PutObject.put, also for the rest and for what is raised.
            key: Of the object.
            facts: What is declared of it.
            create: Do not replace an existing object.
            condition: Called with the object to be replaced, or None, under the lock of all writers.
        """
        folder = self._folder(bucket)
        path_of(check_key(key), beside_folder=True)
        modified_us = self._next_us()
        version = version_of(modified_us, staged.size_bytes)
        status = staged.finish(modified_us)
        if facts is not None:
            self._facts.place(staged.write_facts(facts.write()), bucket, key, version)
        try:
            with self._writing, writing(f"{bucket}/{key[:200]}"):
                before = self._info(bucket, key)
                if condition is not None:
                    condition(before)
                path = self._place(staged.path, bucket, key, create)
        except BaseException:
            self._facts.remove(bucket, key, version)
            raise
        sync_folder(path.parent if path.parent.is_dir() else folder)
        if before is not None and (old := version_of_info(before)) != version:
            self._facts.remove(bucket, key, old)
        modified_at = _EPOCH + timedelta(microseconds=modified_us)
        return ObjectInfo(key, staged.size_bytes, modified_at, facts or _default_facts(key, status))

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """See PutObject.put."""
        self._path(bucket, key)
        with self.stage() as staged:
            staged.write(data)
            return self.commit(staged, bucket, key, facts, create=create).etag

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """See PutStream.put_stream."""
        self._path(bucket, key)
        with self.stage() as staged:
            for chunk in chunks:
                staged.write(chunk)
            return self.commit(staged, bucket, key, facts).etag

    def set_facts(self, bucket: str, key: str, change: Callable[[Facts], Facts]) -> Facts:
        """Changes what is known of an object, durably, and leaves its content and time as they are.

        Raises:
            ObjectNotFoundError: there is no such object.
        """
        with self._writing, self.stage() as staged:
            info = self.head(bucket, key)
            facts = change(info.facts)
            self._facts.place(staged.write_facts(facts.write()), bucket, key, version_of_info(info))
        return facts

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See DeleteObjects.delete."""
        self.delete_if(bucket, keys, None)

    def delete_if(self, bucket: str, keys: Iterable[str], condition: Condition | None) -> None:
        """As `delete`; `condition` may refuse each, see `commit`."""
        folder = self._folder(bucket)
        changed: set[Path] = set()
        with self._writing, writing(f"the bucket {bucket!r}"):
            for key in keys:
                info = self._info(bucket, check_key(key))
                if condition is not None:
                    condition(info)
                if info is None:
                    continue
                path = folder / self._path(bucket, key)
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
                self._facts.remove(bucket, key, version_of_info(info))
                changed.add(remove_empty_above(path, folder))
        for each in changed:
            sync_folder(each)

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See DeleteObjects.delete_version."""
        raise ObjectNotReadableError(f"Bucket {bucket!r} keeps no versions, so none of {key[:200]!r} can be deleted.")

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See HeadObject.head."""
        self._folder(bucket)
        info = self._info(bucket, check_key(key))
        if info is None:
            raise ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}")
        return info

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See GetObject.get; there are no versions here, but S3 calls the one of an object without any "null"."""
        _check_version(bucket, key, version)
        return super().get(bucket, key, max_bytes=max_bytes)

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """See OpenObject.open, and `get` for versions."""
        _check_version(bucket, key, version)
        return super().open(bucket, key, start=start, end=end)

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """See ListObjects.list_page."""
        entries = walk(self._folder(bucket), prefix, after, collapse=delimiter == "/", batch=2 * limit)
        return page_of(self._described(bucket, entries), prefix, after, delimiter, limit)

    def entries(self, bucket: str, prefix: str) -> list[ObjectInfo]:
        """All objects whose keys begin with the prefix, ascending."""
        described = self._described(bucket, walk(self._folder(bucket), prefix))
        return [info for _, info in described if info is not None]

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ListObjects.keys."""
        return [entry.text for entry in walk(self._folder(bucket), prefix)]

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ListObjects.folders."""
        entries = walk(self._folder(bucket), prefix, collapse=True)
        return [entry.text[len(prefix) : -1] for entry in entries if entry.is_folder]

    def _described(self, bucket: str, entries: Iterable[Entry]) -> Iterator[tuple[str, ObjectInfo | None]]:
        for entry in entries:
            if entry.is_folder:
                yield entry.text, None
            elif (info := self._info_at(bucket, entry.text, entry.path)) is not None:
                yield entry.text, info

    def _info(self, bucket: str, key: str) -> ObjectInfo | None:
        return self._info_at(bucket, key, self.root / bucket / self._path(bucket, key))

    def _info_at(self, bucket: str, key: str, path: str | Path) -> ObjectInfo | None:
        """An object with the facts of the very content that is there; None if there is none."""
        for _ in range(_TRIES):
            status = _status(path)
            if status is None:
                return None
            facts = self._facts.read(bucket, key, version_of_file(status))
            # Facts are removed once another content is there: without any, look again.
            if facts is None and (now := _status(path)) != status:
                if now is None:
                    return None
                continue
            modified_at = _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
            return ObjectInfo(key, status.st_size, modified_at, facts or _default_facts(key, status))
        raise InternalError(f"{bucket}/{key[:200]} is replaced too often to be read")

    def _read_facts(self, bucket: str, key: str, info: ObjectInfo) -> Facts | None:
        facts = self._facts.read(bucket, key, version_of_info(info))
        if facts is not None:
            return facts
        now = self._info(bucket, key)
        return info.facts if now is not None and version_of_info(now) == version_of_info(info) else None

    def _path(self, bucket: str, key: str) -> str:
        """Where the object is, or would be: beside the folder of its path, if there is one."""
        folder, plain = self.root / bucket, path_of(check_key(key))
        if (folder / plain).is_file():
            return plain
        beside = path_of(key, beside_folder=True)
        return beside if (folder / plain).is_dir() or (folder / beside).is_file() else plain

    def _is_there(self, bucket: str, key: str) -> bool:
        return (self.root / check_bucket(bucket) / self._path(bucket, key)).is_file()

    def _unreadable(self, bucket: str, key: str, error: Exception) -> ObjectNotReadableError:
        # What is below an object's file is an error of the file system's own.
        return super()._unreadable(bucket, key, error if self._is_there(bucket, key) else FileNotFoundError())

    def _place(self, staged: Path, bucket: str, key: str, create: bool) -> Path:
        """Moves a file to where its object belongs."""
        folder = self.root / bucket
        for _ in range(_TRIES):
            path = folder / self._path(bucket, key)
            try:
                make_folders(path.parent, folder)
                if create:
                    move_new(staged, path)
                else:
                    staged.replace(path)
            except FileNotFoundError:
                self._folder(bucket)  # an empty folder was removed; perhaps the bucket itself
            except (NotADirectoryError, IsADirectoryError):
                self._make_room(bucket, key)
            else:
                return path
        raise InternalError(f"{bucket}/{key[:200]} could not be written: its folder is removed again and again")

    def _make_room(self, bucket: str, key: str) -> None:
        """Moves the object whose file is where the key needs a folder."""
        segments, folder = key.split("/"), self.root / bucket
        for end in range(1, len(segments)):
            above = "/".join(segments[:end])
            file = folder / path_of(above)
            if file.is_file():
                file.rename(folder / path_of(above, beside_folder=True))
                return

    def _next_us(self) -> int:
        """The present in microseconds, later than any before: it distinguishes contents of the same size."""
        with self._writing:
            self._last_us = max(time.time_ns() // 1000, self._last_us + 1)
            return self._last_us

    def _folder(self, bucket: str) -> Path:
        folder = self.root / check_bucket(bucket)
        if not folder.is_dir():
            raise BucketNotFoundError(f"there is no bucket {bucket!r}")
        return folder

    def _store(self, bucket: str) -> LocalStore:
        folder = self._folder(bucket)
        store = self._stores.get(bucket)
        if store is None:
            store = self._stores[bucket] = LocalStore(folder)
        return store


def version_of_info(info: ObjectInfo) -> str:
    """The version of an object's content, as its facts are named by."""
    return version_of((info.modified_at - _EPOCH) // _MICROSECOND, info.size_bytes)


def _default_facts(key: str, status: os.stat_result) -> Facts:
    """Of an object of which nothing was declared. Its ETag is obstore's."""
    etag = f"{status.st_ino:x}-{status.st_mtime_ns // 1000:x}-{status.st_size:x}"
    return Facts(etag, ObjectInfo.type_of(key))


def _check_version(bucket: str, key: str, version: str | None) -> None:
    if version and version != NO_VERSION:
        raise ObjectNotReadableError(
            f"bucket {bucket!r} keeps no versions, so there is no version {version[:80]!r} of {key[:200]!r}"
        )


def _status(path: str | Path) -> os.stat_result | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - a listing does this for every key
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if stat.S_ISDIR(status.st_mode) else status
