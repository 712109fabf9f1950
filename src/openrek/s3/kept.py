"""Objects that obstore keeps, wherever: https://developmentseed.org/obstore/"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from openrek.errors import InternalServerError, InvalidS3ObjectException
from openrek.s3.names import check_key
from openrek.s3.storage import ObjectInfo, StoredObject


class KeptObjects(ABC):
    """An ObjectStore over one obstore store a bucket."""

    @abstractmethod
    def _store(self, bucket: str) -> LocalStore | S3Store:
        """The bucket's store.

        Raises:
            InvalidS3ObjectException: there is no such bucket, or it is no name of one.
        """

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False) -> None:
        """See ObjectStore.put."""
        store = self._store(bucket)
        try:
            obstore.put(store, check_key(key), data, mode="create" if create else "overwrite", use_multipart=False)
        except AlreadyExistsError:
            raise FileExistsError(f"{bucket}/{key} exists") from None
        except (BaseError, OSError) as error:
            raise InternalServerError(f"{bucket}/{key} could not be written") from error

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get."""
        store = self._store(bucket)
        try:
            found = obstore.get(store, check_key(key), options={"version": version} if version else None)
            meta = found.meta
            info = ObjectInfo(key, meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])
            if max_bytes is not None and info.size_bytes > max_bytes:
                raise InvalidS3ObjectException(
                    f"{bucket}/{key} has {info.size_bytes:,} bytes; at most {max_bytes:,} are read"
                )
            return StoredObject(info, found.bytes().to_bytes())
        except (BaseError, OSError) as error:
            raise self._unreadable(bucket, key, error) from error

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See ObjectStore.head."""
        store = self._store(bucket)
        try:
            meta = obstore.head(store, check_key(key))
        except (BaseError, OSError) as error:
            raise self._unreadable(bucket, key, error) from error
        return ObjectInfo(key, meta["size"], (meta["e_tag"] or "").strip('"'), meta["last_modified"])

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        store = self._store(bucket)
        for key in keys:
            try:
                obstore.delete(store, check_key(key))
            except FileNotFoundError:
                continue

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See ObjectStore.delete_version; obstore removes no versions."""
        raise InvalidS3ObjectException(f"no version of {key[:200]!r} in bucket {bucket!r} can be removed here")

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        pages = obstore.list(self._store(bucket), prefix.rstrip("/") or None)
        return sorted(meta["path"] for page in pages for meta in page)

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        found = obstore.list_with_delimiter(self._store(bucket), prefix.rstrip("/") or None)
        return sorted(path.rsplit("/", 1)[-1] for path in found["common_prefixes"])

    def _unreadable(self, bucket: str, key: str, error: Exception) -> InvalidS3ObjectException:
        """Says which it is: no bucket, no key, no permission, or something else."""
        if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
            return InvalidS3ObjectException(f"there is no object {key[:200]!r} in bucket {bucket!r}")
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return InvalidS3ObjectException(f"no permission to read {key[:200]!r} in bucket {bucket!r}")
        return InvalidS3ObjectException(f"{bucket}/{key[:200]} cannot be read: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
