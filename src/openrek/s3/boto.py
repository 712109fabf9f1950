"""Objects on S3 through boto3, which Lambda's own runtime brings along."""

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from openrek.errors import (
    BucketNotFoundError,
    InternalError,
    ObjectNotFoundError,
    ObjectNotReadableError,
    ObjectTooLargeError,
    RangeNotSatisfiableError,
)
from openrek.s3.facts import Facts
from openrek.s3.listing import ListedInPages
from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStream, StoredObject

_PER_DELETION = 1000
_CHUNK_BYTES = 1 << 20
# Large enough for S3's 10,000 parts to hold 160 GB.
_PART_BYTES = 16 * 1024 * 1024
# Behind all keys of a common prefix.
_BEYOND = "\U0010ffff"
# Headers that are kept, by lower-case name, and as boto3 names them.
_MEMBERS = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
}
# Those of a status below 500 that may go well the next time.
_PASSING = ("RequestTimeout", "SlowDown", "ThrottlingException", "RequestTimeTooSkewed", "ExpiredToken")


class BotoObjectStore(ListedInPages):
    """An ObjectStore over botocore's S3 client, which boto3's is, too."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """See PutObject.put."""
        only_new = {"IfNoneMatch": "*"} if create else {}
        named = {"Bucket": check_bucket(bucket), "Key": check_key(key)}
        with _writable(bucket, key):
            answer = self._client.put_object(**named, Body=data, **_declared(key, facts), **only_new)
        return str(answer["ETag"]).strip('"')

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """See PutStream.put_stream; in parts, if there is more than one part's worth."""
        parts = _parts(chunks)
        first = next(parts, b"")
        if len(first) < _PART_BYTES:
            return self.put(bucket, key, first, facts=facts)
        named = {"Bucket": check_bucket(bucket), "Key": check_key(key)}
        with _writable(bucket, key):
            upload = self._client.create_multipart_upload(**named, **_declared(key, facts))["UploadId"]
            try:
                etags = [
                    self._client.upload_part(**named, UploadId=upload, PartNumber=number, Body=part)["ETag"]
                    for number, part in enumerate(itertools.chain((first,), parts), 1)
                ]
                uploaded = [{"ETag": etag, "PartNumber": number} for number, etag in enumerate(etags, 1)]
                answer = self._client.complete_multipart_upload(
                    **named, UploadId=upload, MultipartUpload={"Parts": uploaded}
                )
            except BaseException:
                with contextlib.suppress(ClientError, BotoCoreError):
                    self._client.abort_multipart_upload(**named, UploadId=upload)
                raise
        return str(answer["ETag"]).strip('"')

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See GetObject.get."""
        with _readable(bucket, key):
            response = self._get(bucket, key, version)
            info = _info(key, response, response["ContentLength"])
            with contextlib.closing(response["Body"]) as body:
                if max_bytes is not None and info.size_bytes > max_bytes:
                    raise ObjectTooLargeError(
                        f"{bucket}/{key} has {info.size_bytes:,} bytes; at most {max_bytes:,} are read"
                    )
                return StoredObject(info, body.read())

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """See OpenObject.open."""
        with _readable(bucket, key):
            if not start and end is None:
                response = self._get(bucket, key, version)
                info = _info(key, response, response["ContentLength"])
                return ObjectStream(info, 0, info.size_bytes, _chunks(bucket, key, response["Body"]))
        last = "" if end is None else max(end, start + 1) - 1
        try:
            with _readable(bucket, key):
                response = self._get(bucket, key, version, Range=f"bytes={start}-{last}")
        except RangeNotSatisfiableError:
            info = self.head(bucket, key)
            if start or info.size_bytes:
                raise
            return ObjectStream(info, 0, 0, iter(()))  # S3 knows no range of an empty object
        info = _info(key, response, int(response["ContentRange"].rpartition("/")[2]))
        stop = info.size_bytes if end is None else min(end, info.size_bytes)
        if stop <= start:
            response["Body"].close()
            return ObjectStream(info, start, start, iter(()))
        return ObjectStream(info, start, stop, _chunks(bucket, key, response["Body"]))

    def get_range(self, bucket: str, key: str, start: int, end: int) -> bytes:
        """See GetRange.get_range."""
        return b"".join(self.open(bucket, key, start=start, end=end).chunks)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See HeadObject.head."""
        with _readable(bucket, key):
            response = self._client.head_object(Bucket=check_bucket(bucket), Key=check_key(key))
            return _info(key, response, response["ContentLength"])

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See DeleteObjects.delete."""
        named = [{"Key": check_key(key)} for key in keys]
        for start in range(0, len(named), _PER_DELETION):
            part = named[start : start + _PER_DELETION]
            answer = self._client.delete_objects(Bucket=check_bucket(bucket), Delete={"Objects": part, "Quiet": True})
            if failed := answer.get("Errors"):
                first = failed[0]
                raise InternalError(f"{bucket}/{first['Key'][:200]} could not be removed: {first['Code']}")

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See DeleteObjects.delete_version."""
        try:
            self._client.delete_object(Bucket=check_bucket(bucket), Key=check_key(key), VersionId=version)
        except (ClientError, BotoCoreError) as error:
            raise InternalError(f"{bucket}/{key[:200]} could not be removed") from error

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """See ListObjects.list_page."""
        request: dict[str, Any] = {"Bucket": check_bucket(bucket), "Prefix": prefix, "MaxKeys": limit}
        if after:
            request["StartAfter"] = after
        if delimiter:
            request["Delimiter"] = delimiter
        with _readable(bucket, prefix):
            page = self._client.list_objects_v2(**request)
        objects = tuple(
            ObjectInfo(
                entry["Key"],
                entry["Size"],
                entry["LastModified"],
                Facts(entry["ETag"].strip('"'), ObjectInfo.type_of(entry["Key"])),
            )
            for entry in page.get("Contents", ())
        )
        # S3 repeats a common prefix that the page begins behind, if there are more keys in it.
        prefixes = tuple(each["Prefix"] for each in page.get("CommonPrefixes", ()) if each["Prefix"] > after)
        if not page["IsTruncated"]:
            return Listing(objects, prefixes)
        last = max([info.key for info in objects] + [each["Prefix"] for each in page.get("CommonPrefixes", ())])
        return Listing(objects, prefixes, last + _BEYOND if delimiter and last.endswith(delimiter) else last)

    def _get(self, bucket: str, key: str, version: str | None, **options: Any) -> dict[str, Any]:
        named = {"VersionId": version} if version else {}
        response: dict[str, Any] = self._client.get_object(
            Bucket=check_bucket(bucket), Key=check_key(key), **named, **options
        )
        return response


