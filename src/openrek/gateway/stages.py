"""The life of a request before it reaches its route: each stage lets it pass or raises Problem."""

import ipaddress
import re
import socket
from collections.abc import Callable
from functools import lru_cache

from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.web.api_error import ApiError
from openrek.web.lambda_event import netloc_of

Stage = Callable[[RequestContext, GatewayServices], None]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# An address of IPv6 in brackets, or a name or an address of IPv4; then perhaps a port (RFC 9110, section 7.2).
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
_OWN_NAMES = frozenset({"localhost", socket.gethostname().lower()})


def check_host(context: RequestContext, services: GatewayServices) -> None:
    """Refuses a Host that is not ours: a web page that rebinds its own name to this address (DNS rebinding)
    still sends that name. An address in digits cannot be rebound."""
    host = context.headers.get("host", "")
    name = _name_of(host)
    if not name:
        raise ApiError(400, "InvalidParameterException", f"Host {host[:80]!r} is no name and no address")
    if name in _OWN_NAMES or name in services.allowed_hosts or _is_address(name):
        return
    raise ApiError(
        403,
        "AccessDeniedException",
        f"Host {host[:80]!r} is not served here; start openrek with OPENREK_ALLOWED_HOSTS={name[:80]} to allow it",
    )


def check_origin(context: RequestContext, services: GatewayServices) -> None:
    """Refuses a change that another site's page asks for (CSRF): its Origin is not the Host it asks."""
    headers = context.headers
    origin = headers.get("origin")
    if origin is None or context.request.method in _SAFE_METHODS:
        return
    if netloc_of(origin) != headers.get("host", "").lower():
        raise ApiError(403, "AccessDeniedException", f"pages of {origin[:80]!r} may not change anything here")


REQUEST_STAGES: tuple[Stage, ...] = (check_host, check_origin)


@lru_cache(maxsize=256)
def _name_of(host: str) -> str:
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


@lru_cache(maxsize=256)
def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
