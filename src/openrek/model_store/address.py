"""Where a model may be downloaded from."""

import ipaddress
from urllib.parse import urlsplit


def rejection(url: str, before: str | None = None) -> str | None:
    """Why this address is rejected; None if it is accepted.

    Only https, so that the download cannot be read or changed in transit; http to this machine itself, which has
    no way. An address that redirects may do so to https, and one on this machine also to this machine.

    Args:
        url: The address.
        before: The address that redirected to it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return f"{url} is not an address"
    if not host and before is None:
        return f"{url} is not an address; it must be https://HOST/PATH"
    if parts.username is not None or parts.password is not None:
        return "an address with a user name or password is rejected, because it would be stored in plain text."
    if host and parts.scheme == "https":
        return None
    if host and parts.scheme == "http" and is_this_machine(host):
        if before is None or is_this_machine(urlsplit(before).hostname or ""):
            return None
        return f"{urlsplit(before).hostname} redirects to this machine ({url}), which is not followed"
    if before is not None:
        return f"{urlsplit(before).hostname} redirects to {url}; only https is followed"
    return f"{url} is rejected: only https:// is allowed, and http:// on this machine"


def is_this_machine(host: str) -> bool:
    """Whether a host name or address is this machine's own, without a DNS lookup."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
