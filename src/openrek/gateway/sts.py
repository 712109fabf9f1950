"""AWS's query protocol: `sts:GetCallerIdentity` answers; any other action gets an error in the same protocol.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from concurrent.futures import Future
from urllib.parse import parse_qsl

from starlette.responses import Response

from openrek import errors
from openrek.config import ACCOUNT
from openrek.gateway.context import RequestContext
from openrek.gateway.other_services import OtherServiceError, other_service_error, service_of_query
from openrek.gateway.service_errors import service_error, text
from openrek.gateway.services import GatewayServices
from openrek.gateway.signature import begin_signature, finish_signature
from openrek.iam import Caller, Verifier
from openrek.protocol import error_code
from openrek.web.api_error import ApiError, api_error_of
from openrek.web.request_body import BodyTooLarge, ClientGone

SERVICE = "sts"
_VERSION = "2011-06-15"
_NAMESPACE = f"https://sts.amazonaws.com/doc/{_VERSION}/"
_OPERATION = "GetCallerIdentity"
_MAX_BODY_BYTES = 256 * 1024

STS_ERRORS: Mapping[type[errors.OpenrekError], tuple[int, str]] = {
    errors.MissingCredentialsError: (403, "MissingAuthenticationToken"),
    errors.IncompleteSignatureError: (400, "IncompleteSignature"),
    errors.UnknownAccessKeyError: (403, "InvalidClientTokenId"),
    errors.SignatureMismatchError: (403, "SignatureDoesNotMatch"),
    errors.SignatureExpiredError: (403, "SignatureDoesNotMatch"),
    errors.AuthenticationError: (403, "InvalidClientTokenId"),
    errors.QueueFullError: (503, "Throttling"),
    errors.InternalError: (500, "InternalFailure"),
}
"""Status and code where the query protocol's differ from those of AWS JSON.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""


class StsEndpoint:
    """Returns the user of a key. The chain's stages call the methods in their order."""

    has_cors_rules = False

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    def max_body_bytes(self, context: RequestContext, services: GatewayServices) -> int:
        """256 KiB: a request of names and values."""
        return _MAX_BODY_BYTES

    def may_block(self, context: RequestContext, services: GatewayServices) -> bool:
        """Whether the key must be looked up in the database."""
        return not services.keys.is_cached(context.claimed_key_id)

    def authenticate(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks the head of the signature. Some of STS's operations have none; they are refused when they are known.

        Raises:
            AuthenticationError: it is wrong.
        """
        if context.claimed_service:
            begin_signature(self._verifier, context, SERVICE)

    def verify_body(self, context: RequestContext, services: GatewayServices) -> None:
        """Checks the signature over the body.

        Raises:
            SignatureMismatchError: it is wrong.
        """
        if context.signature is not None:
            finish_signature(context, services)

    def admit(self, context: RequestContext, services: GatewayServices) -> "Future[None] | None":
        """In a thread, since another service may have to be looked up in botocore's files."""
        return services.executor.submit(self.handle, context, services)

    def handle(self, context: RequestContext, services: GatewayServices) -> None:
        """Answers GetCallerIdentity, which needs no permission.

        Raises:
            OtherServiceError: another operation or service is meant.
            MissingCredentialsError: the request is not signed.
        """
        query = context.request.scope["query_string"].decode("latin-1")
        sent = f"{query}&{context.body.decode('utf-8', 'replace')}"
        parameters = dict(parse_qsl(sent, keep_blank_values=True))
        action, version = parameters.get("Action", ""), parameters.get("Version", "")
        context.operation = action[:80]
        if action != _OPERATION or version not in (_VERSION, ""):
            service = service_of_query(version, SERVICE if context.signature is not None else "")
            protocol = "ec2" if service is not None and service.protocol == "ec2" else "query"
            raise other_service_error(protocol, service, f"of API version {version}", action)
        if context.caller is None or context.access_key_id is None:
            raise errors.MissingCredentialsError
        arn = text(context.caller.arn)
        body = (
            f'<{_OPERATION}Response xmlns="{_NAMESPACE}"><{_OPERATION}Result><Arn>{arn}</Arn>'
            f"<UserId>{text(user_id(context.caller))}</UserId><Account>{ACCOUNT}</Account></{_OPERATION}Result>"
            f"<ResponseMetadata><RequestId>{context.request_id}</RequestId></ResponseMetadata></{_OPERATION}Response>"
        )
        context.response = Response(body, headers={"x-amzn-requestid": context.request_id}, media_type="text/xml")

    def error_response(self, context: RequestContext, error: Exception) -> Response:
        """The error in the query protocol's XML."""
        protocol, problem = _problem(error)
        return service_error(protocol, problem.status, problem.code, problem.message, context.request_id)

    def log(self, context: RequestContext, services: GatewayServices) -> None:
        """One record for each request."""
        problem = None if context.error is None else _problem(context.error)[1]
        failed = problem is not None and problem.status >= 500
        services.log.emit(
            "answered" if problem is None else "refused",
            level="INFO" if problem is None else "ERROR" if failed else "WARNING",
            request_id=context.request_id,
            operation=f"sts:{context.operation or ''}",
            status=200 if problem is None else problem.status,
            principal=context.caller.arn if context.caller else context.access_key_id,
            ms=context.elapsed_ms,
            **({} if problem is None else {"code": problem.code, "reason": problem.message}),
            **({"cause": repr(context.error)[:500]} if failed else {}),
        )


def user_id(caller: Caller) -> str:
    """The unique identifier that AWS gives beside an ARN: it follows from the ARN here.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    if caller.arn.endswith(":root"):
        return ACCOUNT
    if ":assumed-role/" in caller.arn:
        role, _, session = caller.arn.partition(":assumed-role/")[2].partition("/")
        return f"AROA{_digest(role)}:{session}"
    return f"AIDA{_digest(caller.arn)}"


def _digest(name: str) -> str:
    return b32encode(hashlib.sha256(name.encode()).digest()).decode()[:17]


def _problem(error: Exception) -> tuple[str, ApiError]:
    """The protocol and the error in its codes."""
    if isinstance(error, OtherServiceError):
        return error.protocol, error
    if isinstance(error, BodyTooLarge):
        message = f"The request has {error.size:,} bytes; it may have at most {error.max_bytes:,}."
        return "query", ApiError(413, "RequestEntityTooLarge", message)
    if isinstance(error, ClientGone):
        return "query", ApiError(400, "MalformedQueryString", "The connection ended before the body did.")
    if isinstance(error, errors.OpenrekError):
        status, code = STS_ERRORS.get(type(error)) or error_code(error)
        return "query", ApiError(status, code, error.message)
    return "query", api_error_of(error)
