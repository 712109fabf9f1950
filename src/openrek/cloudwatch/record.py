"""One log record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson

# Field names whose values never reach a log, whatever a caller passes.
_SECRET_WORDS = ("secret", "token", "password", "authorization", "signature", "cookie", "credential")
_MAX_TEXT = 2000


@dataclass(frozen=True)
class LogRecord:
    """What happened, when, on behalf of which request."""

    event: str
    level: str
    timestamp_ms: int
    """Milliseconds since the epoch, UTC."""
    message: str = ""
    request_id: str | None = None
    analysis_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    position: int | None = None
    """Place in the kept log; None before it is kept."""

    def as_dict(self) -> dict[str, Any]:
        """The record as the JSON object that is printed and served."""
        when = datetime.fromtimestamp(self.timestamp_ms / 1000, UTC)
        head: dict[str, Any] = {
            "timestamp": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": self.level,
            "event": self.event,
        }
        if self.message:
            head["message"] = self.message
        if self.request_id:
            head["request_id"] = self.request_id
        if self.analysis_id:
            head["analysis_id"] = self.analysis_id
        return head | {name: _clean(name, value) for name, value in self.fields.items()}

    @cached_property
    def line(self) -> str:
        """`as_dict` as one line of JSON, without the line break."""
        return orjson.dumps(self.as_dict(), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _clean(name: str, value: Any) -> Any:
    """No secret, no image, no novel: what a log must not carry is replaced by a word on what it was."""
    if any(word in name.lower() for word in _SECRET_WORDS):
        return "***"
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return value[:_MAX_TEXT] + "…"
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(name, item) for item in value]
    return value
