"""Input tensors: the formula, written out."""

import numpy as np
import pytest

from openrek.vision.architectures.tensors import channels_first, channels_last

PIXELS = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
STD = np.array([57.375, 57.12, 58.395], np.float32)


@pytest.mark.parametrize("reverse", [False, True])
def test_planes_are_normalized_in_the_order_of_the_tensor_s_channels(reverse: bool) -> None:
    tensor = channels_first(PIXELS, MEAN, STD, reverse)
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous
    expected = ((PIXELS[..., ::-1] if reverse else PIXELS) - MEAN) / STD
    assert (tensor == expected.transpose(2, 0, 1)[None]).all()


def test_one_mean_and_deviation_serve_all_channels() -> None:
    assert (channels_first(PIXELS, 127, 128) == ((PIXELS.astype(np.float32) - 127) / 128).transpose(2, 0, 1)).all()
    assert (channels_last(PIXELS, 127, 128)[0] == (PIXELS.astype(np.float32) - 127) / 128).all()


def test_pixels_as_they_are_by_default() -> None:
    assert (channels_first(PIXELS)[0] == PIXELS.transpose(2, 0, 1)).all()
    assert (channels_last(PIXELS)[0] == PIXELS).all()


def test_a_tensor_wider_than_the_pixels_keeps_the_rest() -> None:
    tensor = np.zeros((1, 3, 5, 10), np.float32)
    channels_first(PIXELS, 127.5, 127.5, out=tensor[..., :7])
    assert (tensor[..., :7] == channels_first(PIXELS, 127.5, 127.5)).all()
    assert not tensor[..., 7:].any()


def test_the_pixels_stay_as_they_are() -> None:
    before = PIXELS.copy()
    channels_first(PIXELS, MEAN, STD, reverse=True)
    channels_last(PIXELS, MEAN, STD)
    assert (before == PIXELS).all()
