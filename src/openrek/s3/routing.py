"""Buckets in several places, as one store."""

from collections.abc import Iterable, Mapping

from openrek.s3.storage import ObjectInfo, ObjectStore, StoredObject


class RoutingObjectStore:
    """An ObjectStore that asks the place where the bucket is.

    Args:
        elsewhere: Stores by the names of buckets that are in places of their own.
        others: Where all other buckets are.
    """

    def __init__(self, elsewhere: Mapping[str, ObjectStore], others: ObjectStore) -> None:
        self._elsewhere = elsewhere
        self._others = others

    def put(
        self, bucket: str, key: str, data: bytes, *, create: bool = False, said: Mapping[str, str] | None = None
    ) -> None:
        """See ObjectStore.put."""
        self._of(bucket).put(bucket, key, data, create=create, said=said)

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get."""
        return self._of(bucket).get(bucket, key, version, max_bytes=max_bytes)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See ObjectStore.head."""
        return self._of(bucket).head(bucket, key)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        self._of(bucket).delete(bucket, keys)

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See ObjectStore.delete_version."""
        self._of(bucket).delete_version(bucket, key, version)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        return self._of(bucket).keys(bucket, prefix)

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        return self._of(bucket).folders(bucket, prefix)

    def _of(self, bucket: str) -> ObjectStore:
        return self._elsewhere.get(bucket, self._others)
