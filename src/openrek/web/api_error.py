"""Answers of the REST API that are no success."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from openrek.errors import OpenrekError

# What recognition refused, as an HTTP status. Not named: 400 for the caller's fault, 502 for recognition's.
_STATUS = {
    "AccessDeniedException": 403,
    "ImageTooLargeException": 413,
    "ResourceNotFoundException": 404,
    "ThrottlingException": 429,
    "LimitExceededException": 429,  # so many videos at once; it passes
    "ProvisionedThroughputExceededException": 429,
    "InternalServerError": 502,
}
_RETRY_SECONDS = 2


class ApiError(Exception):
    """A request that cannot be served, with the HTTP status that says so."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self._headers = dict(headers or {})

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says besides its body (RFC 9110, sections 10.2.3 and 11.6.1)."""
        if self.status == 429:
            return {"retry-after": str(_RETRY_SECONDS), **self._headers}
        return {**({"www-authenticate": "Bearer"} if self.status == 401 else {}), **self._headers}

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        return {"error": {"code": self.code, "message": self.message, "request_id": request_id}}


def api_error_of(error: Exception) -> ApiError:
    """The problem behind an exception; an unexpected one is told without its details."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        return ApiError(_STATUS.get(code, 502 if status >= 500 else 400), code, error.response["Error"]["Message"])
    if isinstance(error, OpenrekError):
        return ApiError(_STATUS.get(error.code, error.status), error.code, error.message)
    return ApiError(
        500,
        "InternalServerError",
        "something failed on our side; the log has the details under this request id",
    )
