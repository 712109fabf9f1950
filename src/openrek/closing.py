"""Closing a system's parts in order, under a deadline."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

_LAST_SECONDS = 1.0
"""What each part gets even when those before it used up the time: enough to write out what it holds."""


def close_all(parts: Mapping[str, Callable[[], object]], seconds: float) -> tuple[str, ...]:
    """Closes the parts one after the other; one that fails is logged and does not keep the next from closing.

    Args:
        parts: What closes each part, by its name, in order.
        seconds: For all of them together. A part that takes longer goes on in a daemon thread.

    Returns:
        Names of the parts that were still closing when their time was up.
    """
    deadline = time.monotonic() + seconds
    unfinished: list[str] = []
    for name, close in parts.items():
        closing = threading.Thread(target=_close, args=(name, close), name=f"close-{name}", daemon=True)
        closing.start()
        closing.join(max(_LAST_SECONDS if not unfinished else _LAST_SECONDS / 4, deadline - time.monotonic()))
        if closing.is_alive():
            unfinished.append(name)
    return tuple(unfinished)


def _close(name: str, close: Callable[[], object]) -> None:
    try:
        close()
    except Exception:
        logging.getLogger(__name__).exception("%s did not close", name)
