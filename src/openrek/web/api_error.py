"""Errors of the REST API."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from openrek import errors

# HTTP statuses of recognition's error codes. Any other code: 400 for the caller's fault, 502 for recognition's.
_STATUS = {
    "AccessDeniedException": 403,
    "ImageTooLargeException": 413,
    "VideoTooLargeException": 413,
    "ResourceNotFoundException": 404,
    "ThrottlingException": 429,
    "LimitExceededException": 429,  # so many videos at once; it passes
    "ProvisionedThroughputExceededException": 429,
    "InternalServerError": 502,
}
_RETRY_SECONDS = 2

REST_ERRORS: Mapping[type[errors.OpenrekError], tuple[int, str]] = {
    errors.RequestError: (400, "InvalidParameterException"),
    errors.ImageFormatError: (400, "InvalidImageFormatException"),
    errors.ImageTooLargeError: (413, "ImageTooLargeException"),
    errors.VideoFormatError: (400, "InvalidParameterException"),
    errors.VideoTooLargeError: (413, "VideoTooLargeException"),
    errors.InvalidParameterError: (400, "InvalidParameterException"),
    errors.ValidationError: (400, "ValidationException"),
    errors.ObjectNotReadableError: (400, "InvalidS3ObjectException"),
    errors.BucketNotFoundError: (400, "InvalidS3ObjectException"),
    errors.ObjectNotFoundError: (400, "InvalidS3ObjectException"),
    errors.ObjectTooLargeError: (400, "InvalidS3ObjectException"),
    errors.RangeNotSatisfiableError: (400, "InvalidS3ObjectException"),
    errors.ResourceNotFoundError: (404, "ResourceNotFoundException"),
    errors.SessionNotFoundError: (404, "SessionNotFoundException"),
    errors.ResourceExistsError: (400, "ResourceAlreadyExistsException"),
    errors.ConflictError: (409, "ConflictException"),
    errors.QuotaExceededError: (400, "ServiceQuotaExceededException"),
    errors.JobLimitError: (429, "LimitExceededException"),
    errors.TokenReusedError: (400, "IdempotentParameterMismatchException"),
    errors.PaginationTokenError: (400, "InvalidPaginationTokenException"),
    errors.AccessDeniedError: (403, "AccessDeniedException"),
    errors.OperationNotSupportedError: (400, "InvalidParameterException"),
    errors.SerializationError: (400, "SerializationException"),
    errors.UnknownOperationError: (400, "UnknownOperationException"),
    errors.RequestTooLargeError: (413, "RequestEntityTooLargeException"),
    errors.RequestCancelledError: (400, "RequestAbortedException"),
    errors.AuthenticationError: (400, "UnrecognizedClientException"),
    errors.SignatureMismatchError: (400, "InvalidSignatureException"),
    errors.SignatureExpiredError: (400, "InvalidSignatureException"),
    errors.MissingCredentialsError: (400, "MissingAuthenticationTokenException"),
    errors.IncompleteSignatureError: (400, "IncompleteSignatureException"),
    errors.UnknownAccessKeyError: (400, "UnrecognizedClientException"),
    errors.ServiceError: (502, "InternalServerError"),
    errors.QueueFullError: (429, "ThrottlingException"),
    errors.InternalError: (502, "InternalServerError"),
    errors.StorageFullError: (507, "InsufficientStorage"),
    errors.StorageReadOnlyError: (503, "ServiceUnavailable"),
    errors.StorageUnavailableError: (503, "ServiceUnavailable"),
}
"""HTTP status and code of every domain error on the REST edge; a test holds it complete."""


class ApiError(Exception):
    """A request that cannot be served, with its HTTP status."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self._headers = dict(headers or {})

    @property
    def headers(self) -> dict[str, str]:
        """Further headers of the response (RFC 9110, sections 10.2.3 and 11.6.1)."""
        if self.status == 429:
            return {"retry-after": str(_RETRY_SECONDS), **self._headers}
        return {**({"www-authenticate": "Bearer"} if self.status == 401 else {}), **self._headers}

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """The body of the response."""
        return {"error": {"code": self.code, "message": self.message, "request_id": request_id}}


def api_error_of(error: Exception) -> ApiError:
    """The API error for an exception. The details of an unexpected one stay in the log."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        return ApiError(_STATUS.get(code, 502 if status >= 500 else 400), code, error.response["Error"]["Message"])
    if isinstance(error, errors.OpenrekError):
        return ApiError(*REST_ERRORS[type(error)], error.message)
    return ApiError(
        500,
        "InternalServerError",
        "An internal error occurred; the log has the details under this request id.",
    )
