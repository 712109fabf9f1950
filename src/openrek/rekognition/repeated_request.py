"""Requests with a ClientRequestToken, which SDKs send again when they got no answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from openrek.rekognition.operation import Request, Response
from openrek.rekognition.services import Services

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TOKEN = "ClientRequestToken"  # noqa: S105 - a member's name


def once(operation: str, request: Request, services: Services, act: "Callable[[Connection], Response]") -> Response:
    """Carry out a request, or return the answer to the same request with the same token.

    Args:
        operation: Its name.
        request: JSON.
        services: Of the request.
        act: Carries it out in a transaction, in which its answer, JSON, is recorded for 7 days.

    Raises:
        TokenReusedError: The token came with other parameters.
    """
    from openrek.state import TokenScope

    token = request.get(_TOKEN)
    scope = None if token is None else TokenScope(services.caller.arn, operation, token)
    content = {name: value for name, value in request.items() if name != _TOKEN}
    return services.resources.request_tokens.once(scope, content, act)
