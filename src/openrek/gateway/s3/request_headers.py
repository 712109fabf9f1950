"""Which x-amz-* headers are honoured, accepted because they ask for what is so anyway, or refused.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonRequestHeaders.html

A header that requests something unsupported must not be ignored silently: an object would be public,
encrypted or locked only in its uploader's mind. Headers that S3 does not define are ignored, as S3 ignores them.
"""

from collections.abc import Mapping

from openrek.config import ACCOUNT
from openrek.gateway.s3.errors import S3Error

STORAGE_CLASS = "x-amz-storage-class"
ENCRYPTION = "x-amz-server-side-encryption"
_OWNERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")
STORAGE_CLASSES = frozenset(
    {"STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR"}
)
"""Those whose objects can be read at any time, as all objects here."""
_KNOWN_CLASSES = STORAGE_CLASSES | {"GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS"}
ACCEPTED_VALUES: Mapping[str, frozenset[str]] = {
    STORAGE_CLASS: STORAGE_CLASSES,
    ENCRYPTION: frozenset({"AES256"}),
    "x-amz-server-side-encryption-bucket-key-enabled": frozenset({"true", "false"}),
    "x-amz-acl": frozenset({"private", "bucket-owner-full-control", "bucket-owner-read"}),
    "x-amz-object-annotation-directive": frozenset({"COPY", "EXCLUDE"}),
    "x-amz-tagging-directive": frozenset({"COPY", "REPLACE"}),
    "x-amz-object-lock-legal-hold": frozenset({"OFF"}),
    "x-amz-bucket-object-lock-enabled": frozenset({"false"}),
    "x-amz-bucket-namespace": frozenset({"global"}),
    "x-amz-object-ownership": frozenset({"BucketOwnerEnforced"}),
}
"""Values that can be honoured, by header; any other value is refused."""
REJECTED = (
    "x-amz-grant-",
    "x-amz-server-side-encryption-",
    "x-amz-copy-source-server-side-encryption-",
    "x-amz-object-lock-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
)
"""Headers, or their first letters, that ask for something that this store does not do."""


def check(headers: Mapping[str, str]) -> None:
    """Returns if every header can be honoured.

    Args:
        headers: With lower-case names.

    Raises:
        S3Error: one cannot be, or names another account as the owner of a bucket.
    """
    for name, value in headers.items():
        if not name.startswith("x-amz-"):
            continue
        if name in _OWNERS and value != ACCOUNT:
            raise S3Error(403, "AccessDenied", f"{name} is {value[:20]!r}; all buckets here belong to {ACCOUNT}.")
        accepted = ACCEPTED_VALUES.get(name)
        if accepted is None:
            if name.startswith(REJECTED):
                raise S3Error(501, "NotImplemented", f"{name} is not supported; remove the header.")
        elif value not in accepted:
            if name == STORAGE_CLASS and value not in _KNOWN_CLASSES:
                raise S3Error(400, "InvalidStorageClass", "The storage class you specified is not valid.")
            raise S3Error(501, "NotImplemented", f"{name}: {value[:80]} is not supported; use {_listed(accepted)}.")


def stored(headers: Mapping[str, str]) -> dict[str, str]:
    """The storage class and the encryption that an upload requests, as they are given back with the object."""
    kept = {name: headers[name] for name in (STORAGE_CLASS, ENCRYPTION) if headers.get(name)}
    if kept.get(STORAGE_CLASS) == "STANDARD":  # S3 omits the default
        del kept[STORAGE_CLASS]
    return kept


def _listed(values: frozenset[str]) -> str:
    return " or ".join(sorted(values))
