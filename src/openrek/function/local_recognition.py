"""Recognition in this process: one analysis of the image, rendered as the responses of four operations."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from openrek.function.findings import OPERATIONS, Findings, milliseconds
from openrek.function.processed_image import ANNOTATED_SIDE
from openrek.function.recognition import Recognized, SourceImage
from openrek.rekognition import Client, Services
from openrek.rekognition.request_image import MAX, MAX_STORED_BYTES
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

    def analyze_image(self, image: SourceImage) -> Recognized:
        """See Recognition.analyze_image.

        Raises:
            QueueFullError: the request was not admitted before, and the queue is full.
        """
        admission = self._services.admission
        if admission is None:
            return self._analyze(image)
        with admission.admitted():
            return self._analyze(image)

    def _analyze(self, image: SourceImage) -> Recognized:
        started = time.perf_counter()
        limits = MAX if image.location is None else replace(MAX, max_bytes=MAX_STORED_BYTES)
        shared = SharedImage(image.data, limits, self._services.engine, _ORDER)
        client, wire_image = self._client.sharing(shared), image.as_member()
        responses: dict[str, dict[str, Any]] = {}
        timings: dict[str, float] = {}
        rejections: dict[str, Exception] = {}
        for part in _ORDER:
            call: Callable[..., dict[str, Any]] = getattr(client, OPERATIONS[part])
            try:
                responses[part] = call(Image=wire_image)
            except Exception as error:
                rejections[part] = error
            timings[part] = milliseconds(started)
        for part in OPERATIONS:
            if part in rejections:
                raise rejections[part]
        timings["recognition"] = milliseconds(started)
        return Recognized(Findings.of(responses, timings), FrameOriginal(shared.frame))
