"""Pictures: refused by their header, decoded upright, whatever their format."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from tests.conftest import encode
from tests.images import huge_png

from openrek.errors import ImageFormatError, ImageTooLargeError, InvalidParameterError
from openrek.imaging import decoders
from openrek.imaging.header import ImageHeader
from openrek.imaging.pixels import read_pixels
from openrek.vision import ArrayFrame, EncodedFrame, Limits

Pixels = NDArray[np.uint8]


def quarters(height: int = 160, width: int = 240) -> Pixels:
    """Red, green, blue and yellow quarters, clockwise from the top left, that tell every turn and mirroring apart."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = [255, 0, 0]
    pixels[: height // 2, width // 2 :] = [0, 255, 0]
    pixels[height // 2 :, width // 2 :] = [0, 0, 255]
    pixels[height // 2 :, : width // 2] = [255, 255, 0]
    return pixels


def stored(upright: Pixels, orientation: int) -> Pixels:
    """How a camera stores it, from the standard's table: which visual side its first row and its first column are."""
    turned = upright if orientation <= 4 else upright.transpose(1, 0, 2)
    rows = -1 if orientation in (3, 4, 6, 7) else 1
    columns = -1 if orientation in (2, 3, 7, 8) else 1
    return np.ascontiguousarray(turned[::rows, ::columns])


def oriented(pixels: Pixels, orientation: int, kind: str = "PNG") -> bytes:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    return encode(pixels, kind, exif=exif)


def saved(picture: Pillow.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_give_the_same_upright_pixels(orientation: int) -> None:
    image = EncodedFrame.open(oriented(stored(quarters(), orientation), orientation))
    assert (image.width, image.height, image.header.orientation) == (240, 160, orientation)
    np.testing.assert_array_equal(image.pixels(), quarters())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_decoded_smaller_is_upright_too(orientation: int) -> None:
    image = EncodedFrame.open(oriented(stored(quarters(640, 960), orientation), orientation, "JPEG"))
    assert (image.width, image.height) == (960, 640)
    pixels = image.pixels(240)
    assert pixels.shape == (160, 240, 3)
    corners = pixels[[20, 20, -20, -20], [20, -20, -20, 20]].astype(int)
    assert np.abs(corners - [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]]).max() < 8


@pytest.mark.parametrize("orientation", [0, 9, 300])
def test_an_orientation_that_does_not_exist_is_ignored(orientation: int) -> None:
    image = EncodedFrame.open(oriented(quarters(), orientation))
    assert image.header.orientation == 1
    np.testing.assert_array_equal(image.pixels(), quarters())


def test_a_byte_too_many_is_refused_and_the_limit_named() -> None:
    data = encode(quarters())
    EncodedFrame.open(data, Limits(max_bytes=len(data)))
    with pytest.raises(ImageTooLargeError, match=f"at most {len(data) - 1:,}"):
        EncodedFrame.open(data, Limits(max_bytes=len(data) - 1))


def test_too_many_pixels_are_refused_by_the_header_alone() -> None:
    with pytest.raises(ImageTooLargeError, match="20000 × 20000"):
        EncodedFrame.open(huge_png(20_000))
    headed = huge_png(9_000)
    assert len(headed) < 100
    with pytest.raises(ImageTooLargeError, match="80,999,999"):
        EncodedFrame.open(headed, Limits(max_pixels=80_999_999))
    assert EncodedFrame.open(headed, Limits(max_pixels=81_000_000)).width == 9_000


@pytest.mark.parametrize(
    ("limits", "error"),
    [(Limits(max_side=239), ImageTooLargeError), (Limits(min_side=161), InvalidParameterError)],
)
def test_a_side_is_bounded_from_above_and_below(limits: Limits, error: type[Exception]) -> None:
    data = encode(quarters())
    EncodedFrame.open(data, Limits(min_side=160, max_side=240))
    with pytest.raises(error, match="240 × 160"):
        EncodedFrame.open(data, limits)


def test_zero_bytes_are_refused() -> None:
    with pytest.raises(ImageFormatError, match="empty"):
        EncodedFrame.open(b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_a_truncated_picture_is_refused(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)
    data = encode(noise, kind)
    assert EncodedFrame.open(data).pixels().shape == (200, 200, 3)
    with pytest.raises(ImageFormatError):
        EncodedFrame.open(data[: len(data) // 2]).pixels()


@pytest.mark.parametrize("data", [b"%PDF-1.7 not a picture", b"\0" * 500, b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_told_the_formats(data: bytes) -> None:
    with pytest.raises(ImageFormatError, match=r"Supported: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF\."):
        EncodedFrame.open(data)


def test_transparent_parts_are_white_and_half_transparent_ones_half_white() -> None:
    layer = np.zeros((90, 90, 4), np.uint8)
    layer[:30], layer[30:60] = [200, 0, 0, 255], [0, 0, 0, 128]
    pixels = EncodedFrame.open(encode(layer, "PNG")).pixels()
    assert [pixels[row, 0].tolist() for row in (0, 45, 75)] == [[200, 0, 0], [127] * 3, [255] * 3]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_gray_becomes_three_equal_channels(kind: str) -> None:
    pixels = EncodedFrame.open(saved(Pillow.new("L", (100, 90), 77), kind)).pixels()
    assert pixels.shape == (90, 100, 3)
    assert (pixels == 77).all()


def test_sixteen_bits_of_gray_keep_their_range() -> None:
    shades = np.linspace(0, 65535, 8100).astype(np.uint16).reshape(90, 90)
    pixels = EncodedFrame.open(saved(Pillow.fromarray(shades))).pixels()[..., 0]
    assert np.abs(pixels - shades / 257.0).max() <= 1


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    pixels = EncodedFrame.open(saved(Pillow.new("CMYK", (100, 90), (0, 255, 255, 0)), "JPEG")).pixels()
    assert np.abs(pixels.astype(int) - [255, 0, 0]).max() < 8


@pytest.mark.parametrize("in_process", [False, True], ids=["decoder process", "this process"])
def test_pixels_are_read_only(in_process: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders._decoders, "_in_process", in_process)
    pixels = EncodedFrame.open(encode(quarters())).pixels()
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("long_side", "width"), [(960, 1001), (1001, 2001), (2001, 4001), (9000, 4001), (10, 501)])
def test_a_large_picture_is_decoded_at_the_smallest_scale_that_serves(kind: str, long_side: int, width: int) -> None:
    image = EncodedFrame.open(encode(np.full((2000, 4001, 3), 90, np.uint8), kind))
    pixels = image.pixels(long_side)
    assert pixels.shape == (round(2000 * width / 4001), width, 3)
    assert np.abs(pixels.astype(int) - 90).max() <= 2
    assert (image.width, image.height) == (4001, 2000)


@pytest.mark.parametrize(("size", "width"), [((4000, 400), 4000), ((9600, 480), 9600), ((6000, 1600), 1500)])
def test_a_panorama_keeps_pixels_on_its_shorter_side(size: tuple[int, int], width: int) -> None:
    image = EncodedFrame.open(encode(np.full((size[1], size[0], 3), 90, np.uint8)), Limits(max_bytes=1 << 30))
    assert image.pixels(960).shape[1] == width


@pytest.mark.parametrize("size", [(160, 240), (961, 1923), (6003, 6007), (80, 9000)])
def test_a_decoded_frame_has_the_pixels_of_a_png_of_it_at_every_scale(size: tuple[int, int]) -> None:
    block = np.random.default_rng(3).integers(0, 256, (101, 103, 3), np.uint8)
    pixels = np.tile(block, (-(-size[0] // 101), -(-size[1] // 103), 1))[: size[0], : size[1]]
    array, file = ArrayFrame(pixels), EncodedFrame.open(encode(pixels, "PNG", compress_level=0), Limits(1 << 30))
    assert (array.width, array.height) == (file.width, file.height) == size[::-1]
    for side in (1, 240, 960, 1500, 2560, 10_000):
        # A large file is decoded once and reduced in two steps, each of which rounds, and weighs what is left over at
        # the right and at the bottom by its own.
        assert array.pixels(side).shape == file.pixels(side).shape
        np.testing.assert_allclose(array.pixels(side)[:-1, :-1].astype(int), file.pixels(side)[:-1, :-1], atol=1)


def test_a_decoded_frame_scales_once_and_is_read_only() -> None:
    pixels = quarters(640, 960)
    frame = ArrayFrame(pixels)
    assert frame.pixels(240) is frame.pixels(200)
    for side in (240, 960):
        with pytest.raises(ValueError, match="read-only"):
            frame.pixels(side)[0, 0] = 0
    pixels[0, 0] = 1  # the caller's own array stays writable


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((90, 90), np.uint8),
        np.zeros((90, 90, 4), np.uint8),
        np.zeros((90, 90, 3), np.float32),
        np.zeros((0, 90, 3), np.uint8),
    ],
)
def test_a_decoded_frame_must_be_rgb(pixels: Any) -> None:
    with pytest.raises(ValueError, match=r"uint8 of \(H, W, 3\)"):
        ArrayFrame(pixels)


def test_a_large_image_other_than_a_jpeg_is_decoded_once_for_all_usual_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []

    def counted(header: ImageHeader, scale: int) -> NDArray[np.uint8]:
        decoded.append(scale)
        return read_pixels(header, scale)

    monkeypatch.setattr("openrek.vision.frame.read_pixels", counted)
    shades = np.linspace(0, 255, 4500 * 4200, dtype=np.uint8).reshape(4500, 4200)
    frame = EncodedFrame.open(
        encode(np.stack([shades] * 3, axis=-1), "PNG", compress_level=1), Limits(max_bytes=1 << 30)
    )
    shapes = [frame.pixels(side).shape for side in (960, 2000, 2560, 960)]
    assert shapes == [(1125, 1050, 3), (2250, 2100, 3), (4500, 4200, 3), (1125, 1050, 3)]
    assert decoded == [1]
    np.testing.assert_allclose(frame.pixels(960), read_pixels(frame.header, 4), atol=1)
