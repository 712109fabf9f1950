"""Why S3 refuses, in its own codes.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from openrek.errors import (
    AccessDeniedException,
    IncompleteSignatureException,
    InvalidS3ObjectException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
    MissingBucketException,
    MissingObjectException,
    OpenrekError,
    SkewedClockException,
    UnrecognizedClientException,
)


class S3Error(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_CODES: dict[type[OpenrekError], tuple[int, str]] = {
    AccessDeniedException: (403, "AccessDenied"),
    MissingAuthenticationTokenException: (403, "AccessDenied"),
    IncompleteSignatureException: (400, "AuthorizationHeaderMalformed"),
    UnrecognizedClientException: (403, "InvalidAccessKeyId"),
    InvalidSignatureException: (403, "SignatureDoesNotMatch"),
    SkewedClockException: (403, "RequestTimeTooSkewed"),
    InvalidS3ObjectException: (400, "InvalidArgument"),
    MissingBucketException: (404, "NoSuchBucket"),
    MissingObjectException: (404, "NoSuchKey"),
}


def refusal_of(error: OpenrekError) -> S3Error:
    """The error in S3's words."""
    status, code = _CODES.get(type(error), (500, "InternalError"))
    return S3Error(status, code, error.message)


def no_bucket(bucket: str) -> S3Error:
    """There is no such bucket."""
    return S3Error(404, "NoSuchBucket", f"there is no bucket {bucket[:80]!r}")


def no_key(key: str) -> S3Error:
    """There is no such object."""
    return S3Error(404, "NoSuchKey", f"there is no object {key[:200]!r}")
