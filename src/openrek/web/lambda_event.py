"""The events that Lambda hands to the function: built, classified, brought into one form.

Payload format 2.0:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl

from openrek.config import ACCOUNT
from openrek.web.api_error import ApiError

Event = Mapping[str, Any]
Kind = Literal["request", "bucket", "topic"]
_SOURCES: Mapping[str, Kind] = {"aws:s3": "bucket", "aws:sns": "topic"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The HTTP request that an event is about."""

    method: str
    path: str
    """Decoded."""
    query: str
    """As sent, without `?`."""
    headers: Mapping[str, str]
    """With lower-case names."""
    scheme: str
    """By which the client sent it, perhaps to a proxy."""
    body: bytes = b""
    path_parameters: Mapping[str, str] | None = None
    http_version: str = "1.1"
    client: str = ""
    """The client's address."""


def build_event(request: HttpRequest, route_key: str, request_id: str) -> dict[str, Any]:
    """The event of one request.

    Cookies and credentials stay at the gateway: the function needs neither.
    """
    now = datetime.now(UTC)
    headers = {name: value for name, value in request.headers.items() if name not in ("cookie", "authorization")}
    headers["x-forwarded-proto"] = request.scheme
    domain = request.headers.get("host", "localhost")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "openrek",
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": f"HTTP/{request.http_version}",
                "sourceIp": request.client,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": bool(request.body),
    }
    if request.body:
        event["body"] = base64.b64encode(request.body).decode("ascii")
    if request.query:
        parameters: dict[str, str] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
        event["queryStringParameters"] = parameters
    if request.path_parameters:
        event["pathParameters"] = dict(request.path_parameters)
    return event


def kind_of(event: Event) -> Kind:
    """Whose event it is: an API's, a bucket's (S3) or a topic's (SNS).

    Raises:
        ValueError: An event of another kind. Lambda then keeps it in the queue of failed events.
    """
    if "routeKey" in event or "httpMethod" in event:
        return "request"
    records = event.get("Records")
    record = records[0] if isinstance(records, list) and records and isinstance(records[0], dict) else {}
    source = record.get("eventSource") or record.get("EventSource")
    kind = _SOURCES.get(str(source))
    if kind is None:
        names = ", ".join(sorted(map(str, event)))[:200]
        raise ValueError(f"Unknown event (source {str(source)[:80]!r}, members {names}); expected HTTP API, S3 or SNS.")
    return kind


def normalised(event: Event) -> Event:
    """An API's event in payload format 2.0, which HTTP APIs send; REST APIs send 1.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    if "httpMethod" not in event:
        return event
    context = event.get("requestContext") or {}
    resource = event.get("resource", "")
    return {
        **event,
        "version": "2.0",
        "routeKey": f"{event['httpMethod']} {resource}",
        "rawPath": event.get("path", ""),
        "headers": {name.lower(): value for name, value in (event.get("headers") or {}).items()},
        "cookies": [part.strip() for part in _cookie(event).split(";") if part.strip()],
        "requestContext": {**context, "http": {"method": event["httpMethod"], "path": event.get("path", "")}},
    }


def origin_of(event: Event) -> str:
    """Scheme and host of the request, for example "https://abc.execute-api.eu-west-1.amazonaws.com"."""
    headers = event.get("headers") or {}
    scheme = headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{headers.get('host') or event['requestContext']['domainName']}"


def cookies_of(event: Event) -> dict[str, str]:
    """Cookies by name."""
    found = event.get("cookies") or []
    return {name: value for name, _, value in (cookie.partition("=") for cookie in found)}


def body_of(event: Event) -> bytes:
    """The body of an API Gateway event.

    Raises:
        ApiError: 400 for a body that is declared to be base64 and is not.
    """
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "InvalidParameterException", "The event's body is not base64.") from None


def _cookie(event: Event) -> str:
    headers = event.get("headers") or {}
    return next((str(value) for name, value in headers.items() if name.lower() == "cookie"), "")
