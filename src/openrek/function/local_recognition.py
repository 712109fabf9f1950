"""Recognition in this process: one analysis of the image, rendered as the responses of four operations."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from openrek.function.findings import OPERATIONS, Findings, milliseconds
from openrek.function.processed_image import ANNOTATED_SIDE
from openrek.function.recognition import Picture, Recognized
from openrek.rekognition import Client, Services
from openrek.rekognition.request_image import MAX_STORED_BYTES, MOST
from openrek.rekognition.shared_image import SharedImage
from openrek.vision import EncodedFrame

# The longest chain of runs first: what follows them then fills the gaps that the others leave.
_ORDER = ("faces", "text", "labels", "moderation")


class FrameOriginal:
    """An image that was analyzed here: its pixels are decoded already, at the scales that the models needed."""

    def __init__(self, frame: EncodedFrame) -> None:
        self._frame = frame
        self.width, self.height = frame.width, frame.height
        self.format = frame.header.format

    def image(self) -> Image.Image:
        """See Original.image."""
        image = Image.fromarray(self._frame.pixels(ANNOTATED_SIDE))
        image.thumbnail((ANNOTATED_SIDE, ANNOTATED_SIDE), reducing_gap=3.0)
        return image


class LocalRecognition:
    """One analysis for all four operations: each model runs once, and the image is decoded once at each scale.

    Every operation is authorized as if it were called by itself.
    """

    def __init__(self, services: Services) -> None:
        """
        Args:
            services: Of the operations; `caller` is whose permissions count.
        """
        self._services = services
        self._client = Client(services)

    def analyze_image(self, picture: Picture) -> Recognized:
        """See Recognition.analyze_image.

        Raises:
            QueueFullError: the request was not admitted before, and the queue is full.
        """
        admission = self._services.admission
        if admission is None:
            return self._analyze(picture)
        with admission.admitted():
            return self._analyze(picture)

    def _analyze(self, picture: Picture) -> Recognized:
        started = time.perf_counter()
        limits = MOST if picture.place is None else replace(MOST, max_bytes=MAX_STORED_BYTES)
        shared = SharedImage(picture.data, limits, self._services.engine, _ORDER)
        client, image = self._client.sharing(shared), picture.as_image()
        responses: dict[str, dict[str, Any]] = {}
        timings: dict[str, float] = {}
        refusals: dict[str, Exception] = {}
        for part in _ORDER:
            call: Callable[..., dict[str, Any]] = getattr(client, OPERATIONS[part])
            try:
                responses[part] = call(Image=image)
            except Exception as error:
                refusals[part] = error
            timings[part] = milliseconds(started)
        for part in OPERATIONS:
            if part in refusals:
                raise refusals[part]
        timings["recognition"] = milliseconds(started)
        return Recognized(Findings.of(responses, timings), FrameOriginal(shared.frame))
