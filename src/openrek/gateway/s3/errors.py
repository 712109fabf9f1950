"""Why S3 refuses, in its own codes.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from openrek.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    IncompleteSignatureError,
    MissingCredentialsError,
    ObjectNotFoundError,
    ObjectNotReadableError,
    OpenrekError,
    RangeNotSatisfiableError,
    SignatureExpiredError,
    SignatureMismatchError,
    StorageFullError,
    StorageReadOnlyError,
    StorageUnavailableError,
    UnknownAccessKeyError,
)


class S3Error(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_CODES: dict[type[OpenrekError], tuple[int, str]] = {
    AccessDeniedError: (403, "AccessDenied"),
    MissingCredentialsError: (403, "AccessDenied"),
    IncompleteSignatureError: (400, "AuthorizationHeaderMalformed"),
    UnknownAccessKeyError: (403, "InvalidAccessKeyId"),
    SignatureMismatchError: (403, "SignatureDoesNotMatch"),
    SignatureExpiredError: (403, "RequestTimeTooSkewed"),
    ObjectNotReadableError: (400, "InvalidArgument"),
    BucketNotFoundError: (404, "NoSuchBucket"),
    ObjectNotFoundError: (404, "NoSuchKey"),
    RangeNotSatisfiableError: (416, "InvalidRange"),
    StorageFullError: (507, "InsufficientStorage"),
    StorageReadOnlyError: (503, "ServiceUnavailable"),
    StorageUnavailableError: (503, "ServiceUnavailable"),
}


def s3_error_of(error: OpenrekError) -> S3Error:
    """The error in S3's words."""
    status, code = next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), (500, "InternalError"))
    return S3Error(status, code, error.message)


def no_bucket(bucket: str) -> S3Error:
    """There is no such bucket."""
    return S3Error(404, "NoSuchBucket", f"there is no bucket {bucket[:80]!r}")


def no_key(key: str) -> S3Error:
    """There is no such object."""
    return S3Error(404, "NoSuchKey", f"there is no object {key[:200]!r}")
