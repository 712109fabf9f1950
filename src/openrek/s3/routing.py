"""Buckets in several places, as one store."""

from collections.abc import Iterable, Mapping

from openrek.s3.facts import Facts
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStore, ObjectStream, StoredObject


class RoutingObjectStore:
    """An ObjectStore that hands each call to the store of its bucket.

    Args:
        elsewhere: Stores by the names of buckets that are in places of their own.
        others: Where all other buckets are.
    """

    def __init__(self, elsewhere: Mapping[str, ObjectStore], others: ObjectStore) -> None:
        self._elsewhere = elsewhere
        self._others = others

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """See PutObject.put."""
        return self._of(bucket).put(bucket, key, data, create=create, facts=facts)

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """See PutStream.put_stream."""
        return self._of(bucket).put_stream(bucket, key, chunks, facts=facts)

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See GetObject.get."""
        return self._of(bucket).get(bucket, key, version, max_bytes=max_bytes)

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """See OpenObject.open."""
        return self._of(bucket).open(bucket, key, version, start=start, end=end)

    def get_range(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """See GetRange.get_range."""
        return self._of(bucket).get_range(bucket, key, start, end)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See HeadObject.head."""
        return self._of(bucket).head(bucket, key)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See DeleteObjects.delete."""
        self._of(bucket).delete(bucket, keys)

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See DeleteObjects.delete_version."""
        self._of(bucket).delete_version(bucket, key, version)

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """See ListObjects.list_page."""
        return self._of(bucket).list_page(bucket, prefix, after=after, delimiter=delimiter, limit=limit)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ListObjects.keys."""
        return self._of(bucket).keys(bucket, prefix)

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ListObjects.folders."""
        return self._of(bucket).folders(bucket, prefix)

    def _of(self, bucket: str) -> ObjectStore:
        return self._elsewhere.get(bucket, self._others)
