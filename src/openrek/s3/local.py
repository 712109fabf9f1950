"""Objects in a local folder."""

from pathlib import Path

from obstore.store import LocalStore

from openrek.errors import InvalidS3ObjectException
from openrek.s3.kept import KeptObjects
from openrek.s3.names import check_bucket
from openrek.s3.storage import StoredObject


class LocalObjectStore(KeptObjects):
    """Objects as files below `root/<bucket>/`: a write is a rename, so it is whole or absent."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stores: dict[str, LocalStore] = {}

    def create_bucket(self, bucket: str) -> None:
        """Makes the bucket if it is not there."""
        (self._root / check_bucket(bucket)).mkdir(parents=True, exist_ok=True)

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
            folder = self._root / check_bucket(bucket)
            if not folder.is_dir():
                raise InvalidS3ObjectException(f"there is no bucket {bucket!r}")
            store = self._stores[bucket] = LocalStore(folder, automatic_cleanup=True)
        return store
