"""Values that are computed at most once, however many threads need them at the same time."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """Values by key. The first thread that needs one computes it; the others wait for it.

    A computation that raises is not repeated either: whoever needs its value gets the same exception. Computations may
    need other values of the same memo, as long as none needs its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value of the key, computed if this is the first call for it.

        Raises:
            BaseException: what the computation raised.
        """
        with self._lock:
            value: Future[T] | None = self._values.get(key)
            is_first = value is None
            if value is None:
                value = self._values[key] = Future()
        if is_first:
            try:
                value.set_result(compute())
            except BaseException as error:
                value.set_exception(error)
        return value.result()
