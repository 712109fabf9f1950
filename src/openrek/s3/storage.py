"""The object store port: one small Protocol for each verb, and ObjectStore for all of them."""

import mimetypes
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from openrek.s3.facts import Facts

PAGE_LIMIT = 1000
"""Entries of one page of a listing, as in S3."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object without its bytes."""

    key: str
    size_bytes: int
    modified_at: datetime
    """UTC, aware."""
    facts: Facts

    @property
    def etag(self) -> str:
        """Without quotes."""
        return self.facts.etag

    @property
    def content_type(self) -> str:
        """Declared media type; where none was declared, by the key's ending."""
        return self.facts.content_type

    @staticmethod
    def type_of(key: str) -> str:
        """Media type by a key's ending."""
        return mimetypes.guess_type(key)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object with its bytes."""

    info: ObjectInfo
    data: bytes


@dataclass(frozen=True, slots=True)
class ObjectStream:
    """An object, or a range of it, whose bytes are read as they are iterated. It stays what it was when it was opened,
    whoever replaces or deletes the object meanwhile. Close one that is not read to its end."""

    info: ObjectInfo
    """Of the whole object."""
    start: int
    """Position of the first byte that `chunks` gives."""
    end: int
    """Position behind the last byte."""
    chunks: Iterator[bytes]

    def close(self) -> None:
        """Gives up what was not read."""
        if isinstance(self.chunks, Generator):
            self.chunks.close()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing, in the order of the keys' UTF-8 bytes."""

    objects: tuple[ObjectInfo, ...]
    prefixes: tuple[str, ...] = ()
    """Common prefixes, each with its delimiter."""
    next_after: str | None = None
    """`after` for the next page; None if this is the last."""


class HeadObject(Protocol):
    """Reads what is known of an object."""

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """The object without its bytes.

        Raises:
            ObjectNotReadableError: no such bucket or key.
        """


class GetObject(Protocol):
    """Reads whole objects."""

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """The object with its bytes in memory.

        Raises:
            ObjectNotReadableError: no such bucket, key or version, or more than `max_bytes`.
        """


class OpenObject(Protocol):
    """Reads objects, or ranges of them, piece by piece."""

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """The bytes from `start` up to but without `end` (the object's size if it is None, or is larger).

        Raises:
            ObjectNotReadableError: no such bucket, key or version.
            RangeNotSatisfiableError: the object has no byte at `start`, unless it is empty and `start` is 0.
        """


class GetRange(Protocol):
    """Reads ranges of objects."""

    def get_range(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to but without `end`; fewer where the object ends. Raises what `open` raises."""


class PutObject(Protocol):
    """Writes objects."""

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """Writes the object and its facts together, all or nothing.

        Args:
            bucket: An existing bucket.
            key: Of the object.
            data: Its bytes.
            create: Do not replace an existing object.
            facts: What is declared of the object; the store may have an ETag of its own.

        Returns:
            The object's ETag.

        Raises:
            FileExistsError: `create`, and there is an object of this key.
            ObjectNotReadableError: no such bucket, or a key that cannot be kept here.
            ServiceError: the store could not write; StorageFullError and StorageReadOnlyError say why.
        """


class PutStream(Protocol):
    """Writes objects piece by piece."""

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """As `put`, without holding more than some MB in memory. If `chunks` raises, nothing is written."""


class ListObjects(Protocol):
    """Lists objects."""

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """Objects whose keys begin with `prefix` and come behind `after`.

        Args:
            bucket: An existing bucket.
            prefix: Any beginning of keys, not only whole folders.
            after: A key or common prefix; the page begins behind it.
            delimiter: Keys that agree up to this text, behind the prefix, are one entry of `prefixes`.
            limit: Entries of a page, 1 to 1000.
        """

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """All keys with a prefix, ascending."""

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Names of the folders right below a prefix that is empty or ends in "/", ascending."""


class DeleteObjects(Protocol):
    """Deletes objects."""

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Deletes the objects; absent ones are ignored, as in S3."""

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """Deletes one version of an object for good; a missing one is ignored.

        Raises:
            ObjectNotReadableError: the store keeps no versions.
        """


class ObjectStore(
    HeadObject, GetObject, OpenObject, GetRange, PutObject, PutStream, ListObjects, DeleteObjects, Protocol
):
    """Objects by bucket and key. Every method raises ObjectNotReadableError for a name that S3 does not allow."""
