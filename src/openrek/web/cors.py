"""Cross-origin requests: which pages of other origins may read the answers, by rules as S3 buckets have them.

The protocol: https://fetch.spec.whatwg.org/#http-cors-protocol. The rules:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

ANY = "*"
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


@dataclass(frozen=True, slots=True)
class CorsRule:
    """What pages of some origins may do."""

    origins: tuple[str, ...]
    """As "https://photos.example"; each may have one `*`, which stands for any characters."""
    methods: tuple[str, ...]
    """HTTP methods, upper case."""
    headers: tuple[str, ...] = ()
    """Request headers that are allowed, in any case; each may have one `*`."""
    expose: tuple[str, ...] = ()
    """Response headers that the page may read, besides those that every page may."""
    max_age_seconds: int | None = None
    """How long a browser may remember the answer to a preflight."""
    allow_credentials: bool = False
    """Whether the page may send cookies. Never for an origin that only `*` matches."""

    def allows(self, origin: str, method: str, headers: Iterable[str] = ()) -> bool:
        """Whether a page of `origin` may send a request of this method with these headers."""
        return (
            method in self.methods
            and any(_matches(pattern, origin) for pattern in self.origins)
            and all(any(_matches(pattern.lower(), name.lower()) for pattern in self.headers) for name in headers)
        )


@dataclass(frozen=True, slots=True)
class Preflight:
    """A preflight: the browser's request before one from a page of another origin."""

    origin: str
    method: str
    headers: tuple[str, ...]
    """Names of the request headers, lower case."""

    @classmethod
    def read(cls, method: str, headers: Mapping[str, str]) -> "Preflight | None":
        """The preflight that a request is; None for any other request.

        Args:
            method: HTTP method of the request itself.
            headers: With lower-case names.
        """
        origin, requested = headers.get("origin"), headers.get("access-control-request-method")
        if method != "OPTIONS" or not origin or not requested:
            return None
        names = headers.get("access-control-request-headers", "").split(",")
        return cls(origin, requested, tuple(name.strip().lower() for name in names if name.strip()))


def matching_rule(rules: Sequence[CorsRule], origin: str, method: str, headers: Iterable[str] = ()) -> CorsRule | None:
    """The first rule that allows the request; None if none does.

    Args:
        rules: In their order.
        origin: Value of the Origin header.
        method: HTTP method of the request, not of its preflight.
        headers: Names of the headers that a preflight lists; none for the request itself.
    """
    names = tuple(headers)
    return next((rule for rule in rules if rule.allows(origin, method, names)), None)


def response_headers(rule: CorsRule, origin: str) -> dict[str, str]:
    """Headers of the answer to a request that `rule` allows, names in lower case."""
    # With a literal `*` every page may read the answer, and none may send cookies along.
    anyone = ANY in rule.origins
    headers = {"access-control-allow-origin": ANY if anyone else origin, "vary": _VARY}
    if rule.allow_credentials and not anyone:
        headers["access-control-allow-credentials"] = "true"
    if rule.expose:
        headers["access-control-expose-headers"] = ", ".join(rule.expose)
    return headers


def preflight_headers(rule: CorsRule, preflight: Preflight) -> dict[str, str]:
    """Headers of the answer to a preflight that `rule` allows, names in lower case."""
    headers = response_headers(rule, preflight.origin) | {"access-control-allow-methods": ", ".join(rule.methods)}
    if preflight.headers:
        headers["access-control-allow-headers"] = ", ".join(preflight.headers)
    if rule.max_age_seconds is not None:
        headers["access-control-max-age"] = str(rule.max_age_seconds)
    return headers


@lru_cache(maxsize=1024)
def _matches(pattern: str, text: str) -> bool:
    if ANY not in pattern:
        return pattern == text
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split(ANY)), text) is not None
