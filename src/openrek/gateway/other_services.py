"""Requests for AWS services that openrek does not have: the error names the service, and what to set."""

from concurrent.futures import Future
from urllib.parse import parse_qs

from starlette.responses import Response

from openrek.gateway.aws_services import AwsService, aws_services, services_by_signing_name, services_by_target
from openrek.gateway.context import RequestContext
from openrek.gateway.service_errors import service_error
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError, api_error_of

_CBOR = "smithy-rpc-v2-cbor"
_QUERY = ("query", "ec2")


class OtherServiceEndpoint:
    """Refuses each request in its own protocol, by its head alone. The chain's stages call the methods in order."""

    has_cors_rules = False

    def max_body_bytes(self, context: RequestContext, services: GatewayServices) -> int:
        """Any body may be announced, for none is read."""
        return 1 << 60

    def may_block(self, context: RequestContext, services: GatewayServices) -> bool:
        """The first look-up of a service reads botocore's files."""
        return True

    def authenticate(self, context: RequestContext, services: GatewayServices) -> None:
        """Refuses.

        Raises:
            OtherServiceError: always.
        """
        raise other_service_error(*_service_of(context))

    def verify_body(self, context: RequestContext, services: GatewayServices) -> None:
        """Never called."""

    def admit(self, context: RequestContext, services: GatewayServices) -> "Future[None] | None":
        """Never called."""
        return None

    def handle(self, context: RequestContext, services: GatewayServices) -> None:
        """Never called."""

    def error_response(self, context: RequestContext, error: Exception) -> Response:
        """The error in the service's own protocol."""
        problem = api_error_of(error)
        protocol = problem.protocol if isinstance(problem, OtherServiceError) else _wire_protocol(context, "json")
        return service_error(protocol, problem.status, problem.code, problem.message, context.request_id)

    def log(self, context: RequestContext, services: GatewayServices) -> None:
        """One record for each request."""
        assert context.error is not None
        problem = api_error_of(context.error)
        services.log.emit(
            "refused",
            problem.message,
            level="ERROR" if problem.status >= 500 else "WARNING",
            request_id=context.request_id,
            status=problem.status,
            code=problem.code,
            path=context.request.scope["path"][:200],
            **({"cause": repr(context.error)[:500]} if problem.status >= 500 else {}),
        )


class OtherServiceError(ApiError):
    """A request for an AWS service that openrek does not have."""

    def __init__(self, protocol: str, message: str) -> None:
        self.protocol = protocol
        code = {"query": "InvalidAction", "ec2": "InvalidAction"}.get(protocol, "UnknownOperationException")
        super().__init__(400, code, message)


def other_service_error(protocol: str, service: AwsService | None, named: str, operation: str) -> OtherServiceError:
    """The error for a request to another AWS service.

    Args:
        protocol: In which the client understands it.
        service: The service that was meant; None if botocore knows none.
        named: What the request calls it, as a prefix or the name in its credential scope.
        operation: As "PutItem"; empty if the request does not say.
    """
    what = f" ({operation[:80]})" if operation else ""
    if service is None:
        return OtherServiceError(
            protocol,
            f"openrek has no AWS service {named[:80]!r}{what}. It answers Amazon Rekognition, Amazon S3 and "
            "sts:GetCallerIdentity. Set AWS_ENDPOINT_URL_REKOGNITION and AWS_ENDPOINT_URL_S3, not AWS_ENDPOINT_URL.",
        )
    return OtherServiceError(
        protocol,
        f"This request is for {service.service_id}{what}, which openrek does not have. Set {service.endpoint_variable} "
        "to an endpoint that has it, or set AWS_ENDPOINT_URL_REKOGNITION and AWS_ENDPOINT_URL_S3 instead of "
        "AWS_ENDPOINT_URL.",
    )


def service_of_query(version: str, signing_name: str = "") -> AwsService | None:
    """The service of a request in the query protocol, by its `Version` and the name in its credential scope."""
    candidates = services_by_signing_name(signing_name) if signing_name else aws_services()
    of_protocol = [each for each in candidates if each.protocol in _QUERY]
    return next((each for each in of_protocol if each.api_version == version), None)


def _service_of(context: RequestContext) -> tuple[str, AwsService | None, str, str]:
    """Protocol, service, its name in the request, operation."""
    target = context.headers.get("x-amz-target", "")
    path: str = context.request.scope["path"]
    if target:
        prefix, _, operation = target.rpartition(".")
        return "json", _likely(services_by_target(prefix), path), prefix, operation
    parts = path.split("/")
    if context.headers.get("smithy-protocol"):  # /service/NAME/operation/OPERATION
        prefix, operation = (parts[2], parts[4]) if len(parts) == 5 else ("", "")
        found = services_by_target(prefix) or services_by_signing_name(context.claimed_service)
        return _CBOR, _likely(found, path), prefix, operation
    name = context.claimed_service
    candidates = services_by_signing_name(name)
    content_type = context.headers.get("content-type", "")
    query = parse_qs(context.request.scope["query_string"].decode("latin-1"))
    is_form = content_type.startswith("application/x-www-form-urlencoded")
    if path == "/" and (is_form or "Action" in query):
        spoken = [each for each in candidates if each.protocol in _QUERY] or candidates
        service = _likely(tuple(spoken), path)
        protocol = "ec2" if service is not None and service.protocol == "ec2" else "query"
        return protocol, service, name, query.get("Action", [""])[0]
    spoken = [each for each in candidates if each.protocol.startswith("rest")] or candidates
    service = _likely(tuple(spoken), path)
    return _wire_protocol(context, service.protocol if service else "rest-json"), service, name, ""


def _likely(candidates: tuple[AwsService, ...], path: str) -> AwsService | None:
    """Of several relatives, the one whose version the path begins with, else the one with the shortest name."""
    in_path = [each for each in candidates if each.api_version and path.startswith(f"/{each.api_version}/")]
    return min(in_path or candidates, key=lambda each: len(each.service_id), default=None)


def _wire_protocol(context: RequestContext, default: str) -> str:
    if context.headers.get("smithy-protocol"):
        return _CBOR
    return default
