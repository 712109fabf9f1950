"""What browsers are protected from: other names for this address, and pages of other origins."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from functools import lru_cache

from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError
from openrek.web.cors import ANY, CorsRule, Preflight, preflight_headers, response_headers
from openrek.web.origin import canonical_origin, origin_at

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# An address of IPv6 in brackets, or a name or an address of IPv4; then perhaps a port (RFC 9110, section 7.2).
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?")
_MAX_PORT = 65_535
_OWN_NAMES = frozenset({"localhost", socket.gethostname().lower()})


_CORS_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_CORS_EXPOSED = ("x-amzn-requestid", "x-amzn-errortype", "x-request-id", "etag", "location", "retry-after", "date")
_PREFLIGHT_SECONDS = 3600


def cors_rule(origins: Sequence[str]) -> CorsRule | None:
    """What pages of these origins may do: all that a key or the token allows. None without origins."""
    if not origins:
        return None
    return CorsRule(
        origins=tuple(ANY if origin == ANY else canonical_origin(origin) for origin in origins),
        methods=_CORS_METHODS,
        headers=(ANY,),
        expose=_CORS_EXPOSED,
        max_age_seconds=_PREFLIGHT_SECONDS,
    )


async def check_host(context: RequestContext, services: GatewayServices) -> None:
    """Rejects an unknown Host: a web page that rebinds its own name to this address (DNS rebinding)
    still sends that name. A numeric address cannot be rebound."""
    host = context.headers.get("host", "")
    name = _name_of(host)
    if not name:
        raise ApiError(400, "InvalidParameterException", f"Host {host[:80]!r} is not a host name or an address.")
    if sum(each == b"host" for each, _ in context.request.scope["headers"]) > 1:
        raise ApiError(400, "InvalidParameterException", "The request has several Host headers; send one.")
    if name in _OWN_NAMES or name in services.allowed_hosts or _is_address(name):
        return
    raise ApiError(
        403,
        "AccessDeniedException",
        f"Host {host[:80]!r} is not served here; start openrek with OPENREK_ALLOWED_HOSTS={name[:80]} to allow it",
    )


async def check_origin(context: RequestContext, services: GatewayServices) -> None:
    """Refuses a change by a page of another origin (CSRF), unless `--cors-origin` allows that origin.

    S3 has rules of its own for each bucket, and nothing there is done for a session cookie.
    """
    text = context.headers.get("origin")
    if text is None:
        return
    origin = canonical_origin(text)
    if origin and origin in own_origins(context, services):
        return
    context.foreign = True
    if context.endpoint.has_cors_rules:
        return
    preflight = Preflight.read(context.request.method, context.headers)
    method = context.request.method if preflight is None else preflight.method
    if services.cors is not None and services.cors.allows(
        origin or text, method, preflight.headers if preflight else ()
    ):
        context.cors = services.cors
        return
    if context.request.method in _SAFE_METHODS and preflight is None:
        return
    raise ApiError(
        403,
        "AccessDeniedException",
        f"Pages of {text[:80]!r} may not send {method[:20]} requests to this service; "
        "start openrek with --cors-origin to allow an origin.",
    )


def cors_headers(context: RequestContext, services: GatewayServices) -> list[tuple[bytes, bytes]]:
    """CORS headers of responses to pages of another origin; S3 has its own."""
    if services.cors is None or context.endpoint.has_cors_rules:
        return []
    if context.cors is None:
        return [(b"vary", b"Origin")]
    text = context.headers["origin"]
    preflight = Preflight.read(context.request.method, context.headers)
    headers = response_headers(context.cors, text) if preflight is None else preflight_headers(context.cors, preflight)
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]


def scheme_of(context: RequestContext, services: GatewayServices) -> str:
    """The scheme by which the client reached the service, perhaps through the proxy of the public URL."""
    scheme, host = services.public_origin
    if context.headers.get("host", "").lower() == host and host:
        return scheme
    if scheme == "https" and context.headers.get("x-forwarded-proto", "").strip().lower() == "https":
        return scheme
    return str(context.request.scope["scheme"])


def own_origins(context: RequestContext, services: GatewayServices) -> set[str]:
    """Origins of the service's own pages, as this request's client may name them."""
    host = context.headers.get("host", "").lower()
    name = _name_of(host)
    origins = {origin_at(scheme_of(context, services), host)}
    if name in services.allowed_hosts and name != _name_of(services.public_origin[1]) and not _is_local(name):
        # The operator named the host, so there may be a proxy that speaks TLS.
        origins |= {origin_at(scheme, host) for scheme in ("http", "https")}
    return origins


def _is_local(name: str) -> bool:
    return name in _OWN_NAMES or _is_address(name)


@lru_cache(maxsize=256)
def _name_of(host: str) -> str:
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found and int(found[3] or 0) <= _MAX_PORT else ""


@lru_cache(maxsize=256)
def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
