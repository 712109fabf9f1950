"""The one error tree. The class name is the wire code, the docstring the default message.

    OpenrekError
    ├── ClientError                      the caller can mend it: HTTP 400 unless said otherwise
    │   ├── InvalidImageFormatException  not a picture we read, or a broken one
    │   ├── ImageTooLargeException       more bytes or pixels than allowed
    │   ├── InvalidParameterException    a member broke a rule of the contract
    │   ├── InvalidS3ObjectException     bucket or key missing, or not allowed
    │   ├── ResourceNotFoundException    no such collection, analysis, object
    │   ├── ResourceAlreadyExistsException  a collection of this name is there
    │   ├── ServiceQuotaExceededException   more than allowed, as of tags
    │   ├── InvalidPaginationTokenException not a NextToken of ours
    │   ├── AccessDeniedException        known caller, not allowed (or operation not there yet)
    │   ├── SerializationException       the body is not the JSON the contract asks for
    │   ├── UnknownOperationException    no such operation in the contract
    │   ├── RequestEntityTooLargeException  more than any request can need: HTTP 413
    │   └── the four signature errors    who calls is not established
    └── ServerError                      ours: HTTP 500
        ├── ThrottlingException          the queue is full (the contract counts it as the service's fault)
        └── InternalServerError

A class with a `code` of its own is a case of the one above it, told apart in here and not on the wire.
Codes are those of Amazon Rekognition's service model and of AWS's common errors
(https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html).
"""

import inspect
from typing import ClassVar


class OpenrekError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    """HTTP status on the AWS wire."""

    def __init__(self, message: str | None = None) -> None:
        self.message: str = message or inspect.cleandoc(type(self).__doc__ or "")
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """The wire code: the class's name."""
        return type(self).__name__


class ClientError(OpenrekError):
    """The request cannot be served as it is."""

    status = 400


class ServerError(OpenrekError):
    """The service failed."""

    status = 500


class InvalidImageFormatException(ClientError):
    """The picture's format is not supported or the file is damaged."""


class ImageTooLargeException(ClientError):
    """The picture is larger than allowed."""


class InvalidParameterException(ClientError):
    """A parameter is not valid."""


class InvalidS3ObjectException(ClientError):
    """The S3 object cannot be read."""


class MissingBucketException(InvalidS3ObjectException):
    """There is no such bucket."""

    code = "InvalidS3ObjectException"


class MissingObjectException(InvalidS3ObjectException):
    """There is no such object in the bucket."""

    code = "InvalidS3ObjectException"


class LargeObjectException(InvalidS3ObjectException):
    """The object has more bytes than are read."""

    code = "InvalidS3ObjectException"


class ThrottlingException(ServerError):
    """Too many requests are waiting; try again in a moment."""


class ResourceNotFoundException(ClientError):
    """The resource does not exist."""


class ResourceAlreadyExistsException(ClientError):
    """A resource of this name exists already."""


class ServiceQuotaExceededException(ClientError):
    """There would be more than allowed."""


class InvalidPaginationTokenException(ClientError):
    """The pagination token is not one that was given out."""


class AccessDeniedException(ClientError):
    """You are not allowed to do this."""


class ValidationException(ClientError):
    """The request is not valid."""


class SerializationException(ClientError):
    """The request body could not be read."""


class UnknownOperationException(ClientError):
    """There is no such operation."""


class RequestEntityTooLargeException(ClientError):
    """The request has more bytes than are read."""

    status = 413


class InvalidSignatureException(ClientError):
    """The request signature we calculated does not match the signature you provided."""


class SkewedClockException(InvalidSignatureException):
    """The request was signed at another time than now."""

    code = "InvalidSignatureException"


class MissingAuthenticationTokenException(ClientError):
    """The request carries no signature or token."""


class IncompleteSignatureException(ClientError):
    """The request's signature is incomplete."""


class UnrecognizedClientException(ClientError):
    """The security token included in the request is invalid."""


class InternalServerError(ServerError):
    """Something failed on our side; the log has the details under this request id."""
