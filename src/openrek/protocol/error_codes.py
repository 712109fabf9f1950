"""Domain errors as the AWS wire names them: the table of the awsJson1.1 edge and of the in-process client.

Codes are those of Amazon Rekognition's service model and of AWS's common errors:
https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html
"""

from collections.abc import Mapping
from typing import NamedTuple

from openrek import errors


class ErrorCode(NamedTuple):
    """How an error looks on the wire."""

    status: int
    """HTTP status."""
    code: str
    """`__type` of the response."""


ERROR_CODES: Mapping[type[errors.OpenrekError], ErrorCode] = {
    errors.RequestError: ErrorCode(400, "InvalidParameterException"),
    errors.ImageFormatError: ErrorCode(400, "InvalidImageFormatException"),
    errors.ImageTooLargeError: ErrorCode(400, "ImageTooLargeException"),
    # The contract models no error for a video's format.
    errors.VideoFormatError: ErrorCode(400, "InvalidParameterException"),
    errors.VideoTooLargeError: ErrorCode(400, "VideoTooLargeException"),
    errors.InvalidParameterError: ErrorCode(400, "InvalidParameterException"),
    errors.ValidationError: ErrorCode(400, "ValidationException"),
    errors.ObjectNotReadableError: ErrorCode(400, "InvalidS3ObjectException"),
    errors.BucketNotFoundError: ErrorCode(400, "InvalidS3ObjectException"),
    errors.ObjectNotFoundError: ErrorCode(400, "InvalidS3ObjectException"),
    errors.ObjectTooLargeError: ErrorCode(400, "InvalidS3ObjectException"),
    errors.RangeNotSatisfiableError: ErrorCode(400, "InvalidS3ObjectException"),
    errors.ResourceNotFoundError: ErrorCode(400, "ResourceNotFoundException"),
    errors.SessionNotFoundError: ErrorCode(400, "SessionNotFoundException"),
    errors.ResourceExistsError: ErrorCode(400, "ResourceAlreadyExistsException"),
    errors.ConflictError: ErrorCode(400, "ConflictException"),
    errors.QuotaExceededError: ErrorCode(400, "ServiceQuotaExceededException"),
    errors.JobLimitError: ErrorCode(400, "LimitExceededException"),
    errors.TokenReusedError: ErrorCode(400, "IdempotentParameterMismatchException"),
    errors.PaginationTokenError: ErrorCode(400, "InvalidPaginationTokenException"),
    errors.AccessDeniedError: ErrorCode(400, "AccessDeniedException"),
    # Modelled by all operations, not retried by SDKs, and not taken for a matter of IAM.
    errors.OperationNotSupportedError: ErrorCode(400, "InvalidParameterException"),
    errors.SerializationError: ErrorCode(400, "SerializationException"),
    errors.UnknownOperationError: ErrorCode(400, "UnknownOperationException"),
    errors.RequestTooLargeError: ErrorCode(413, "RequestEntityTooLargeException"),
    errors.RequestCancelledError: ErrorCode(400, "RequestAbortedException"),
    errors.AuthenticationError: ErrorCode(400, "UnrecognizedClientException"),
    errors.SignatureMismatchError: ErrorCode(400, "InvalidSignatureException"),
    errors.SignatureExpiredError: ErrorCode(400, "InvalidSignatureException"),
    errors.MissingCredentialsError: ErrorCode(400, "MissingAuthenticationTokenException"),
    errors.IncompleteSignatureError: ErrorCode(400, "IncompleteSignatureException"),
    errors.UnknownAccessKeyError: ErrorCode(400, "UnrecognizedClientException"),
    errors.ServiceError: ErrorCode(500, "InternalServerError"),
    # The contract counts throttling as the service's fault, and SDKs retry it.
    errors.QueueFullError: ErrorCode(500, "ThrottlingException"),
    errors.InternalError: ErrorCode(500, "InternalServerError"),
    errors.StorageFullError: ErrorCode(507, "InternalServerError"),
    errors.StorageReadOnlyError: ErrorCode(503, "InternalServerError"),
    errors.StorageUnavailableError: ErrorCode(503, "InternalServerError"),
}
"""Every class of `openrek.errors` but the root; a test holds it complete."""


def error_code(error: errors.OpenrekError) -> ErrorCode:
    """Status and code of an error."""
    return ERROR_CODES[type(error)]
