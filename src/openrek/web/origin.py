"""The origin of a page (RFC 6454): scheme, host and port."""

import re
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def canonical_origin(text: str) -> str:
    """An Origin header's value in lower case, without the port that its scheme implies; empty if it is not one."""
    origin = text.strip().lower()
    if not _ORIGIN.fullmatch(origin):
        return ""
    return origin.removesuffix(_DEFAULT_PORTS.get(origin.partition("://")[0], ""))


def origin_at(scheme: str, host: str) -> str:
    """The origin of what a host (with its port, if any) serves by a scheme; empty if it is not one."""
    return canonical_origin(f"{scheme}://{host}")


def netloc_of(origin: str) -> str:
    """Host and port of an origin or URL, in lower case; empty if it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # a bracket that is never closed
        return ""
