"""Objects on S3 through boto3, which Lambda's own runtime brings along."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from openrek.errors import (
    BucketNotFoundError,
    InternalError,
    ObjectNotFoundError,
    ObjectNotReadableError,
    ObjectTooLargeError,
)
from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import ObjectInfo, StoredObject

_PER_DELETION = 1000
# Those of a status below 500 that may go well the next time.
_PASSING = ("RequestTimeout", "SlowDown", "ThrottlingException", "RequestTimeTooSkewed", "ExpiredToken")


class BotoObjectStore:
    """An ObjectStore over boto3's S3 client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def put(
        self, bucket: str, key: str, data: bytes, *, create: bool = False, said: Mapping[str, str] | None = None
    ) -> None:
        """See ObjectStore.put."""
        only_new = {"IfNoneMatch": "*"} if create else {}
        kind = (said or {}).get("content-type") or ObjectInfo.type_of(key)
        try:
            self._client.put_object(
                Bucket=check_bucket(bucket), Key=check_key(key), Body=data, ContentType=kind, **only_new
            )
        except ClientError as error:
            if _code(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise FileExistsError(f"{bucket}/{key} exists") from None
            raise InternalError(f"{bucket}/{key} could not be written: {_code(error)}") from error
        except BotoCoreError as error:
            raise InternalError(f"{bucket}/{key} could not be written") from error

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See ObjectStore.get."""
        with _readable(bucket, key):
            found = self._client.get_object(
                Bucket=check_bucket(bucket), Key=check_key(key), **({"VersionId": version} if version else {})
            )
            info = _info(key, found)
            with contextlib.closing(found["Body"]) as body:
                if max_bytes is not None and info.size_bytes > max_bytes:
                    raise ObjectTooLargeError(
                        f"{bucket}/{key} has {info.size_bytes:,} bytes; at most {max_bytes:,} are read"
                    )
                return StoredObject(info, body.read())

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See ObjectStore.head."""
        with _readable(bucket, key):
            return _info(key, self._client.head_object(Bucket=check_bucket(bucket), Key=check_key(key)))

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See ObjectStore.delete."""
        named = [{"Key": check_key(key)} for key in keys]
        for start in range(0, len(named), _PER_DELETION):
            part = named[start : start + _PER_DELETION]
            answer = self._client.delete_objects(Bucket=check_bucket(bucket), Delete={"Objects": part, "Quiet": True})
            if failed := answer.get("Errors"):
                first = failed[0]
                raise InternalError(f"{bucket}/{first['Key'][:200]} could not be removed: {first['Code']}")

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See ObjectStore.delete_version."""
        try:
            self._client.delete_object(Bucket=check_bucket(bucket), Key=check_key(key), VersionId=version)
        except (ClientError, BotoCoreError) as error:
            raise InternalError(f"{bucket}/{key[:200]} could not be removed") from error

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.keys."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=check_bucket(bucket), Prefix=prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """See ObjectStore.folders."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=check_bucket(bucket), Prefix=prefix, Delimiter="/"
        )
        found = (entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ()))
        return sorted(name.removeprefix(prefix).rstrip("/") for name in found)


@contextlib.contextmanager
def _readable(bucket: str, key: str) -> Iterator[None]:
    """Says which it is: no bucket, no key, no permission, something else, or S3's own fault, which may pass."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code == "NoSuchBucket":
            raise BucketNotFoundError(f"there is no bucket {bucket!r}") from None
        if code in ("NoSuchKey", "NoSuchVersion", "404", "405", "MethodNotAllowed"):
            raise ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}") from None
        if code in ("AccessDenied", "403", "Forbidden"):
            raise ObjectNotReadableError(f"no permission to read {key[:200]!r} in bucket {bucket!r}") from None
        message = f"{bucket}/{key[:200]} cannot be read: {code}"
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= 500 or code in _PASSING:
            raise InternalError(message) from error
        raise ObjectNotReadableError(message) from error
    except BotoCoreError as error:
        raise InternalError(f"{bucket}/{key[:200]} cannot be read: {type(error).__name__}") from error


def _info(key: str, found: dict[str, Any]) -> ObjectInfo:
    return ObjectInfo(key, found["ContentLength"], found["ETag"].strip('"'), found["LastModified"])


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
