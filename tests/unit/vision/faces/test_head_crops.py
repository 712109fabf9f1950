"""The square around a head: above the face, as far as it is inside the image."""

import numpy as np
import pytest

from openrek.vision.faces.head_crops import head_square

PIXELS = np.arange(200 * 300 * 3, dtype=np.uint8).reshape(200, 300, 3)


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        ((100, 80, 140, 120), (58, 122), (88, 152)),
        ((100, 10, 140, 50), (0, 52), (88, 152)),
        ((280, 80, 320, 120), (58, 122), (268, 300)),
    ],
)
def test_the_square_begins_above_the_face(
    box: tuple[int, ...], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    found = head_square(PIXELS, np.array(box, np.float32))
    np.testing.assert_array_equal(found, PIXELS[slice(*rows), slice(*columns)])


def test_a_head_outside_the_image_has_no_square() -> None:
    assert head_square(PIXELS, np.array([400, 80, 440, 120], np.float32)) is None
