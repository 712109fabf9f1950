"""The record of one request, filled stage by stage."""

import time
import uuid
from dataclasses import dataclass, field

from starlette.requests import Request


@dataclass(slots=True)
class RequestContext:
    """What the stages have found out."""

    request: Request
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Returned to the client and written with every log record."""
    started: float = field(default_factory=time.perf_counter)
    operation: str | None = None
    """Rekognition operation, once known."""
    access_key_id: str | None = None
    """Who signed, once verified."""

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since arrival."""
        return round((time.perf_counter() - self.started) * 1000, 1)
