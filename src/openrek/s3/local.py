"""Objects in a local folder."""

import contextlib
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import obstore
from obstore.store import LocalStore

from openrek.errors import BucketNotFoundError, InternalError, ObjectNotReadableError
from openrek.s3.bucket_settings import BucketSettings
from openrek.s3.names import check_bucket, check_key
from openrek.s3.obstore_store import ObstoreObjectStore
from openrek.s3.paths import is_whole, key_of, path_of
from openrek.s3.storage import ObjectInfo, StoredObject

NO_VERSION = "null"
"""What S3 calls the version of an object that has none."""


class LocalObjectStore(ObstoreObjectStore):
    """Objects as files below `root/<bucket>/`: a write is a rename, so it is whole or absent."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = BucketSettings(root)
        self._stores: dict[str, LocalStore] = {}
        # A writer of "a/b" may move what a writer of "a" has just written.
        self._writing = Lock()

    def create_bucket(self, bucket: str) -> None:
        """Makes the bucket if it does not exist."""
        self.root.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (self.root / check_bucket(bucket)).mkdir()
            self.settings.reset(bucket, created_at=datetime.now(UTC).isoformat(timespec="seconds"))

    def buckets(self) -> list[tuple[str, datetime]]:
        """Names and creation times of all buckets, by name."""
        folders = (path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))
        return sorted((path.name, self._created_at(path)) for path in folders)

    def _created_at(self, folder: Path) -> datetime:
        created = self.settings.get(folder.name, "created_at")
        if isinstance(created, str):
            return datetime.fromisoformat(created)
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC)  # a bucket of an earlier release

    def has(self, bucket: str) -> bool:
        """Whether there is this bucket."""
        return (self.root / check_bucket(bucket)).is_dir()

    def delete_bucket(self, bucket: str) -> bool:
        """Removes the bucket with its empty folders; False, and nothing done, if it holds an object."""
        if self.entries(bucket, ""):
            return False
        self._stores.pop(bucket, None)
        shutil.rmtree(self.root / check_bucket(bucket))
        self.settings.forget(bucket)
        return True

    def entries(self, bucket: str, prefix: str) -> list[ObjectInfo]:
        """All objects whose keys begin with the prefix, in the order of their keys' UTF-8 bytes."""
        folder, slash, _ = prefix.rpartition("/")
        found = [
            ObjectInfo(key, meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])
            for page in obstore.list(self._store(bucket), path_of(folder) if slash else None)
            for meta in page
            if (key := key_of(meta["path"])).startswith(prefix)
        ]
        return sorted(found, key=lambda info: info.key.encode())

    def put(
        self, bucket: str, key: str, data: bytes, *, create: bool = False, said: Mapping[str, str] | None = None
    ) -> None:
        """See ObjectStore.put; files say nothing of themselves."""
        with self._writing:
            try:
                super().put(bucket, key, data, create=create)
            except InternalError:
                if not self._makes_room(bucket, key):
                    raise
                super().put(bucket, key, data, create=create)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        with self._writing:
            super().delete(bucket, [key for key in keys if self._is_there(bucket, key)])

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get; there are no versions here, but S3 calls the one of an object without any "null"."""
        if version and version != NO_VERSION:
            raise ObjectNotReadableError(
                f"bucket {bucket!r} keeps no versions, so there is no version {version[:80]!r} of {key[:200]!r}"
            )
        return super().get(bucket, key, max_bytes=max_bytes)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        return sorted(info.key for info in self.entries(bucket, prefix))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        folder = path_of(prefix.rstrip("/")) if prefix else None
        found = obstore.list_with_delimiter(self._store(bucket), folder)["common_prefixes"]
        if not all(map(is_whole, found)):
            rest = (key.removeprefix(prefix) for key in self.keys(bucket, prefix))
            return sorted({key.partition("/")[0] for key in rest if "/" in key})
        return sorted(key_of(path).rpartition("/")[2] for path in found)

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

    def _makes_room(self, bucket: str, key: str) -> bool:
        """Moves the object whose file is where the key needs a folder; False if there is none."""
        segments, folder = key.split("/"), self.root / bucket
        for end in range(1, len(segments)):
            above = "/".join(segments[:end])
            file = folder / path_of(above)
            if file.is_file():
                file.rename(folder / path_of(above, beside_folder=True))
                return True
        return False

    def _store(self, bucket: str) -> LocalStore:
        store = self._stores.get(bucket)
        if store is None:
            folder = self.root / check_bucket(bucket)
            if not folder.is_dir():
                raise BucketNotFoundError(f"there is no bucket {bucket!r}")
            store = self._stores[bucket] = LocalStore(folder, automatic_cleanup=True)
        return store
