"""The picture with boxes, and its thumbnail."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.conftest import encode

from openrek.function.local_recognition import FrameOriginal
from openrek.function.processed_image import ANNOTATED_SIDE, THUMBNAIL_SIDE, FileOriginal, Original, process
from openrek.vision import EncodedFrame, Limits

NOTHING: dict[str, Any] = {"labels": [], "faces": [], "text": []}


Opener = Callable[[bytes], Original]


def _open_frame(data: bytes) -> Original:
    return FrameOriginal(EncodedFrame.open(data, Limits(max_bytes=1 << 30)))


@pytest.fixture(params=[FileOriginal, _open_frame], ids=["file", "frame"])
def original(request: pytest.FixtureRequest) -> Opener:
    """Opens an image as recognition by a service leaves it, and as recognition in this process does."""
    opener: Opener = request.param
    return opener


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_turned_picture_is_upright_and_told_in_its_own_size(original: Opener, kind: str) -> None:
    pixels = np.zeros((300, 500, 3), np.uint8)
    pixels[:, :250] = 255  # white on the left as stored; on top when turned by 90 degrees clockwise
    exif = Image.Exif()
    exif[0x0112] = 6
    made = process(original(encode(pixels, kind, exif=exif)), NOTHING)
    assert (made.width, made.height, made.format) == (300, 500, kind.lower())
    for data, size in ((made.annotated, (300, 500)), (made.thumbnail, (192, 320))):
        assert opened(data).size == size
        image = opened(data).convert("L")
        assert image.getpixel((size[0] // 2, 5)) > 250  # type: ignore[operator]
        assert image.getpixel((size[0] // 2, size[1] - 5)) < 5  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_very_large_picture_is_drawn_smaller(original: Opener, kind: str) -> None:
    image = Image.new("RGB", (9000, 3000), "white")
    buffer = io.BytesIO()
    image.save(buffer, kind)
    box = {"Left": 0.5, "Top": 0.25, "Width": 0.25, "Height": 0.5}
    made = process(original(buffer.getvalue()), NOTHING | {"faces": [{"BoundingBox": box}]})
    assert (made.width, made.height) == (9000, 3000)
    width, height = opened(made.annotated).size
    assert (width, round(width / height)) == (ANNOTATED_SIDE, 3)
    assert max(opened(made.thumbnail).size) == THUMBNAIL_SIDE
    drawn = np.argwhere(np.asarray(opened(made.annotated).convert("L")) < 240)
    assert drawn.min(axis=0) / ANNOTATED_SIDE == pytest.approx([0.25 / 3, 0.5], abs=0.01)
    assert drawn.max(axis=0) / ANNOTATED_SIDE == pytest.approx([0.75 / 3, 0.75], abs=0.01)


def test_pictures_with_transparent_parts_are_drawn_on_white(original: Opener) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (9000, 100), (0, 0, 0, 0)).save(buffer, "PNG")
    assert np.asarray(opened(process(original(buffer.getvalue()), NOTHING).annotated)).min() > 250


def test_a_picture_of_floating_point_is_drawn_as_it_is_seen(original: Opener) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.linspace(0, 1, 10_000, dtype=np.float32).reshape(100, 100)).save(buffer, "TIFF")
    shades = np.asarray(opened(process(original(buffer.getvalue()), NOTHING).annotated))
    assert (shades.min(), shades.max()) == pytest.approx((0, 255), abs=5)
