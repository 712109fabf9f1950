"""Domain errors. They carry no protocol's words: each edge maps them with a table of its own.

    OpenrekError
    ├── RequestError                 the caller can fix it
    │   ├── ImageFormatError         not an image format we read, or a damaged file
    │   ├── ImageTooLargeError       more bytes or pixels than allowed
    │   ├── VideoFormatError         not a video we read, or a damaged file
    │   ├── VideoTooLargeError       more bytes, hours, frames or pixels than allowed
    │   ├── InvalidParameterError    a value breaks a rule of the operation
    │   ├── ValidationError          a value breaks a constraint of the contract
    │   ├── ObjectNotReadableError   the S3 object cannot be read
    │   │   ├── BucketNotFoundError
    │   │   ├── ObjectNotFoundError
    │   │   ├── ObjectTooLargeError
    │   │   └── RangeNotSatisfiableError
    │   ├── ResourceNotFoundError    no such collection, analysis, user, …
    │   │   └── SessionNotFoundError
    │   ├── ResourceExistsError      a resource with this name exists
    │   ├── ConflictError            a user with this id exists
    │   ├── QuotaExceededError       more than allowed, for example tags
    │   ├── JobLimitError            more jobs at a time than allowed
    │   ├── TokenReusedError         the client's token came with other parameters before
    │   ├── PaginationTokenError     not a NextToken we issued
    │   ├── AccessDeniedError        known caller, not allowed
    │   ├── OperationNotSupportedError   the contract has the operation, openrek does not yet
    │   ├── SerializationError       the body is not the JSON that the contract requires
    │   ├── UnknownOperationError    no such operation in the contract
    │   ├── RequestTooLargeError     more bytes than any request needs
    │   ├── RequestCancelledError    the client disconnected, or the deadline passed
    │   └── AuthenticationError      the caller's identity is not established
    │       ├── SignatureMismatchError
    │       │   └── SignatureExpiredError
    │       ├── MissingCredentialsError
    │       ├── IncompleteSignatureError
    │       └── UnknownAccessKeyError
    └── ServiceError                 our side failed
        ├── QueueFullError           too many requests are waiting
        └── InternalError
            ├── StorageFullError       the disk of the data folder is full
            ├── StorageReadOnlyError   the data folder cannot be written
            └── StorageUnavailableError   the database cannot be reached, or is busy for too long

The tables: `openrek.protocol.error_codes` (awsJson1.1 and the in-process client), `openrek.web.api_error` (REST),
`openrek.gateway.s3.errors` (S3). The docstring of a class is its default message.
"""

import inspect


class OpenrekError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        self.message: str = message or inspect.cleandoc(type(self).__doc__ or "")
        super().__init__(self.message)


class RequestError(OpenrekError):
    """The request cannot be served."""


class ServiceError(OpenrekError):
    """The service failed."""


class ImageFormatError(RequestError):
    """The image format is not supported, or the file is damaged."""


class ImageTooLargeError(RequestError):
    """The image is larger than allowed."""


class VideoFormatError(RequestError):
    """The video format is not supported, or the file is damaged."""


class VideoTooLargeError(RequestError):
    """The video is larger or longer than allowed."""


class InvalidParameterError(RequestError):
    """A parameter is not valid."""


class ValidationError(RequestError):
    """The request does not satisfy the constraints of the contract."""


class ObjectNotReadableError(RequestError):
    """The S3 object cannot be read."""


class BucketNotFoundError(ObjectNotReadableError):
    """The bucket does not exist."""


class ObjectNotFoundError(ObjectNotReadableError):
    """The object does not exist in the bucket."""


class ObjectTooLargeError(ObjectNotReadableError):
    """The object has more bytes than may be read."""


class RangeNotSatisfiableError(ObjectNotReadableError):
    """The requested range lies behind the end of the object."""


class ResourceNotFoundError(RequestError):
    """The resource does not exist."""


class SessionNotFoundError(ResourceNotFoundError):
    """The session does not exist."""


class ResourceExistsError(RequestError):
    """A resource with this name already exists."""


class ConflictError(RequestError):
    """The request conflicts with what exists."""


class QuotaExceededError(RequestError):
    """The request would exceed a quota."""


class JobLimitError(RequestError):
    """Too many jobs are in progress; try again when one has ended."""


class TokenReusedError(RequestError):
    """The client request token was used with other parameters."""


class PaginationTokenError(RequestError):
    """The pagination token is not valid."""


class AccessDeniedError(RequestError):
    """You are not allowed to do this."""


class OperationNotSupportedError(RequestError):
    """The operation is not supported yet."""


class SerializationError(RequestError):
    """The request body could not be read."""


class UnknownOperationError(RequestError):
    """The operation does not exist."""


class RequestTooLargeError(RequestError):
    """The request has more bytes than allowed."""


class RequestCancelledError(RequestError):
    """The request was cancelled: its client disconnected, or its deadline passed."""


class AuthenticationError(RequestError):
    """The caller could not be identified."""


class SignatureMismatchError(AuthenticationError):
    """The request signature we calculated does not match the signature you provided."""


class SignatureExpiredError(SignatureMismatchError):
    """The signature has expired or is not yet valid."""


class MissingCredentialsError(AuthenticationError):
    """The request carries no signature or token."""


class IncompleteSignatureError(AuthenticationError):
    """The request signature is incomplete."""


class UnknownAccessKeyError(AuthenticationError):
    """The access key is not valid."""


class QueueFullError(ServiceError):
    """Too many requests are waiting; try again in a moment."""


class InternalError(ServiceError):
    """An internal error occurred; the log has the details under this request id."""


class StorageFullError(InternalError):
    """The disk of the data folder is full. Free space on it."""


class StorageReadOnlyError(InternalError):
    """The data folder cannot be written. Make it writable."""


class StorageUnavailableError(InternalError):
    """The database cannot be reached. Try again in a moment."""

    def __init__(self, message: str | None = None, cause: str = "") -> None:
        """The cause is for the log alone: it may name machines of the operator."""
        super().__init__(message)
        if cause:
            self.args = (self.message, cause)
