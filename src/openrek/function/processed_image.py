"""The processed image: upright, boxes drawn, and a thumbnail. Pillow only."""

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image, ImageDraw, ImageFont

from openrek.imaging.decode import SCALES
from openrek.imaging.decoders import decode_image
from openrek.imaging.header import Limits, read_header

ANNOTATED_SIDE = 4096
"""Pixels on the longer side of the image with boxes, at most; the original is kept as it came."""
THUMBNAIL_SIDE = 320
# Recognition has applied its own; these are what can be decoded.
_LIMITS = Limits(max_bytes=sys.maxsize, min_side=1, max_side=65_535)
_QUALITY = 88
_OBJECT, _FACE, _LINE = "#2563eb", "#f59e0b", "#10b981"
_MIN_LABEL_CONFIDENCE = 50.0
_EXTENSIONS = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "BMP": "bmp",
    "TIFF": "tiff",
}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Processed:
    """The images made of one original, and what it was."""

    width: int
    """Upright, pixels."""
    height: int
    format: str
    """Lower case, as "jpeg"."""
    extension: str
    annotated: bytes
    """JPEG of the upright image with boxes: in full size up to ANNOTATED_SIDE, smaller beyond that."""
    thumbnail: bytes
    """JPEG, at most THUMBNAIL_SIDE on its longer side, without boxes."""


class Original(Protocol):
    """The image to draw on."""

    width: int
    """Upright, pixels."""
    height: int
    format: str
    """Pillow's name, as "JPEG"."""

    def image(self) -> Image.Image:
        """The upright image in three channels, at most ANNOTATED_SIDE pixels on a side; the caller may draw on it."""


class FileOriginal:
    """An image file that recognition has accepted.

    Raises:
        ImageFormatError: the file cannot be decoded.
        ImageTooLargeError: decoding it takes more memory than allowed.
    """

    def __init__(self, data: bytes) -> None:
        self._header = header = read_header(data, _LIMITS)
        self.width, self.height, self.format = header.width, header.height, header.format

    def image(self) -> Image.Image:
        """See Original.image. Decoded no larger than needed."""
        longest = max(self.width, self.height)
        scale = next((scale for scale in SCALES if longest // scale >= ANNOTATED_SIDE), 1)
        decoded = decode_image(self._header.structure, scale)
        image = Image.frombytes("RGB", (decoded.width, decoded.height), memoryview(decoded.pixels))
        image.thumbnail((ANNOTATED_SIDE, ANNOTATED_SIDE), reducing_gap=3.0)
        return image


def process(original: Original, findings: Mapping[str, Any]) -> Processed:
    """Draws the findings' boxes on the image.

    Args:
        original: The image.
        findings: `labels`, `faces` and `text` in Rekognition's shapes.

    Raises:
        ImageFormatError: the file cannot be decoded.
        ImageTooLargeError: decoding it takes more memory than allowed.
    """
    image = original.image()
    thumbnail = image.reduce(max(1, max(image.size) // (3 * THUMBNAIL_SIDE)))
    thumbnail.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small = _jpeg(thumbnail)
    draw(image, findings)
    return Processed(
        original.width,
        original.height,
        original.format.lower(),
        _EXTENSIONS.get(original.format, original.format.lower()),
        _jpeg(image),
        small,
    )


def draw(image: Image.Image, findings: Mapping[str, Any]) -> None:
    """Draws on the image itself: objects blue with their names, faces amber, lines of text green."""
    pen = ImageDraw.Draw(image)
    stroke = max(2, round(max(image.size) / 320))
    font = ImageFont.load_default(size=max(12, round(max(image.size) / 52)))
    for text in findings["text"]:
        if text["Type"] == "LINE":
            corners = [_at(image, point["X"], point["Y"]) for point in text["Geometry"]["Polygon"]]
            pen.line([*corners, corners[0]], fill=_LINE, width=stroke, joint="curve")
    for face in findings["faces"]:
        pen.rectangle(_corners(image, face["BoundingBox"]), outline=_FACE, width=stroke)
    for name, confidence, box in _instances(findings["labels"]):
        corners = _corners(image, box)
        pen.rectangle(corners, outline=_OBJECT, width=stroke)
        _caption(pen, f"{name} {confidence:.0f}%", corners, font, stroke)


def _instances(labels: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, float, Mapping[str, float]]]:
    for label in labels:
        for instance in label.get("Instances", ()):
            if instance["Confidence"] >= _MIN_LABEL_CONFIDENCE:
                yield label["Name"], instance["Confidence"], instance["BoundingBox"]


def _caption(
    pen: ImageDraw.ImageDraw,
    text: str,
    corners: Sequence[Point],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    stroke: int,
) -> None:
    left, top = corners[0]
    _, _, width, height = pen.textbbox((0, 0), text, font=font)
    top = top - height - 2 * stroke if top > height + 2 * stroke else top
    pen.rectangle([left, top, left + width + 2 * stroke, top + height + 2 * stroke], fill=_OBJECT)
    pen.text((left + stroke, top + stroke / 2), text, fill="white", font=font)


def _corners(image: Image.Image, box: Mapping[str, float]) -> list[Point]:
    left, top = _at(image, box["Left"], box["Top"])
    right, bottom = _at(image, box["Left"] + box["Width"], box["Top"] + box["Height"])
    return [(left, top), (max(left, right), max(top, bottom))]


def _at(image: Image.Image, x: float, y: float) -> Point:
    return (min(max(x, 0.0), 1.0) * (image.width - 1), min(max(y, 0.0), 1.0) * (image.height - 1))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
