"""Recognition of one image: what the pipeline needs of it, and the adapter over a Rekognition client."""

import contextvars
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from openrek.function.findings import OPERATIONS, Findings, milliseconds
from openrek.function.processed_image import FileOriginal, Original
from openrek.ids import new_identifier


@dataclass(frozen=True, slots=True)
class SourceImage:
    """An image to analyze."""

    data: bytes
    location: tuple[str, str] | None = None
    """Bucket and key, if recognition is to read it there."""
    content_type: str | None = None
    identifier: str = field(default_factory=new_identifier)
    source: Mapping[str, str] | None = None
    """Bucket and key in the inbox, if it arrived there; part of the result."""
    version: str | None = None
    """Of the object at `location`; the newest if None."""

    def as_member(self) -> dict[str, Any]:
        """As Rekognition's Image: {"Bytes": …} or {"S3Object": …}."""
        if self.location is None:
            return {"Bytes": self.data}
        version = {"Version": self.version} if self.version else {}
        return {"S3Object": {"Bucket": self.location[0], "Name": self.location[1], **version}}


@dataclass(frozen=True, slots=True)
class Recognized:
    """An image that was analyzed."""

    findings: Findings
    original: Original
    """Its pixels, to draw on."""


class Recognition(Protocol):
    """Analyzes images: `ClientRecognition` by a service, `LocalRecognition` in this process."""

    def analyze_image(self, image: SourceImage) -> Recognized:
        """Labels, faces, text and moderation.

        Raises:
            botocore.exceptions.ClientError: one of the four operations was refused.
        """


class ImageClient(Protocol):
    """The part of a Rekognition client that images need."""

    def detect_labels(self, **request: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html"""

    def detect_faces(self, **request: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html"""

    def detect_text(self, **request: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectText.html"""

    def detect_moderation_labels(self, **request: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html"""


class ClientRecognition:
    """Recognition by a service: four calls side by side, each waiting for the network."""

    def __init__(self, client: ImageClient) -> None:
        self._client = client

    def analyze_image(self, image: SourceImage) -> Recognized:
        """See Recognition.analyze_image. All four calls are waited for, also where one is refused."""
        started = time.perf_counter()
        wire_image = image.as_member()

        def call(operation: str) -> tuple[dict[str, Any], float]:
            return getattr(self._client, operation)(Image=wire_image), milliseconds(started)

        with ThreadPoolExecutor(len(OPERATIONS), "recognition") as executor:
            calls = {
                part: executor.submit(contextvars.copy_context().run, call, operation)
                for part, operation in OPERATIONS.items()
            }
        answers = {part: finished.result() for part, finished in calls.items()}
        timings = {part: elapsed for part, (_, elapsed) in answers.items()} | {"recognition": milliseconds(started)}
        findings = Findings.of({part: response for part, (response, _) in answers.items()}, timings)
        return Recognized(findings, FileOriginal(image.data))
