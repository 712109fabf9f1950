"""The two halves of verifying a Signature Version 4: the head before the body is read, then the body."""

from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.iam import Verifier


def begin_signature(verifier: Verifier, context: RequestContext, service: str) -> None:
    """Check the head; sets `signature`, and `authenticated` where the head proves who calls.

    Raises:
        AuthenticationError: The signature is missing or wrong.
    """
    scope = context.request.scope
    context.signature = verifier.begin(
        method=scope["method"],
        raw_path=scope.get("raw_path", b"/").decode("latin-1"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=context.pairs,
        service=service,
    )
    context.authenticated = context.signature.is_verified


def finish_signature(context: RequestContext, services: GatewayServices) -> None:
    """Check the body; sets `signer`, `access_key_id` and `caller`.

    Raises:
        SignatureMismatchError: The body is not what was signed.
    """
    assert context.signature is not None
    context.signer = context.signature.finish(context.body)
    context.access_key_id = context.signer.access_key_id
    context.caller = services.keys.caller(context.access_key_id)
