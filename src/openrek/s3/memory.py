"""Objects in memory, for a process that keeps nothing."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from openrek.errors import (
    ObjectNotFoundError,
    ObjectNotReadableError,
    ObjectTooLargeError,
    RangeNotSatisfiableError,
)
from openrek.s3.facts import Facts
from openrek.s3.listing import ListedInPages, page_of
from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStream, StoredObject


class MemoryObjectStore(ListedInPages):
    """An ObjectStore whose buckets exist as soon as they are named, and end with it. Safe to share between threads."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], StoredObject] = {}

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """See PutObject.put."""
        if facts is None:
            facts = Facts(hashlib.blake2b(data, digest_size=16).hexdigest(), ObjectInfo.type_of(key))
        stored = StoredObject(ObjectInfo(key, len(data), datetime.now(UTC), facts), data)
        place = check_bucket(bucket), check_key(key)
        if not create:
            self._objects[place] = stored
        elif self._objects.setdefault(place, stored) is not stored:
            raise FileExistsError(f"{bucket}/{key} exists")
        return stored.info.etag

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """See PutStream.put_stream; here the object is in memory anyhow."""
        return self.put(bucket, key, b"".join(chunks), facts=facts)

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See GetObject.get; there are no versions here."""
        stored = None if version else self._objects.get((check_bucket(bucket), check_key(key)))
        if stored is None:
            raise ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}")
        if max_bytes is not None and stored.info.size_bytes > max_bytes:
            raise ObjectTooLargeError(
                f"{bucket}/{key} has {stored.info.size_bytes:,} bytes; at most {max_bytes:,} are read"
            )
        return stored

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """See OpenObject.open."""
        stored = self.get(bucket, key, version)
        size = stored.info.size_bytes
        if start and start >= size:
            raise RangeNotSatisfiableError(f"The object has {size:,} bytes; none at position {start:,}.")
        part = stored.data[start:end]
        return ObjectStream(stored.info, start, start + len(part), iter((part,) if part else ()))

    def get_range(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """See GetRange.get_range."""
        return b"".join(self.open(bucket, key, start=start, end=end).chunks)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See HeadObject.head."""
        return self.get(bucket, key).info

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See DeleteObjects.delete."""
        for key in keys:
            self._objects.pop((check_bucket(bucket), check_key(key)), None)

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See DeleteObjects.delete_version; there are no versions here."""
        raise ObjectNotReadableError(f"Bucket {bucket!r} keeps no versions, so none of {key[:200]!r} can be deleted.")

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """See ListObjects.list_page."""
        check_bucket(bucket)
        listed = sorted(
            (key, stored.info)
            for (place, key), stored in list(self._objects.items())
            if place == bucket and key.startswith(prefix)
        )
        return page_of(listed, prefix, after, delimiter, limit)
