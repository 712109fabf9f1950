"""Objects that obstore keeps, wherever: https://developmentseed.org/obstore/"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Literal

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from openrek.errors import InternalError, ObjectNotFoundError, ObjectNotReadableError, ObjectTooLargeError
from openrek.s3.storage import ObjectInfo, StoredObject

META = "x-amz-meta-"
"""How headers begin that carry metadata of the uploader's own."""
_HEADERS = frozenset({"Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "Cache-Control"})


class ObstoreObjectStore(ABC):
    """An ObjectStore over one obstore store a bucket."""

    @abstractmethod
    def _store(self, bucket: str) -> LocalStore | S3Store:
        """The bucket's store.

        Raises:
            ObjectNotReadableError: there is no such bucket, or it is no name of one.
        """

    @abstractmethod
    def _path(self, bucket: str, key: str) -> str:
        """What obstore calls the object.

        Raises:
            ObjectNotReadableError: it cannot be kept here, or is no key at all; the message states the rule.
        """

    def put(
        self, bucket: str, key: str, data: bytes, *, create: bool = False, said: Mapping[str, str] | None = None
    ) -> None:
        """See ObjectStore.put."""
        store, path = self._store(bucket), self._path(bucket, key)
        mode: Literal["create", "overwrite"] = "create" if create else "overwrite"
        try:
            obstore.put(store, path, data, attributes=_attributes(said or {}), mode=mode, use_multipart=False)
        except AlreadyExistsError:
            raise FileExistsError(f"{bucket}/{key} exists") from None
        except (BaseError, OSError) as error:
            raise InternalError(f"{bucket}/{key} could not be written") from error

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get."""
        store, path = self._store(bucket), self._path(bucket, key)
        try:
            found = obstore.get(store, path, options={"version": version} if version else None)
            meta = found.meta
            info = ObjectInfo(key, meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])
            if max_bytes is not None and info.size_bytes > max_bytes:
                raise ObjectTooLargeError(
                    f"{bucket}/{key} has {info.size_bytes:,} bytes; at most {max_bytes:,} are read"
                )
            return StoredObject(info, found.bytes().to_bytes(), _said(found.attributes))
        except (BaseError, OSError) as error:
            raise self._unreadable(bucket, key, error) from error

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See ObjectStore.head."""
        store, path = self._store(bucket), self._path(bucket, key)
        try:
            meta = obstore.head(store, path)
        except (BaseError, OSError) as error:
            raise self._unreadable(bucket, key, error) from error
        return ObjectInfo(key, meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        store = self._store(bucket)
        for key in keys:
            try:
                obstore.delete(store, self._path(bucket, key))
            except FileNotFoundError:
                continue

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See ObjectStore.delete_version; obstore removes no versions."""
        raise ObjectNotReadableError(f"no version of {key[:200]!r} in bucket {bucket!r} can be removed here")

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        pages = obstore.list(self._store(bucket), prefix.rstrip("/") or None)
        return sorted(meta["path"] for page in pages for meta in page)

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        found = obstore.list_with_delimiter(self._store(bucket), prefix.rstrip("/") or None)
        return sorted(path.rsplit("/", 1)[-1] for path in found["common_prefixes"])

    def _unreadable(self, bucket: str, key: str, error: Exception) -> ObjectNotReadableError:
        """Says which it is: no bucket, no key, no permission, or something else."""
        if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
            return ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}")
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return ObjectNotReadableError(f"no permission to read {key[:200]!r} in bucket {bucket!r}")
        return ObjectNotReadableError(f"{bucket}/{key[:200]} cannot be read: {_first_line(error)}")


def _attributes(said: Mapping[str, str]) -> dict[str, str] | None:
    """Headers as obstore has them: "Content-Type" and the like, and metadata by its bare name."""
    return {
        name.removeprefix(META) if name.startswith(META) else name.title(): value for name, value in said.items()
    } or None


def _said(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name.lower() if name in _HEADERS else f"{META}{name.lower()}": value for name, value in attributes.items()}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
