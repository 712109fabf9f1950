"""A bound on what strangers may make the service hold."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from openrek.errors import QueueFullError
from openrek.web.request_body import Receive

_TOTAL_BYTES = 256 * 1024 * 1024


class BodyBudget:
    """Bytes of bodies that are held for requests whose signature is not verified yet. For the event loop alone.

    Anyone who knows the id of an access key can send a body: its signature can only be checked once it is there.
    """

    def __init__(self, total_bytes: int = _TOTAL_BYTES) -> None:
        self._free = total_bytes

    @contextmanager
    def hold(self, receive: Receive) -> Iterator[Receive]:
        """Counts what is received until the end of the block; receiving raises QueueFullError over the bound."""
        held = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal held
            event = await receive()
            size = len(event.get("body", b""))
            if size > self._free:
                raise QueueFullError("Too many unverified requests are being received; try again in a moment.")
            self._free -= size
            held += size
            return event

        try:
            yield counted
        finally:
            self._free += held
