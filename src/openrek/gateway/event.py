"""HTTP requests as API Gateway events, and Lambda responses as HTTP.

Payload format 2.0:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from openrek.config import ACCOUNT

FUNCTION_NAME = "openrek"
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The context object that Lambda hands to a Python handler.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    aws_request_id: str
    function_name: str = FUNCTION_NAME
    function_version: str = "$LATEST"
    invoked_function_arn: str = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION_NAME}"
    memory_limit_in_mb: int = 0
    log_group_name: str = f"/aws/lambda/{FUNCTION_NAME}"
    log_stream_name: str = "local"
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until an API Gateway integration would give up."""
        return max(0, int((self.started + _TIMEOUT_SECONDS - time.monotonic()) * 1000))


def build_event(request: Request, body: bytes, route_key: str, request_id: str, scheme: str) -> dict[str, Any]:
    """The event of one request, which the client made by `scheme`.

    Cookies and credentials stay at the gateway: the function needs neither.
    """
    now = datetime.now(UTC)
    headers = {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower() not in ("cookie", "authorization")
    }
    headers["x-forwarded-proto"] = scheme
    domain = request.headers.get("host", "localhost")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.url.path,
        "rawQueryString": request.url.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": FUNCTION_NAME,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.url.path,
                "protocol": f"HTTP/{request.scope.get('http_version', '1.1')}",
                "sourceIp": request.client.host if request.client else "",
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": bool(body),
    }
    if body:
        event["body"] = base64.b64encode(body).decode("ascii")
    if request.query_params:
        event["queryStringParameters"] = {
            name: ",".join(request.query_params.getlist(name)) for name in request.query_params
        }
    if request.path_params:
        event["pathParameters"] = dict(request.path_params)
    return event


def http_response(answer: dict[str, Any]) -> Response:
    """The function's answer as an HTTP response."""
    body = answer.get("body", "")
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return Response(content, answer["statusCode"], answer.get("headers") or {})
