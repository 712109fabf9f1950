"""Which networks of the pack have a file in 8 bits, too, and what of each stays in floats."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx

from openrek_pack_build.quantize import quantize
from openrek_pack_build.ranges import load_ranges

RANGES = Path(__file__).parents[1] / "int8_ranges.npz"
"""Written by calibrate.py."""

KEPT: Mapping[str, Sequence[str]] = {
    # The first layers, and from the last and smallest of its maps to the places of faces, which are exact to a pixel:
    # with all else in 8 bits no portrait of benchmarks/accuracy.py is lost.
    "centerface": (r"\w+_(\d|1[0-2]|9[6-9]|10\d|11\d)",),
    "nanodet": ("Conv_0", "LeakyRelu_1"),
}
"""Regular expressions of the names that `simplify` gives to the nodes left in floats, by the model's name."""


def in_8_bits(name: str, data: bytes) -> bytes:
    """The file in 8 bits of a model of the pack, from that in floats."""
    model = quantize(onnx.load_model_from_string(data), load_ranges(RANGES, name), KEPT[name])
    return bytes(model.SerializeToString(deterministic=True))
