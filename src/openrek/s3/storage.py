"""The object store port and its local adapter."""

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from openrek.errors import InternalServerError, InvalidS3ObjectException
from openrek.s3.names import check_bucket, check_key


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
        return mimetypes.guess_type(self.key)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object with its bytes."""

    info: ObjectInfo
    data: bytes


class ObjectStore(Protocol):
    """Objects by bucket and key. Every method raises InvalidS3ObjectException for a name that cannot be."""

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False) -> None:
        """Writes all or nothing; with `create`, refuses to replace (FileExistsError)."""

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """The object.

        Raises:
            InvalidS3ObjectException: no such bucket, key or version, or more than `max_bytes`.
        """

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """The object's facts, as `get` raises."""

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Removes the objects; those absent are no error, as in S3."""

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """All keys under a prefix that ends in '/'."""

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Names of the folders right below a prefix, ascending."""


class LocalObjectStore:
    """Objects as files below `root/<bucket>/`, through obstore: a write is a rename, so it is whole or absent."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stores: dict[str, LocalStore] = {}

    def create_bucket(self, bucket: str) -> None:
        """Makes the bucket if it is not there."""
        (self._root / check_bucket(bucket)).mkdir(parents=True, exist_ok=True)

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False) -> None:
        """See ObjectStore.put."""
        store = self._store(bucket)
        try:
            obstore.put(store, check_key(key), data, mode="create" if create else "overwrite", use_multipart=False)
        except AlreadyExistsError:
            raise FileExistsError(f"{bucket}/{key} exists") from None
        except (BaseError, OSError) as error:
            raise InternalServerError(f"{bucket}/{key} could not be written: {_first_line(error)}") from error

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get."""
        if version:
            raise InvalidS3ObjectException(
                f"bucket {bucket!r} keeps no versions, so there is no version {version[:80]!r} of {key[:200]!r}"
            )
        info = self.head(bucket, key)
        if max_bytes is not None and info.size_bytes > max_bytes:
            raise InvalidS3ObjectException(
                f"{bucket}/{key} has {info.size_bytes:,} bytes; at most {max_bytes:,} are read"
            )
        try:
            data = obstore.get(self._store(bucket), key).bytes().to_bytes()
        except FileNotFoundError:
            raise _no_key(bucket, key) from None
        return StoredObject(info, data)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See ObjectStore.head."""
        try:
            meta = obstore.head(self._store(bucket), check_key(key))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise _no_key(bucket, key) from None
        except BaseError as error:
            raise InvalidS3ObjectException(f"{bucket}/{key} cannot be read: {_first_line(error)}") from error
        return ObjectInfo(key, meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        store = self._store(bucket)
        for key in keys:
            try:
                obstore.delete(store, check_key(key))
            except FileNotFoundError:
                continue

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        pages = obstore.list(self._store(bucket), prefix.rstrip("/") or None)
        return sorted(meta["path"] for page in pages for meta in page)

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        found = obstore.list_with_delimiter(self._store(bucket), prefix.rstrip("/") or None)
        return sorted(path.rsplit("/", 1)[-1] for path in found["common_prefixes"])

    def _store(self, bucket: str) -> LocalStore:
        store = self._stores.get(bucket)
        if store is None:
            folder = self._root / check_bucket(bucket)
            if not folder.is_dir():
                raise InvalidS3ObjectException(f"there is no bucket {bucket!r}")
            store = self._stores[bucket] = LocalStore(folder, automatic_cleanup=True)
        return store


def _no_key(bucket: str, key: str) -> InvalidS3ObjectException:
    return InvalidS3ObjectException(f"there is no object {key[:200]!r} in bucket {bucket!r}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
