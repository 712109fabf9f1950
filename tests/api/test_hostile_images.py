"""Hostile images through the running service: each is answered, and costs it bounded time and memory."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.conftest import RunningService, encode, start_service
from tests.hostile_images import HOSTILE, encoded, mutated
from tests.process_costs import cpu_seconds, family, forget_peaks, peak_bytes, stat

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="costs are read from /proc")

MAX_CPU_SECONDS = 2.0
MAX_BYTES = 600_000_000
MUTATIONS = 30
COSTLY = (
    "jpeg: EXIF again and again",
    "jpeg: fill bytes",
    "jpeg: restart markers",
    "jpeg: 15,000 scans",
    "jpeg: 100 million pixels, progressive",
    "png: empty chunks",
    "png: EXIF of 650,000 values",
    "png: 8 bits, 80 million pixels with transparency",
    "png: 8 bits, 100 million pixels",
    "gif: a frame larger than its screen",
    "bmp: run-length coded, 100 million pixels",
    "tiff: 40,000 strips",
    "tiff: floating point, 100 million pixels",
    "webp: 100 million pixels",
    "webp: 28 million pixels",
    "avif: 36 million pixels",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of its own: what others ask meanwhile would be counted."""
    service = start_service(tmp_path_factory.mktemp("data"))
    service.client().detect_labels(Image={"Bytes": encoded("PNG")})
    yield service
    service.process.terminate()
    assert service.process.wait(30) == 0
    assert service.process.stdout is not None
    assert service.process.stderr is not None
    service.process.stdout.close()
    service.process.stderr.close()


def answered(client: Any, operation: str, image: bytes) -> None:
    """The image is analysed, or refused by the caller's fault."""
    refusal: dict[str, Any] = {}
    try:
        getattr(client, operation)(Image={"Bytes": image})
    except ClientError as error:
        refusal = dict(error.response)
    if refusal:
        assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert refusal["Error"]["Code"] in (
            "InvalidImageFormatException",
            "ImageTooLargeException",
            "InvalidParameterException",
        )


@pytest.mark.parametrize("operation", ["detect_labels", "detect_faces"])
@pytest.mark.parametrize("name", COSTLY)
def test_a_hostile_image_costs_the_service_little(service: RunningService, name: str, operation: str) -> None:
    image = HOSTILE[name]()
    client = service.client(read_timeout=120)
    forget_peaks(service.process.pid)
    cpu, memory = cpu_seconds(service.process.pid), peak_bytes(service.process.pid)
    answered(client, operation, image)
    assert cpu_seconds(service.process.pid) - cpu <= MAX_CPU_SECONDS
    assert peak_bytes(service.process.pid) - memory <= MAX_BYTES


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_mutated_images_are_analysed_or_refused(service: RunningService, kind: str) -> None:
    file, chance = encoded(kind, (96, 88)), Random(f"service {kind}")
    client = service.client(read_timeout=120)
    for _ in range(MUTATIONS):
        answered(client, "detect_moderation_labels", mutated(file, chance))


def test_a_client_that_leaves_ends_the_decoding_of_its_image(service: RunningService) -> None:
    client = service.client(read_timeout=1)
    client.detect_labels(Image={"Bytes": encoded("PNG")})
    decoders = set(family(service.process.pid)) - {service.process.pid}
    for process in decoders:
        os.kill(process, signal.SIGSTOP)  # images that never end
    with pytest.raises(BotoCoreError):
        client.detect_labels(Image={"Bytes": encoded("PNG", (300, 300))})
    deadline = time.monotonic() + 30
    while decoders <= set(family(service.process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not decoders <= set(family(service.process.pid))
    for process in decoders & set(family(service.process.pid)):
        os.kill(process, signal.SIGCONT)
    service.client().detect_labels(Image={"Bytes": encoded("PNG")})


def test_sigterm_ends_a_service_whose_decoder_hangs(tmp_path: Path) -> None:
    service = start_service(tmp_path)
    client = service.client(read_timeout=60)
    client.detect_labels(Image={"Bytes": encoded("PNG")})
    decoders = set(family(service.process.pid)) - {service.process.pid}
    for process in decoders:
        os.kill(process, signal.SIGSTOP)

    def ask() -> None:
        with pytest.raises((BotoCoreError, ClientError)):
            client.detect_labels(Image={"Bytes": encode(np.zeros((300, 300, 3), np.uint8), "PNG")})

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(1)
    service.process.terminate()
    assert service.process.wait(15) == 0
    asking.join(30)
    for process in decoders:
        if Path(f"/proc/{process}").exists():  # stopped, it could not end by itself
            os.kill(process, signal.SIGCONT)
        for _ in range(200):
            if not Path(f"/proc/{process}").exists() or stat(process)[0] == "Z":
                break
            time.sleep(0.05)
        else:
            raise AssertionError("a decoder outlives the service")
    assert service.process.stdout is not None
    assert service.process.stderr is not None
    service.process.stdout.close()
    service.process.stderr.close()
