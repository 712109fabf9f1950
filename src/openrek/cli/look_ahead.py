"""Many items, several at a time: what commands that work through folders have in common."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from openrek.config import usable_cores

Item = TypeVar("Item")
Result = TypeVar("Result")


def look_ahead(run: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """One result an item, in order, with as many items under way as keep the cores busy."""
    ahead = usable_cores() + 1
    executor = ThreadPoolExecutor(ahead, "look-ahead")
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(executor.submit(run, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)  # after an interrupt the rest is not needed
