"""The object store port."""

import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it."""

    key: str
    size_bytes: int
    etag: str
    modified_at: datetime
    """UTC, aware."""

    @property
    def content_type(self) -> str:
        """Media type by the key's ending."""
        return self.type_of(self.key)

    @staticmethod
    def type_of(key: str) -> str:
        """Media type by a key's ending."""
        return mimetypes.guess_type(key)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object with its bytes."""

    info: ObjectInfo
    data: bytes
    said: Mapping[str, str] = field(default_factory=dict)
    """What its uploader said of it, as headers with lower-case names: content-type, x-amz-meta-…; empty where the store
    itself keeps nothing of the kind."""


class ObjectStore(Protocol):
    """Objects by bucket and key. Every method raises ObjectNotReadableError for a name that cannot be."""

    def put(
        self, bucket: str, key: str, data: bytes, *, create: bool = False, said: Mapping[str, str] | None = None
    ) -> None:
        """Writes all or nothing; with `create`, refuses to replace (FileExistsError).

        `said` is what StoredObject.said will be, in a store that keeps it.
        """

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """The object.

        Raises:
            ObjectNotReadableError: no such bucket, key or version, or more than `max_bytes`.
        """

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """The object's facts, as `get` raises."""

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Removes the objects; those absent are no error, as in S3."""

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """Removes one version of an object for good; one that is gone is no error.

        Raises:
            ObjectNotReadableError: no versions are kept here.
        """

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """All keys under a prefix that ends in '/'."""

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Names of the folders right below a prefix, ascending."""
