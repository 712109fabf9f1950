"""Objects on Amazon S3, or on anything that speaks its protocol."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from openrek.errors import BucketNotFoundError, InternalError, ObjectNotReadableError
from openrek.s3.boto import BotoObjectStore
from openrek.s3.facts import Facts
from openrek.s3.listing import ListedInPages
from openrek.s3.names import check_bucket, check_key
from openrek.s3.obstore_reader import HEADERS, ObstoreReader, first_line, info_of
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStream, StoredObject

_PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 4
_REGION = "us-east-1"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OPTIONS = frozenset({"endpoint", "region"})


class S3Location:
    """Where a bucket is: "s3://bucket?endpoint=https://minio.example:9000&region=eu-west-1".

    Without an endpoint it is on AWS; the region is us-east-1 by default.
    """

    def __init__(self, url: str) -> None:
        """
        Raises:
            ValueError: the URL is not of this form.
        """
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        if parts.scheme != "s3" or not parts.netloc or parts.path.strip("/") or set(options) - _OPTIONS:
            raise ValueError(f"{url[:200]!r} is not of the form s3://BUCKET?endpoint=URL&region=REGION")
        try:
            self.bucket = check_bucket(parts.netloc)
        except ObjectNotReadableError as error:
            raise ValueError(error.message) from None
        self.endpoint = options.get("endpoint", [""])[0] or None
        self.region = options.get("region", [_REGION])[0]
        if self.endpoint is not None and urlsplit(self.endpoint).scheme not in ("http", "https"):
            raise ValueError(f"endpoint {self.endpoint[:200]!r} must begin with http:// or https://")


class RemoteObjectStore(ObstoreReader, ListedInPages):
    """All buckets of one place, with the credentials that AWS's SDKs find (environment, profile, instance role).

    obstore reads and writes. It takes keys for paths and tidies them ("a//b", "./a"), so objects of such keys, and
    listings, in which they occur, go through botocore, which takes keys as they are.
    """

    def __init__(self, place: S3Location) -> None:
        self._place = place
        self._stores: dict[str, S3Store] = {}

    def check(self) -> None:
        """Returns if the place's own bucket can be listed.

        Raises:
            RuntimeError: it cannot; the message has the reason.
        """
        try:
            next(iter(obstore.list(self._store(self._place.bucket), chunk_size=1)), None)
        except (BaseError, OSError) as error:
            where = self._place.endpoint or f"AWS, {self._place.region}"
            raise RuntimeError(
                f"the bucket {self._place.bucket!r} at {where} cannot be used: {first_line(error)[:300]}"
            ) from None

    def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Facts | None = None) -> str:
        """See PutObject.put."""
        if not _is_path(check_key(key)):
            return self._literal.put(bucket, key, data, create=create, facts=facts)
        mode: Literal["create", "overwrite"] = "create" if create else "overwrite"
        with _writable(bucket, key):
            result = obstore.put(
                self._store(bucket),
                key,
                data,
                attributes=_attributes(key, facts),
                tags=dict(facts.tags) if facts and facts.tags else None,
                mode=mode,
                use_multipart=False,
            )
        return (result["e_tag"] or "").strip('"')

    def put_stream(self, bucket: str, key: str, chunks: Iterable[bytes], *, facts: Facts | None = None) -> str:
        """See PutStream.put_stream."""
        if not _is_path(check_key(key)):
            return self._literal.put_stream(bucket, key, chunks, facts=facts)
        broken: list[BaseException] = []
        with _writable(bucket, key):
            try:
                result = obstore.put(
                    self._store(bucket),
                    key,
                    _remembering(chunks, broken),
                    attributes=_attributes(key, facts),
                    tags=dict(facts.tags) if facts and facts.tags else None,
                    use_multipart=True,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            except BaseException:
                if broken:
                    raise broken[0] from None
                raise
        return (result["e_tag"] or "").strip('"')

    def get(self, bucket: str, key: str, version: str | None = None, *, max_bytes: int | None = None) -> StoredObject:
        """See GetObject.get."""
        if not _is_path(check_key(key)):
            return self._literal.get(bucket, key, version, max_bytes=max_bytes)
        return super().get(bucket, key, version, max_bytes=max_bytes)

    def open(
        self, bucket: str, key: str, version: str | None = None, *, start: int = 0, end: int | None = None
    ) -> ObjectStream:
        """See OpenObject.open."""
        if not _is_path(check_key(key)):
            return self._literal.open(bucket, key, version, start=start, end=end)
        return super().open(bucket, key, version, start=start, end=end)

    def head(self, bucket: str, key: str) -> ObjectInfo:
        """See HeadObject.head."""
        if not _is_path(check_key(key)):
            return self._literal.head(bucket, key)
        try:
            result = obstore.get(self._store(bucket), key, options={"head": True})
        except (BaseError, OSError) as error:
            raise self._unreadable(bucket, key, error) from error
        return info_of(key, result.meta, result.attributes)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """See DeleteObjects.delete."""
        wanted = [check_key(key) for key in keys]
        self._literal.delete(bucket, [key for key in wanted if not _is_path(key)])
        store = self._store(bucket)
        try:
            if paths := [key for key in wanted if _is_path(key)]:
                obstore.delete(store, paths)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise InternalError(f"objects of {bucket} could not be deleted: {first_line(error)}") from error

    def delete_version(self, bucket: str, key: str, version: str) -> None:
        """See DeleteObjects.delete_version."""
        self._literal.delete_version(bucket, key, version)

    def list_page(
        self, bucket: str, prefix: str = "", *, after: str = "", delimiter: str = "", limit: int = PAGE_LIMIT
    ) -> Listing:
        """See ListObjects.list_page."""
        return self._literal.list_page(bucket, prefix, after=after, delimiter=delimiter, limit=limit)

    @cached_property
    def _literal(self) -> BotoObjectStore:
        """The same place through botocore."""
        from botocore.config import Config
        from botocore.session import Session

        styles = {"s3": {"addressing_style": "path"}} if self._place.endpoint else {}
        client = Session().create_client(
            "s3", region_name=self._place.region, endpoint_url=self._place.endpoint, config=Config(**styles)
        )
        return BotoObjectStore(client)

    def _read_facts(self, bucket: str, key: str, info: ObjectInfo) -> Facts:
        return info.facts

    def _path(self, bucket: str, key: str) -> str:
        return check_key(key)

    def _store(self, bucket: str) -> S3Store:
        store = self._stores.get(bucket)
        if store is None:
            options: dict[str, Any] = {"region": self._place.region}
            if self._place.endpoint is not None:
                options |= {"endpoint": self._place.endpoint, "virtual_hosted_style_request": False}
            store = self._stores[bucket] = S3Store(
                check_bucket(bucket),
                credential_provider=_credentials,
                client_options={"allow_http": True},
                **options,
            )
        return store

    def _unreadable(self, bucket: str, key: str, error: Exception) -> ObjectNotReadableError:
        if isinstance(error, FileNotFoundError) and not self._exists(bucket):
            return BucketNotFoundError(f"there is no bucket {bucket!r}")
        return super()._unreadable(bucket, key, error)

    def _exists(self, bucket: str) -> bool:
        """S3 answers for a missing bucket as for a missing key; only a listing distinguishes them."""
        try:
            next(iter(obstore.list(self._store(bucket), chunk_size=1)), None)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            return "NoSuchBucket" not in str(error)
        return True


def _is_path(key: str) -> bool:
    """Whether obstore takes the key as it is."""
    return not _CONTROL.search(key) and not any(segment in ("", ".", "..") for segment in key.split("/"))


def _attributes(key: str, facts: Facts | None) -> dict[str, str]:
    """Facts as obstore has them: "Content-Type" and the like, and metadata by its bare name."""
    if facts is None:
        return {"Content-Type": ObjectInfo.type_of(key)}
    headers = {name.title(): value for name, value in facts.headers.items() if name.title() in HEADERS}
    return {"Content-Type": facts.content_type, **headers, **facts.metadata}


def _remembering(chunks: Iterable[bytes], broken: list[BaseException]) -> Iterator[bytes]:
    """The chunks; what they raise is kept, for obstore raises another error for it."""
    try:
        yield from chunks
    except BaseException as error:
        broken.append(error)
        raise


@contextlib.contextmanager
def _writable(bucket: str, key: str) -> Iterator[None]:
    try:
        yield
    except AlreadyExistsError:
        raise FileExistsError(f"{bucket}/{key} exists") from None
    except FileNotFoundError:
        raise BucketNotFoundError(f"there is no bucket {bucket!r}") from None
    except (BaseError, OSError) as error:
        raise InternalError(f"{bucket}/{key[:200]} could not be written: {first_line(error)}") from error


def _credentials() -> Any:
    """What botocore finds, for obstore."""
    from botocore.session import Session

    credentials = Session().get_credentials()
    if credentials is None:
        raise InternalError("no AWS credentials for the object store: set AWS_PROFILE or AWS_ACCESS_KEY_ID")
    frozen = credentials.get_frozen_credentials()
    return {
        "access_key_id": frozen.access_key,
        "secret_access_key": frozen.secret_key,
        "token": frozen.token,
        "expires_at": getattr(credentials, "_expiry_time", None),
    }
