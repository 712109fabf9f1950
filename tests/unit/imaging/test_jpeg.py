"""JPEG files that end early, late or oddly, and kinds of JPEG that are not read."""

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from openrek.errors import ImageFormatError
from openrek.imaging.header import Limits, read_header
from openrek.imaging.pixels import read_pixels

LIMITS = Limits(max_bytes=1 << 30)
KINDS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "full color": {"subsampling": 0, "quality": 95},
    "half color": {"subsampling": 1},
    "restart markers": {"restart_marker_rows": 1},
    "optimized": {"optimize": True},
    "progressive": {"progressive": True},
    "progressive full color": {"progressive": True, "subsampling": 0, "quality": 95},
    "progressive with restart markers": {"progressive": True, "restart_marker_rows": 1},
}
ENDS: dict[str, Callable[[bytes], bytes]] = {
    "whole": lambda file: file,
    "no end marker": lambda file: file[:-2],
    "half of an end marker": lambda file: file[:-1],
    "a camera's bytes instead": lambda file: file[:-2] + b"cam0\x59\x19\x01\x00",
    "zeros instead": lambda file: file[:-2] + bytes(500),
    "padding": lambda file: file + b"\0\0\0",
    "text after it": lambda file: file + b"<html>" * 50,
    "another JPEG after it": lambda file: file + file,
    "fill bytes before it": lambda file: file[:-2] + b"\xff" * 9 + file[-2:],
}


@pytest.fixture(scope="module", params=["RGB", "L", "CMYK"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def photo(mode: str) -> Image.Image:
    from skimage import data

    whole = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    return whole.crop((0, 0, 333, 301)).convert(mode)


def encoded(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def pixels(file: bytes, scale: int = 1) -> NDArray[np.uint8]:
    return read_pixels(read_header(file, LIMITS), scale)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS.keys())
def test_a_file_with_all_rows_is_read_however_it_ends(
    photo: Image.Image, options: dict[str, Any], end: Callable[[bytes], bytes]
) -> None:
    file = encoded(photo, **options)
    expected = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
    np.testing.assert_array_equal(pixels(end(file)), expected)


@pytest.mark.parametrize("tail", [b"", b"\xff", b"\xff\xd9", b"cam0", bytes(100)], ids=repr)
@pytest.mark.parametrize("part", [0.3, 0.5, 0.8, 0.97])
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS.keys())
def test_a_file_with_missing_rows_is_refused(
    photo: Image.Image, options: dict[str, Any], part: float, tail: bytes
) -> None:
    file = encoded(photo, **options)
    with pytest.raises(ImageFormatError, match="cut off") as caught:
        pixels(file[: int(len(file) * part)] + tail)
    assert "bytes not processed" not in caught.value.message


@pytest.mark.parametrize("scale", [1, 2, 8])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_the_message_says_after_which_row_the_file_ends(photo: Image.Image, part: float, scale: int) -> None:
    file = encoded(photo, quality=90)
    cut = file[: int(len(file) * part)]
    with pytest.raises(ImageFormatError) as caught:
        pixels(cut, scale)
    found = re.search(r"ends after row (\d+) of 301", caught.value.message)
    assert found is not None
    # What libjpeg makes of the same file is right above that row, and gray two rows of blocks below it.
    row = int(found[1])
    whole, lenient = (
        np.asarray(Image.open(io.BytesIO(each)).convert("RGB")).astype(int) for each in (file, cut + b"\xff\xd9")
    )
    assert np.abs(whole[: row - 8] - lenient[: row - 8]).max(initial=0) <= 1
    assert row < 301
    assert len(np.unique(lenient[row + 40 :].reshape(-1, 3), axis=0)) <= 1


def test_a_progressive_file_without_its_last_scans_is_refused(photo: Image.Image) -> None:
    file = encoded(photo, progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", file)]
    with pytest.raises(ImageFormatError, match="cut off"):
        pixels(file[: scans[1]])


def test_metadata_never_reaches_the_reader(photo: Image.Image) -> None:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = 6
    tags[ExifTags.Base.ImageDescription] = "x" * 30_000
    plain = encoded(photo)
    file = encoded(photo, exif=tags, comment=b"secret", icc_profile=b"p" * 100_000)
    header = read_header(file, LIMITS)
    assert header.orientation == 6
    assert len(header.structure.essential) < len(plain) + 100
    np.testing.assert_array_equal(read_pixels(header, 1), np.rot90(pixels(plain), -1))


@pytest.mark.parametrize(
    ("marker", "bits", "words"),
    [
        (0xC3, 8, "lossless JPEG"),
        (0xC9, 8, "arithmetic-coded JPEG"),
        (0xCA, 8, "arithmetic-coded progressive JPEG"),
        (0xCB, 8, "arithmetic-coded lossless JPEG"),
        (0xC5, 8, "hierarchical JPEG"),
        (0xC1, 12, "12 bits per sample"),
        (0xC2, 12, "12 bits per sample"),
    ],
)
def test_kinds_of_jpeg_that_are_not_read_are_named(photo: Image.Image, marker: int, bits: int, words: str) -> None:
    file = bytearray(encoded(photo))
    frame = file.index(b"\xff\xc0")
    file[frame + 1], file[frame + 4] = marker, bits
    with pytest.raises(ImageFormatError, match=words) as caught:
        read_header(bytes(file), LIMITS)
    assert "Save it as" in caught.value.message
