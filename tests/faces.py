"""Images with faces: a portrait changed, small faces of strangers, and groups of them."""

import io

import numpy as np
from PIL import Image, ImageOps

_MARGIN = 40


def encode(image: Image.Image) -> bytes:
    """As a JPEG file."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    """The image of a file."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def stranger(number: int, side: int = 250) -> Image.Image:
    """Somebody: one of scikit-image's 100 faces of 25 × 25 pixels, enlarged."""
    from skimage import data

    faces = data.lfw_subset()  # type: ignore[no-untyped-call]
    small = Image.fromarray(np.uint8(faces[number] * 255)).convert("RGB")
    return small.resize((side, side), Image.Resampling.BICUBIC)


def changed(portrait: bytes) -> bytes:
    """The same person: mirrored, gray, turned by 8 degrees and darker."""
    image = ImageOps.mirror(decode(portrait)).convert("L").convert("RGB")
    return encode(image.rotate(8).point(lambda value: value * 0.8))


def side_by_side(*images: Image.Image) -> bytes:
    """Images in a row, each with its own faces."""
    width = sum(image.width + _MARGIN for image in images)
    row = Image.new("RGB", (width, max(image.height for image in images)), "gray")
    left = 0
    for image in images:
        row.paste(image, (left, 0))
        left += image.width + _MARGIN
    return encode(row)
