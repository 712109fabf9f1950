"""Objects on Amazon S3, or on anything that speaks its protocol."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from openrek.errors import BucketNotFoundError, InternalError, ObjectNotReadableError
from openrek.s3.names import check_bucket, check_key
from openrek.s3.obstore_store import ObstoreObjectStore

_REGION = "us-east-1"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OPTIONS = frozenset({"endpoint", "region"})


class S3Place:
    """Where a bucket is: "s3://bucket?endpoint=https://minio.example:9000&region=eu-west-1".

    Without an endpoint it is on AWS; the region is us-east-1 where it is not said.
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


class RemoteObjectStore(ObstoreObjectStore):
    """All buckets of one place, with the credentials that AWS's SDKs find (environment, profile, instance role)."""

    def __init__(self, place: S3Place) -> None:
        self._place = place
        self._stores: dict[str, S3Store] = {}

    def check(self) -> None:
        """Returns if the place's own bucket can be listed.

        Raises:
            RuntimeError: it cannot; the message says why.
        """
        try:
            next(iter(obstore.list(self._store(self._place.bucket), chunk_size=1)), None)
        except (BaseError, OSError) as error:
            where = self._place.endpoint or f"AWS, {self._place.region}"
            reason = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
            raise RuntimeError(f"the bucket {self._place.bucket!r} at {where} cannot be used: {reason}") from None

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

    def _path(self, bucket: str, key: str) -> str:
        if any(segment in ("", ".", "..") for segment in check_key(key).split("/")) or _CONTROL.search(key):
            # obstore would ask for another object, or for none.
            raise ObjectNotReadableError(
                f"{key[:80]!r} cannot be asked of another S3 from here: "
                "no empty, '.' or '..' part between slashes, no control characters"
            )
        return key

    def _unreadable(self, bucket: str, key: str, error: Exception) -> ObjectNotReadableError:
        if isinstance(error, FileNotFoundError) and not self._exists(bucket):
            return BucketNotFoundError(f"there is no bucket {bucket!r}")
        return super()._unreadable(bucket, key, error)

    def _exists(self, bucket: str) -> bool:
        """S3 answers for a missing bucket as for a missing key; only a listing tells them apart."""
        try:
            next(iter(obstore.list(self._store(bucket), chunk_size=1)), None)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            return "NoSuchBucket" not in str(error)
        return True


def _credentials() -> Any:
    """What botocore finds, for obstore."""
    from botocore.session import Session

    found = Session().get_credentials()
    if found is None:
        raise InternalError("no AWS credentials for the object store: set AWS_PROFILE or AWS_ACCESS_KEY_ID")
    frozen = found.get_frozen_credentials()
    return {
        "access_key_id": frozen.access_key,
        "secret_access_key": frozen.secret_key,
        "token": frozen.token,
        "expires_at": getattr(found, "_expiry_time", None),
    }
