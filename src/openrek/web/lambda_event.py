"""The events that Lambda hands over, told apart and brought into one form."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

Event = Mapping[str, Any]
Kind = Literal["request", "bucket", "topic"]
_SOURCES: Mapping[str, Kind] = {"aws:s3": "bucket", "aws:sns": "topic"}


def kind_of(event: Event) -> Kind:
    """Whose event it is: an API's, a bucket's (S3) or a topic's (SNS)."""
    records = event.get("Records") or [{}]
    source = records[0].get("eventSource") or records[0].get("EventSource")
    return _SOURCES.get(source, "request")


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
    """Scheme and host that the caller asked, as "https://abc.execute-api.eu-west-1.amazonaws.com"."""
    headers = event.get("headers") or {}
    scheme = headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{headers.get('host') or event['requestContext']['domainName']}"


def netloc_of(origin: str) -> str:
    """Host and port of an Origin header, in lower case; empty for one that is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # a bracket that is never closed
        return ""


def cookies_of(event: Event) -> dict[str, str]:
    """Cookies by name."""
    found = event.get("cookies") or []
    return {name: value for name, _, value in (cookie.partition("=") for cookie in found)}


def _cookie(event: Event) -> str:
    headers = event.get("headers") or {}
    return next((str(value) for name, value in headers.items() if name.lower() == "cookie"), "")
