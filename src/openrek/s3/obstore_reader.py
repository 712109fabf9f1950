"""Reading what obstore keeps, wherever: https://developmentseed.org/obstore/"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from openrek.errors import (
    InternalError,
    ObjectNotFoundError,
    ObjectNotReadableError,
    ObjectTooLargeError,
    RangeNotSatisfiableError,
)
from openrek.s3.facts import Facts
from openrek.s3.storage import ObjectInfo, ObjectStream, StoredObject

HEADERS = frozenset({"Content-Disposition", "Content-Encoding", "Content-Language", "Cache-Control"})
"""Attributes of obstore's that are headers; "Content-Type" is one, too, and all others are metadata."""
_CHUNK_BYTES = 1 << 20
_TRIES = 100


class ObstoreReader(ABC):
    """The reading verbs over one obstore store a bucket."""

    @abstractmethod
    def _store(self, bucket: str) -> LocalStore | S3Store:
        """The bucket's store.

        Raises:
            ObjectNotReadableError: there is no such bucket, or S3 does not allow the name.
        """

    @abstractmethod
    def _path(self, bucket: str, key: str) -> str:
        """What obstore calls the object.

        Raises:
            ObjectNotReadableError: it cannot be kept here, or S3 does not allow the key; the message states the rule.
        """

    @abstractmethod
    def _read_facts(self, bucket: str, key: str, info: ObjectInfo) -> Facts | None:
        """The facts of an object just opened; None if it was replaced since, and must be opened again."""

    @abstractmethod
    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See HeadObject.head."""

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See GetObject.get."""
        info, result = self._opened(bucket, key, {"version": version} if version else {})
        if max_bytes is not None and info.size_bytes > max_bytes:
            raise ObjectTooLargeError(f"{bucket}/{key} has {info.size_bytes:,} bytes; at most {max_bytes:,} are read")
        try:
            return StoredObject(info, result.bytes().to_bytes())
        except (BaseError, OSError) as error:
            raise self._unreadable(bucket, key, error) from error

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """See OpenObject.open."""
        options: dict[str, Any] = {"version": version} if version else {}
        if start or end is not None:
            # obstore takes no range of no bytes; an empty object is handled below.
            options["range"] = {"offset": start} if end is None else (start, max(end, start + 1))
        try:
            info, result = self._opened(bucket, key, options)
        except ObjectNotReadableError:
            info = self.head(bucket, key)
            if "range" not in options or start < info.size_bytes:
                raise
            if start or info.size_bytes:
                raise RangeNotSatisfiableError(
                    f"The object has {info.size_bytes:,} bytes; none at position {start:,}."
                ) from None
            return ObjectStream(info, 0, 0, iter(()))
        stop = info.size_bytes if end is None else min(end, info.size_bytes)
        if start >= info.size_bytes > 0 or (start and not info.size_bytes):
            raise RangeNotSatisfiableError(f"The object has {info.size_bytes:,} bytes; none at position {start:,}.")
        if stop <= start:
            return ObjectStream(info, start, start, iter(()))
        return ObjectStream(info, start, stop, self._chunks(bucket, key, result))

    def get_range(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """See GetRange.get_range."""
        return b"".join(self.open(bucket, key, start=start, end=end).chunks)

    def _opened(self, bucket: str, key: str, options: dict[str, Any]) -> tuple[ObjectInfo, Any]:
        """The object's info, and obstore's result of the same content."""
        store, path = self._store(bucket), self._path(bucket, key)
        for _ in range(_TRIES):
            try:
                result = obstore.get(store, path, options=options or None)  # type: ignore[arg-type]
            except (BaseError, OSError) as error:
                moved = self._path(bucket, key)
                if moved != path:
                    path = moved
                    continue
                raise self._unreadable(bucket, key, error) from error
            info = info_of(key, result.meta, result.attributes)
            facts = self._read_facts(bucket, key, info)
            if facts is not None:
                return ObjectInfo(key, info.size_bytes, info.modified_at, facts), result
        raise InternalError(f"{bucket}/{key[:200]} is replaced too often to be read")

    def _chunks(self, bucket: str, key: str, result: Any) -> Iterator[bytes]:
        try:
            for chunk in result.stream(min_chunk_size=_CHUNK_BYTES):
                yield bytes(chunk)
        except (BaseError, OSError) as error:
            raise InternalError(f"{bucket}/{key[:200]} could not be read to its end: {first_line(error)}") from error

    def _unreadable(self, bucket: str, key: str, error: Exception) -> ObjectNotReadableError:
        """Maps the error: no bucket, no key, no permission, or something else."""
        if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
            return ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}")
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return ObjectNotReadableError(f"no permission to read {key[:200]!r} in bucket {bucket!r}")
        return ObjectNotReadableError(f"{bucket}/{key[:200]} cannot be read: {first_line(error)}")


def info_of(key: str, meta: Any, attributes: Mapping[str, str]) -> ObjectInfo:
    """An object as obstore describes it."""
    facts = Facts(
        (meta["e_tag"] or "").strip('"'),
        attributes.get("Content-Type") or ObjectInfo.type_of(key),
        {name.lower(): value for name, value in attributes.items() if name not in HEADERS and name != "Content-Type"},
        {name.lower(): value for name, value in attributes.items() if name in HEADERS},
    )
    return ObjectInfo(key, meta["size"], meta["last_modified"], facts)


def first_line(error: Exception) -> str:
    """Of an error's message, or its type."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
