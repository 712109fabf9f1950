"""Objects in memory, for a process that keeps nothing."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from openrek.errors import ObjectNotFoundError, ObjectNotReadableError, ObjectTooLargeError
from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import ObjectInfo, StoredObject


class MemoryObjectStore:
    """An ObjectStore whose buckets exist as soon as they are named, and end with it. Safe to share between threads."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], StoredObject] = {}

    def put(
        self, bucket: str, key: str, data: bytes, *, create: bool = False, said: Mapping[str, str] | None = None
    ) -> None:
        """See ObjectStore.put."""
        info = ObjectInfo(key, len(data), hashlib.blake2b(data, digest_size=16).hexdigest(), datetime.now(UTC))
        stored, place = StoredObject(info, data, said or {}), (check_bucket(bucket), check_key(key))
        if not create:
            self._objects[place] = stored
        elif self._objects.setdefault(place, stored) is not stored:
            raise FileExistsError(f"{bucket}/{key} exists")

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get; there are no versions here."""
        stored = None if version else self._objects.get((bucket, key))
        if stored is None:
            raise ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}")
        if max_bytes is not None and stored.info.size_bytes > max_bytes:
            raise ObjectTooLargeError(
                f"{bucket}/{key} has {stored.info.size_bytes:,} bytes; at most {max_bytes:,} are read"
            )
        return stored

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See ObjectStore.head."""
        return self.get(bucket, key).info

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        for key in keys:
            self._objects.pop((bucket, key), None)

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See ObjectStore.delete_version; there are no versions here."""
        raise ObjectNotReadableError(f"no version of {key[:200]!r} in bucket {bucket!r} can be removed here")

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        return sorted(key for place, key in list(self._objects) if place == bucket and key.startswith(prefix))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        inside = (key.removeprefix(prefix).partition("/") for key in self.keys(bucket, prefix))
        return sorted({name for name, slash, _ in inside if slash})
