"""Where images are decoded: in the decoder processes of this process, or where there can be none, in itself."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from openrek import cancellation
from openrek.imaging.decode import decode
from openrek.imaging.structure import DecodedImage, ImageStructure

if TYPE_CHECKING:
    from openrek.imaging.decoder_pool import DecoderPool

MAX_BYTES_AT_ONCE = 450_000_000
"""Memory that all readers of this process may take together. One image is always let in, however large."""
_MAX_PROCESSES = 4
_POLL_SECONDS = 0.05


class _Budget:
    """Bytes that may be taken at the same time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._freed = threading.Condition()

    @contextmanager
    def reserve(self, count: int) -> Iterator[None]:
        """Waits until there is room for so many.

        Raises:
            RequestCancelledError: the request was cancelled meanwhile.
        """
        with self._freed:
            while self._used and self._used + count > self._limit:
                cancellation.check()
                self._freed.wait(_POLL_SECONDS)
            self._used += count
        try:
            yield
        finally:
            with self._freed:
                self._used -= count
                self._freed.notify_all()


class _Decoders:
    """The pool of this process. One a process, because it bounds what all images together may take of the machine."""

    def __init__(self) -> None:
        self._budget = _Budget(MAX_BYTES_AT_ONCE)
        self._lock = threading.Lock()
        self._pool: DecoderPool | None = None
        # Descriptors are passed over Unix sockets, and limits set with Unix signals.
        self._in_process = os.name != "posix"

    def pool(self) -> "DecoderPool | None":
        """The pool; None where images are decoded in this process."""
        if self._in_process:
            return None
        from openrek.imaging.decoder_pool import DecoderPool  # late: on AWS there is none

        with self._lock:
            if self._pool is None:
                self._pool = DecoderPool(min(_MAX_PROCESSES, _cores()))
                atexit.register(self._pool.close)
            return self._pool

    def decode(self, structure: ImageStructure, scale: int) -> DecodedImage:
        """See `decode_image`."""
        cancellation.check()
        with self._budget.reserve(structure.reader_bytes):
            if (pool := self.pool()) is not None:
                from openrek.imaging.decoder_pool import PoolUnavailableError

                try:
                    return pool.decode(structure, scale)
                except PoolUnavailableError as error:
                    self._in_process = True
                    logging.getLogger(__name__).warning(
                        "images are decoded without limits of time and memory: no decoder process starts (%s)", error
                    )
            started = time.thread_time()
            pixels = bytearray()
            width, height = decode(structure, scale, pixels.extend)
            return DecodedImage(width, height, pixels, time.thread_time() - started)

    def forget(self) -> None:
        """Leaves the pool to another process."""
        self._lock = threading.Lock()
        self._budget = _Budget(MAX_BYTES_AT_ONCE)
        if self._pool is not None:
            atexit.unregister(self._pool.close)
        self._pool = None

    def stay_in_process(self) -> None:
        """See `decode_in_process`."""
        self._in_process = True


_decoders = _Decoders()


def decode_image(structure: ImageStructure, scale: int = 1) -> DecodedImage:
    """The upright image in three channels, `scale` times smaller on a side; see `decode.decode`.

    Raises:
        ImageFormatError: the file is truncated or damaged, or takes longer to decode than any image needs.
        ImageTooLargeError: it takes more memory than allowed.
        RequestCancelledError: the request was cancelled meanwhile.
    """
    return _decoders.decode(structure, scale)


def start_decoders() -> None:
    """Starts the first decoder process without waiting for it, so that the first image need not."""
    if (pool := _decoders.pool()) is not None:
        pool.start()


def decode_in_process() -> None:
    """From now on images are decoded in this process: on AWS Lambda, which limits time and memory by itself."""
    _decoders.stay_in_process()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if hasattr(os, "register_at_fork"):
    # A forked child must not use the sockets of its parent's decoders.
    os.register_at_fork(after_in_child=_decoders.forget)
