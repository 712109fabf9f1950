"""Decoder processes: limits, cancellation, and that none outlives its parent."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from openrek import cancellation
from openrek.cancellation import Cancellation
from openrek.errors import ImageFormatError, ImageTooLargeError, RequestCancelledError
from openrek.imaging.decode import decode
from openrek.imaging.decoder_pool import DecoderPool
from openrek.imaging.header import Limits, read_header
from openrek.imaging.structure import ImageStructure

pytestmark = pytest.mark.skipif(os.name != "posix", reason="decoder processes need Unix sockets")

_SECONDS = 30


def _structure(size: tuple[int, int], kind: str = "PNG") -> ImageStructure:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, kind)
    return read_header(buffer.getvalue(), Limits(max_bytes=1 << 30, max_side=1 << 20)).structure


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(2)
    yield pool
    pool.close()


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pixels_are_those_of_this_process(pool: DecoderPool, kind: str, scale: int) -> None:
    structure = _structure((1203, 801), kind)
    decoded = pool.decode(structure, scale)
    rows = bytearray()
    assert decode(structure, scale, rows.extend) == (decoded.width, decoded.height)
    np.testing.assert_array_equal(np.frombuffer(decoded.pixels, np.uint8), np.frombuffer(rows, np.uint8))
    assert decoded.cpu_seconds > 0


def test_a_process_is_kept_and_used_again(pool: DecoderPool) -> None:
    structure = _structure((100, 100))
    pool.decode(structure, 1)
    before = pool.process_ids
    with pytest.raises(ImageFormatError):
        pool.decode(_damaged(structure), 1)
    pool.decode(structure, 1)
    assert pool.process_ids == before
    assert len(before) == 1


def _damaged(structure: ImageStructure) -> ImageStructure:
    from dataclasses import replace

    return replace(structure, essential=structure.essential[:60])


def test_an_image_that_takes_too_long_is_refused_and_the_next_one_decoded() -> None:
    pool = DecoderPool(1, cpu_seconds=0.05)
    try:
        with pytest.raises(ImageFormatError, match="CPU time"):
            pool.decode(_structure((9000, 9000)), 8)
        assert pool.decode(_structure((100, 100), "BMP"), 1).width == 100
    finally:
        pool.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of memory is Linux's")
def test_an_image_that_takes_too_much_memory_is_refused_and_the_next_one_decoded() -> None:
    pool = DecoderPool(1, memory_bytes=100_000_000)
    try:
        with pytest.raises(ImageTooLargeError, match="100 MB"):
            pool.decode(_structure((9000, 9000)), 8)
        assert pool.decode(_structure((100, 100)), 1).width == 100
    finally:
        pool.close()


def test_a_crash_is_reported_and_the_next_image_decoded(pool: DecoderPool) -> None:
    pool.decode(_structure((100, 100)), 1)
    (victim,) = pool.process_ids
    os.kill(victim, signal.SIGSTOP)
    outcome: list[Exception] = []

    def run() -> None:
        try:
            pool.decode(_structure((100, 100)), 1)
        except ImageFormatError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while pool._idle:  # until the stopped process has the image
        time.sleep(0.01)
    os.kill(victim, signal.SIGSEGV)
    os.kill(victim, signal.SIGCONT)
    thread.join(_SECONDS)
    assert "crashed" in str(outcome[0])
    assert pool.decode(_structure((100, 100)), 1).width == 100
    assert victim not in pool.process_ids


def test_an_idle_process_that_died_is_replaced(pool: DecoderPool) -> None:
    pool.decode(_structure((100, 100)), 1)
    (victim,) = pool.process_ids
    os.kill(victim, signal.SIGKILL)
    _wait_for_end(victim)
    assert pool.decode(_structure((100, 100)), 1).width == 100


def test_a_cancelled_request_ends_its_decoding(pool: DecoderPool) -> None:
    pool.decode(_structure((100, 100)), 1)
    (worker,) = pool.process_ids
    os.kill(worker, signal.SIGSTOP)  # an image that never ends
    request = Cancellation()
    threading.Timer(0.2, request.cancel).start()
    with cancellation.use(request), pytest.raises(RequestCancelledError):
        pool.decode(_structure((100, 100)), 1)
    assert worker not in pool.process_ids
    assert pool.decode(_structure((100, 100)), 1).width == 100


def test_threads_share_the_processes(pool: DecoderPool) -> None:
    structure = _structure((300, 200))
    sizes: list[tuple[int, int]] = []

    def run() -> None:
        for _ in range(5):
            decoded = pool.decode(structure, 1)
            sizes.append((decoded.width, decoded.height))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_SECONDS)
    assert sizes == [(300, 200)] * 30
    assert len(pool.process_ids) <= 2


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_its_parent(end: signal.Signals) -> None:
    program = """
        import io, threading
        from PIL import Image
        from openrek.imaging.decoder_pool import DecoderPool
        from openrek.imaging.header import read_header
        pool = DecoderPool(1, cpu_seconds=3600)
        def encoded(side):
            buffer = io.BytesIO()
            Image.new("RGB", (side, side)).save(buffer, "PNG")
            return read_header(buffer.getvalue()).structure
        pool.decode(encoded(100), 1)
        (worker,) = pool.process_ids
        print(worker, flush=True)
        large = encoded(9000)
        while True:
            pool.decode(large, 8)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        time.sleep(1)  # in the middle of the large image
    finally:
        parent.send_signal(end)
        parent.wait(_SECONDS)
        parent.stdout.close()  # type: ignore[union-attr]
    _wait_for_end(worker)


def _wait_for_end(process: int) -> None:
    for _ in range(_SECONDS * 20):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(f"process {process} still runs")
