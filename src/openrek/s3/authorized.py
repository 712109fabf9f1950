"""Objects behind a permission: each call first checks that it is allowed.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from collections.abc import Callable, Iterable

from openrek.s3.facts import Facts
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStore, ObjectStream, StoredObject

Require = Callable[[str, str], None]
"""(action, ARN) → nothing, or an AccessDeniedException."""


def bucket_arn(bucket: str) -> str:
    """As "arn:aws:s3:::bucket"."""
    return f"arn:aws:s3:::{bucket}"


def object_arn(bucket: str, key: str) -> str:
    """As "arn:aws:s3:::bucket/folder/key"."""
    return f"arn:aws:s3:::{bucket}/{key}"


class AuthorizedObjectStore:
    """An ObjectStore for a caller who may not do everything with it."""

    def __init__(self, objects: ObjectStore, require: Require) -> None:
        self._objects = objects
        self._require = require

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """Needs s3:PutObject."""
        self._require("s3:PutObject", object_arn(bucket, key))
        return self._objects.put(bucket, key, data, create=create, facts=facts)

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """Needs s3:PutObject."""
        self._require("s3:PutObject", object_arn(bucket, key))
        return self._objects.put_stream(bucket, key, chunks, facts=facts)

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """Needs s3:GetObject, or s3:GetObjectVersion for a version."""
        self._require_reading(bucket, key, version)
        return self._objects.get(bucket, key, version, max_bytes=max_bytes)

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """Needs s3:GetObject, or s3:GetObjectVersion for a version."""
        self._require_reading(bucket, key, version)
        return self._objects.open(bucket, key, version, start=start, end=end)

    def get_range(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """Needs s3:GetObject."""
        self._require_reading(bucket, key, None)
        return self._objects.get_range(bucket, key, start, end)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """Needs s3:GetObject."""
        self._require_reading(bucket, key, None)
        return self._objects.head(bucket, key)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Needs s3:DeleteObject on each."""
        wanted = list(keys)
        for key in wanted:
            self._require("s3:DeleteObject", object_arn(bucket, key))
        self._objects.delete(bucket, wanted)

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """Needs s3:DeleteObjectVersion."""
        self._require("s3:DeleteObjectVersion", object_arn(bucket, key))
        self._objects.delete_version(bucket, key, version)

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """Needs s3:ListBucket."""
        self._require("s3:ListBucket", bucket_arn(bucket))
        return self._objects.list_page(bucket, prefix, after=after, delimiter=delimiter, limit=limit)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Needs s3:ListBucket."""
        self._require("s3:ListBucket", bucket_arn(bucket))
        return self._objects.keys(bucket, prefix)

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Needs s3:ListBucket."""
        self._require("s3:ListBucket", bucket_arn(bucket))
        return self._objects.folders(bucket, prefix)

    def _require_reading(self, bucket: str, key: str, version: str | None) -> None:
        self._require("s3:GetObjectVersion" if version else "s3:GetObject", object_arn(bucket, key))
