"""Frames are shared by the identity of their bytes, which must not be another's meanwhile."""

import io

from PIL import Image

from openrek.rekognition.services import OpenImages
from openrek.vision import Limits


def _encoded(side: int) -> bytes:
    buffer = io.BytesIO()
    # Metadata of its own size each time, so that no two files are alike.
    Image.new("RGB", (side, 100)).save(buffer, "JPEG", comment=b"x" * 50)
    return buffer.getvalue()


def test_a_frame_of_freed_bytes_is_never_taken_for_another_image() -> None:
    images = OpenImages()
    for side in range(100, 160):
        data = _encoded(side)
        assert images.open(data, Limits()).width == side
        del data  # its address is free for the next file, unless the frame holds it
