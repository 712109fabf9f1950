"""Routes of the REST API and the pages: a method, a path, and what the chain needs to know of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as PathPattern

from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices

Handler = Callable[[RequestContext, GatewayServices], Response]
_MAX_BODY_BYTES = 64 * 1024


class RunsOn(Enum):
    """Where a handler is called."""

    LOOP = "event loop"
    """It neither waits nor computes."""
    THREAD = "thread"
    IMAGE_QUEUE = "image queue"
    """It needs the engine."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    """As "/v1/analyses/{id}"."""
    handle: Handler
    runs_on: RunsOn = RunsOn.LOOP
    public: bool = False
    """Whether anybody may call it."""
    takes_image: bool = False
    """Whether its body may be an image, with the limit of an image."""
    max_body_bytes: int = _MAX_BODY_BYTES
    spools: bool = False
    """Whether its body may be a video, which goes to a file."""


class RouteTable:
    """Finds the route of a request; the first match wins."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._exact = {(route.method, route.path): route for route in routes if "{" not in route.path}
        self._patterns = [(PathPattern(route.path, _never, methods=[route.method]), route) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route | None, Mapping[str, str], frozenset[str]]:
        """The route and its path parameters; without one, the methods that the path does have."""
        if (route := self._exact.get((method, path))) is not None:
            return route, {}, frozenset()
        allowed: set[str] = set()
        for pattern, route in self._patterns:
            match, child = pattern.matches({"type": "http", "method": method, "path": path})
            if match is Match.FULL:
                return route, child["path_params"], frozenset()
            if match is Match.PARTIAL:
                allowed |= pattern.methods or set()
        return None, {}, frozenset(allowed)


async def _never(request: Request) -> Response:
    raise AssertionError("patterns only match; the chain calls the handlers")
