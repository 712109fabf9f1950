"""Pictures in every format that is read: turned, moving, transparent, damaged."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags
from PIL import Image as Pillow
from tests.images import huge_png

from openrek.errors import ImageFormatError, ImageTooLargeError, RequestError
from openrek.vision import WORKING_SIDE, EncodedFrame, Frame, Limits

Pillow.init()

WIDTH, HEIGHT = 160, 96
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
TURNS = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, 3),
}
"""How an upright picture is stored for each EXIF orientation."""


def quarters() -> NDArray[np.uint8]:
    """Red, green over blue, white."""
    small = np.array(COLOURS, np.uint8).reshape(2, 2, 3)
    return small.repeat(HEIGHT // 2, axis=0).repeat(WIDTH // 2, axis=1)


def written(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file."""
    if kind not in Pillow.SAVE:
        pytest.skip(f"this Pillow does not write {kind}")
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(kind: str) -> bytes:
    """A picture with detail everywhere, so that every part of the file matters."""
    pixels = np.random.default_rng(1).integers(0, 256, (96, 128, 3), np.uint8)
    return written(Pillow.fromarray(pixels), kind)


def assert_quarters(image: Frame) -> None:
    """The four colours, each in its place, but for what compression does to them."""
    assert (image.width, image.height) == (WIDTH, HEIGHT)
    pixels = image.pixels()
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    middles = pixels[HEIGHT // 4 :: HEIGHT // 2, WIDTH // 4 :: WIDTH // 2].reshape(4, 3).astype(int)
    assert np.abs(middles - COLOURS).max() <= 12


def seen(kind: str, mode: str, colour: Any, **options: Any) -> NDArray[np.uint8]:
    """What a file of one colour is read as: (3,)."""
    pixels = EncodedFrame.open(written(Pillow.new(mode, (96, 96), colour), kind, **options)).pixels()
    assert pixels.shape == (96, 96, 3)
    assert np.ptp(pixels.reshape(-1, 3), axis=0).max() <= 2
    return np.asarray(pixels[48, 48])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_a_picture_is_turned_upright_in_every_format_with_an_orientation(kind: str, orientation: int) -> None:
    tags = Pillow.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    stored = np.ascontiguousarray(TURNS[orientation](quarters()))
    assert_quarters(EncodedFrame.open(written(Pillow.fromarray(stored), kind, exif=tags)))


def test_a_tiff_is_turned_upright_once() -> None:
    for orientation, turn in TURNS.items():
        tags = Pillow.Exif()
        tags[ExifTags.Base.Orientation] = orientation
        stored = Pillow.fromarray(np.ascontiguousarray(turn(quarters())))
        assert_quarters(EncodedFrame.open(written(stored, "TIFF", exif=tags)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_the_format_is_named_and_the_pixels_are_the_file_s(kind: str) -> None:
    image = EncodedFrame.open(written(Pillow.fromarray(quarters()), kind))
    assert image.header.format == kind
    assert_quarters(image)


@pytest.mark.parametrize(("kind", "named"), [("MPO", "JPEG"), ("GIF", "GIF"), ("TIFF", "TIFF"), ("WEBP", "WEBP")])
def test_of_several_pictures_in_a_file_the_first_is_read(kind: str, named: str) -> None:
    other = Pillow.new("RGB", (WIDTH, HEIGHT), "black")
    image = EncodedFrame.open(written(Pillow.fromarray(quarters()), kind, save_all=True, append_images=[other]))
    assert image.header.format == named
    assert_quarters(image)


def test_bytes_are_counted_before_they_are_looked_at() -> None:
    with pytest.raises(ImageTooLargeError, match="5,242,881 bytes"):
        EncodedFrame.open(bytes(5_242_881))


def test_the_pixels_that_a_header_promises_must_be_there() -> None:
    image = EncodedFrame.open(huge_png(3000))
    for _ in range(2):  # and are missed again the second time
        with pytest.raises(ImageFormatError, match="cut off or damaged"):
            image.pixels()


@pytest.mark.parametrize("data", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0"])
def test_a_format_s_mark_alone_is_no_picture(data: bytes) -> None:
    with pytest.raises(ImageFormatError):
        EncodedFrame.open(data)


def test_a_format_that_pillow_reads_and_we_do_not_is_refused() -> None:
    with pytest.raises(ImageFormatError, match="JPEG, PNG"):
        EncodedFrame.open(written(Pillow.fromarray(quarters()), "PPM"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(kind: str, data: st.DataObject) -> None:
    file = bytearray(noise(kind))
    places = st.integers(0, len(file) - 1) | st.integers(0, 200)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=6)):
        file[place] = value
    del file[data.draw(st.just(len(file)) | places) :]
    try:
        image = EncodedFrame.open(bytes(file), Limits(max_side=2000))
        pixels = image.pixels(2000)  # in full
    except RequestError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape == (image.height, image.width, 3)


@pytest.mark.parametrize(
    ("alpha", "colour"),
    [(255, (200, 40, 20)), (0, (255, 255, 255)), (51, (244, 212, 208))],
    ids=["none", "all", "part"],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_transparent_parts_are_seen_on_white(kind: str, alpha: int, colour: tuple[int, int, int]) -> None:
    assert seen(kind, "RGBA", (200, 40, 20, alpha)) == pytest.approx(colour, abs=1)


def test_a_colour_that_stands_for_transparency_is_white() -> None:
    assert seen("PNG", "RGB", (1, 2, 3), transparency=(1, 2, 3)).tolist() == [255, 255, 255]
    assert seen("PNG", "RGB", (1, 2, 4), transparency=(1, 2, 3)).tolist() == [1, 2, 4]
    assert seen("PNG", "LA", (90, 0)).tolist() == [255, 255, 255]


def test_a_palette_s_transparent_colour_is_white() -> None:
    picture = Pillow.new("P", (96, 96), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    assert EncodedFrame.open(written(picture, "GIF")).pixels()[0, 0].tolist() == [0, 0, 255]
    assert EncodedFrame.open(written(picture, "GIF", transparency=1)).pixels()[0, 0].tolist() == [255, 255, 255]


def test_black_and_white_is_read() -> None:
    assert seen("PNG", "1", 1).tolist() == [255, 255, 255]
    assert seen("TIFF", "1", 0).tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printers_colours_are_not_inverted(kind: str) -> None:
    cyan, paper, ink = (255, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 255)
    assert seen(kind, "CMYK", cyan) == pytest.approx([0, 255, 255], abs=3)
    assert seen(kind, "CMYK", paper) == pytest.approx([255, 255, 255], abs=3)
    assert seen(kind, "CMYK", ink) == pytest.approx([0, 0, 0], abs=3)


def test_a_dark_picture_of_sixteen_bits_stays_dark() -> None:
    shades = np.full((96, 96), 200, np.uint16)  # of 65,535
    assert EncodedFrame.open(written(Pillow.fromarray(shades), "PNG")).pixels().max() <= 1


def test_sixteen_bits_of_colour_are_read_by_their_upper_eight() -> None:
    pixels = np.zeros((96, 96, 3), np.uint16)
    pixels[...] = (0x2000, 0x8000, 0xC000)  # OpenCV writes blue, green, red
    data = cv2.imencode(".png", pixels)[1].tobytes()
    assert EncodedFrame.open(data).pixels()[0, 0] == pytest.approx([0xC0, 0x80, 0x20], abs=1)


@pytest.mark.parametrize(
    ("shades", "black", "white"),
    [
        (np.linspace(0, 1, 96 * 96, dtype=np.float32), 0, 255),
        (np.linspace(0, 255, 96 * 96, dtype=np.float32), 0, 255),
        (np.linspace(-3, 5, 96 * 96, dtype=np.float32), 0, 255),
        (np.linspace(0, 0.5, 96 * 96, dtype=np.float32), 0, 128),
        (np.linspace(0, 4095, 96 * 96).astype(np.uint16), 0, 255),
        (np.linspace(0, 32768, 96 * 96).astype(np.uint16), 0, 128),
        (np.zeros(96 * 96, np.uint16), 0, 0),
        (np.zeros(96 * 96, np.float32), 0, 0),
    ],
    ids=[
        "float to 1",
        "float to 255",
        "negative float",
        "dark float",
        "12 bits",
        "dark 16 bits",
        "black",
        "float black",
    ],
)
@pytest.mark.parametrize("side", [96, 2400])
def test_a_tiff_s_values_are_stretched_to_their_range(shades: NDArray[Any], black: int, white: int, side: int) -> None:
    picture = Pillow.fromarray(shades.reshape(96, 96)).resize((side, side), Pillow.Resampling.NEAREST)
    pixels = EncodedFrame.open(written(picture, "TIFF", compression="tiff_deflate")).pixels()
    assert (pixels.min(), pixels.max()) == pytest.approx((black, white), abs=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(2000, 1500), (1921, 800), (1601, 3999)], ids=str)
def test_a_picture_decoded_smaller_keeps_its_size_and_its_shape(kind: str, size: tuple[int, int]) -> None:
    image = EncodedFrame.open(written(Pillow.fromarray(quarters()).resize(size, Pillow.Resampling.NEAREST), kind))
    pixels = image.pixels()
    assert (image.width, image.height) == size
    assert WORKING_SIDE <= max(pixels.shape[:2]) < 2 * WORKING_SIDE
    # A pixel more or less than the exact part, on either side.
    scale = max(size) / max(pixels.shape[:2])
    assert pixels.shape[1::-1] == pytest.approx((size[0] / scale, size[1] / scale), abs=1)
    middles = pixels[pixels.shape[0] // 4 :: pixels.shape[0] // 2, pixels.shape[1] // 4 :: pixels.shape[1] // 2]
    assert np.abs(middles[:2, :2].reshape(4, 3).astype(int) - COLOURS).max() <= 12


def test_a_very_thin_picture_can_be_shrunk_where_it_is_allowed() -> None:
    image = EncodedFrame.open(written(Pillow.new("RGB", (3000, 3)), "JPEG"), Limits(min_side=1))
    assert image.pixels(300).shape[0] >= 1


def test_threads_share_one_decoded_picture() -> None:
    image = EncodedFrame.open(noise("JPEG"))
    with ThreadPoolExecutor(8) as executor:
        arrays = list(executor.map(lambda _: image.pixels(), range(32)))
    assert all(array is arrays[0] for array in arrays)