def _info(key: str, response: Mapping[str, Any], size_bytes: int) -> ObjectInfo:
    headers = {name: response[member] for name, member in _MEMBERS.items() if response.get(member)}
    facts = Facts(
        response["ETag"].strip('"'),
        response.get("ContentType") or ObjectInfo.type_of(key),
        {name.lower(): value for name, value in response.get("Metadata", {}).items()},
        headers,
    )
    return ObjectInfo(key, size_bytes, response["LastModified"], facts)


def _declared(key: str, facts: Facts | None) -> dict[str, Any]:
    """Facts as members of a request."""
    if facts is None:
        return {"ContentType": ObjectInfo.type_of(key)}
    declared: dict[str, Any] = {_MEMBERS[name]: value for name, value in facts.headers.items() if name in _MEMBERS}
    if facts.tags:
        declared["Tagging"] = urlencode(facts.tags)
    return {"ContentType": facts.content_type, "Metadata": dict(facts.metadata), **declared}


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks joined to parts of one size; the last is smaller."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= _PART_BYTES:
            yield bytes(held[:_PART_BYTES])
            del held[:_PART_BYTES]
    if held:
        yield bytes(held)


def _chunks(bucket: str, key: str, body: Any) -> Iterator[bytes]:
    with contextlib.closing(body), _readable(bucket, key):
        while chunk := body.read(_CHUNK_BYTES):
            yield chunk


@contextlib.contextmanager
def _writable(bucket: str, key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise FileExistsError(f"{bucket}/{key} exists") from None
        if code == "NoSuchBucket":
            raise BucketNotFoundError(f"there is no bucket {bucket!r}") from None
        raise InternalError(f"{bucket}/{key[:200]} could not be written: {code}") from error
    except BotoCoreError as error:
        raise InternalError(f"{bucket}/{key[:200]} could not be written: {type(error).__name__}") from error


@contextlib.contextmanager
def _readable(bucket: str, key: str) -> Iterator[None]:
    """Maps the error: no bucket, no key, no permission, a temporary fault of S3, or something else."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code == "NoSuchBucket":
            raise BucketNotFoundError(f"there is no bucket {bucket!r}") from None
        if code in ("NoSuchKey", "NoSuchVersion", "404", "405", "MethodNotAllowed"):
            raise ObjectNotFoundError(f"there is no object {key[:200]!r} in bucket {bucket!r}") from None
        if code in ("InvalidRange", "416"):
            raise RangeNotSatisfiableError(f"The range lies behind the end of {key[:200]!r}.") from None
        if code in ("AccessDenied", "403", "Forbidden"):
            raise ObjectNotReadableError(f"no permission to read {key[:200]!r} in bucket {bucket!r}") from None
        message = f"{bucket}/{key[:200]} cannot be read: {code}"
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= 500 or code in _PASSING:
            raise InternalError(message) from error
        raise ObjectNotReadableError(message) from error
    except BotoCoreError as error:
        raise InternalError(f"{bucket}/{key[:200]} cannot be read: {type(error).__name__}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
