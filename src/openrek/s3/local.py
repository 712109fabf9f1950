"""Objects in a local folder."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import obstore
from obstore.store import LocalStore

from openrek.errors import InvalidS3ObjectException
from openrek.s3.kept import KeptObjects
from openrek.s3.names import check_bucket
from openrek.s3.storage import ObjectInfo, StoredObject


class LocalObjectStore(KeptObjects):
    """Objects as files below `root/<bucket>/`: a write is a rename, so it is whole or absent."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stores: dict[str, LocalStore] = {}

    def create_bucket(self, bucket: str) -> None:
        """Makes the bucket if it is not there."""
        (self.root / check_bucket(bucket)).mkdir(parents=True, exist_ok=True)

    def buckets(self) -> list[tuple[str, datetime]]:
        """Names and times of creation of all buckets, by name."""
        folders = (path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))
        return sorted((path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for path in folders)

    def has(self, bucket: str) -> bool:
        """Whether there is this bucket."""
        return (self.root / check_bucket(bucket)).is_dir()

    def delete_bucket(self, bucket: str) -> bool:
        """Removes the bucket with its empty folders; False, and nothing done, if it holds an object."""
        if self.entries(bucket, ""):
            return False
        self._stores.pop(bucket, None)
        shutil.rmtree(self.root / check_bucket(bucket))
        return True

    def entries(self, bucket: str, prefix: str) -> list[ObjectInfo]:
        """All objects whose keys begin with the prefix, in the order of their keys' UTF-8 bytes."""
        folder = prefix.rpartition("/")[0]
        found = [
            ObjectInfo(meta["path"], meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])
            for page in obstore.list(self._store(bucket), folder or None)
            for meta in page
            if meta["path"].startswith(prefix)
        ]
        return sorted(found, key=lambda info: info.key.encode())

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get; there are no versions here."""
        if version:
            raise InvalidS3ObjectException(
                f"bucket {bucket!r} keeps no versions, so there is no version {version[:80]!r} of {key[:200]!r}"
            )
        return super().get(bucket, key, max_bytes=max_bytes)

    def _store(self, bucket: str) -> LocalStore:
        store = self._stores.get(bucket)
        if store is None:
            folder = self.root / check_bucket(bucket)
            if not folder.is_dir():
                raise InvalidS3ObjectException(f"there is no bucket {bucket!r}")
            store = self._stores[bucket] = LocalStore(folder, automatic_cleanup=True)
        return store
