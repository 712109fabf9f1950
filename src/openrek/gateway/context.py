"""The record of one request, filled stage by stage."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from openrek.iam import Caller

# Seeded by the system once; a request's id is no secret, and asking the system each time lets other threads in.
_RANDOM = random.Random()  # noqa: S311
_VERSION_4 = (4 << 76) | (2 << 62)
_FREE = ~((0xF << 76) | (0x3 << 62))


def _new_request_id() -> str:
    """A UUID of version 4, as `uuid.uuid4` makes them, in a fifth of its time."""
    bits = _RANDOM.getrandbits(128) & _FREE | _VERSION_4
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(slots=True)
class RequestContext:
    """What the stages have found out."""

    request: Request
    request_id: str = field(default_factory=_new_request_id)
    """Returned to the client and written with every log record."""
    started: float = field(default_factory=time.perf_counter)
    operation: str | None = None
    """Rekognition operation, once known."""
    access_key_id: str | None = None
    """Who signed, once verified."""
    caller: Caller | None = None
    """Likewise: who has that key."""
    pairs: tuple[tuple[str, str], ...] = field(init=False)
    """The headers as they were sent."""
    headers: Mapping[str, str] = field(init=False)
    """Values by lower-case name; of several the last."""

    def __post_init__(self) -> None:
        raw = self.request.scope["headers"]
        self.pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
        self.headers = {name.lower(): value for name, value in self.pairs}

    @property
    def conditions(self) -> dict[str, str]:
        """The condition keys that a request has by itself.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        request = self.request
        return {
            "aws:SecureTransport": "true" if request.scope["scheme"] == "https" else "false",
            "aws:UserAgent": self.headers.get("user-agent", ""),
            **({"aws:SourceIp": request.client.host} if request.client else {}),
        }

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since arrival."""
        return round((time.perf_counter() - self.started) * 1000, 1)
