"""Work on one image is bounded in time and memory, whatever its bytes are.

Time is CPU time, of the header here and of the decoding in its process. Memory is what the decoder process may have at
most, which the system enforces, and what it had.
"""

import os
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.hostile_images import HOSTILE, encoded, mutated

from openrek.errors import RequestError
from openrek.imaging.decoder_pool import DecoderPool
from openrek.imaging.header import Limits, read_header

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are enforced on Linux")

MAX_CPU_SECONDS = 2.0
MAX_HEADER_SECONDS = 0.5
MAX_BYTES = 600_000_000
MUTATIONS = int(os.environ.get("OPENREK_TEST_MUTATIONS", "3000"))
LIMITS = Limits(max_bytes=1 << 30)
FORMATS: dict[str, dict[str, object]] = {
    "JPEG": {},
    "JPEG progressive": {"progressive": True},
    "PNG": {},
    "WEBP": {},
    "WEBP lossless": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "TIFF deflate": {"compression": "tiff_deflate"},
    "AVIF": {},
}


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(1)
    yield pool
    pool.close()


def peak_bytes(process: int) -> int:
    """The most memory that a process has had."""
    status = Path(f"/proc/{process}/status").read_text()
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def check(file: bytes, pool: DecoderPool, scale: int, limits: Limits = LIMITS) -> bool:
    """Whether the file was decoded rather than refused; anything but the two fails."""
    started = time.thread_time()
    header, result, refusal = None, None, None
    try:
        header = read_header(file, limits)
    except RequestError as error:
        refusal = error.message
    assert time.thread_time() - started < MAX_HEADER_SECONDS
    if header is not None:
        try:
            result = pool.decode(header.structure, scale)
        except RequestError as error:
            refusal = error.message
    for process in pool.process_ids:
        assert peak_bytes(process) < MAX_BYTES
    if result is None:
        assert refusal is not None
        assert len(refusal) > 20
        assert refusal.endswith(".")
        return False
    assert len(result.pixels) == 3 * result.width * result.height
    assert result.cpu_seconds <= MAX_CPU_SECONDS
    return True


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_image_is_bounded(name: str, pool: DecoderPool) -> None:
    check(HOSTILE[name](), pool, 8)


def test_the_shared_hostile_images_are_bounded(shared: Path, pool: DecoderPool) -> None:
    files = [path for path in sorted((shared / "cases" / "security").iterdir()) if path.suffix not in (".py", ".xml")]
    assert files
    for path in files:
        check(path.read_bytes(), pool, 8)


@pytest.mark.parametrize("name", [name for name in HOSTILE if "million" not in name and " scans" not in name])
def test_reading_the_header_takes_no_more_memory_than_the_file_some_times(name: str) -> None:
    file = HOSTILE[name]()
    tracemalloc.start()
    try:
        read_header(file, Limits(max_bytes=1 << 30))
    except RequestError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * len(file) + 2_000_000


@pytest.mark.parametrize("name", FORMATS)
def test_mutated_images_are_decoded_or_refused_and_nothing_else(name: str, pool: DecoderPool) -> None:
    file = encoded(name.split(maxsplit=1)[0], (96, 88), **FORMATS[name])
    chance = Random(name)
    limits = Limits(max_pixels=4_000_000)
    decoded = sum(check(mutated(file, chance), pool, 1, limits) for _ in range(MUTATIONS))
    assert 0 < decoded < MUTATIONS


@pytest.mark.parametrize("name", FORMATS)
def test_mutated_images_of_any_size_are_bounded(name: str, pool: DecoderPool) -> None:
    file = encoded(name.split(maxsplit=1)[0], (96, 88), **FORMATS[name])
    chance = Random(f"large {name}")
    for _ in range(MUTATIONS // 30):
        check(mutated(file, chance), pool, 4)
