"""Networks in 8 bits: simplified, equalized and quantized, on small networks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from openrek.vision import load_packs
from openrek_pack_build.equalize import equalize
from openrek_pack_build.free_size import free_size
from openrek_pack_build.int8 import KEPT, in_8_bits
from openrek_pack_build.pack16 import pack16
from openrek_pack_build.quantize import quantize
from openrek_pack_build.ranges import load_ranges, observe, save_ranges
from openrek_pack_build.simplify import simplify

Floats = NDArray[np.float32]
CHANCE = np.random.default_rng(3)
IMAGES = [CHANCE.normal(0, 1, (1, 3, 16, 16)).astype(np.float32) for _ in range(4)]


def weights(*shape: int) -> Floats:
    return CHANCE.normal(0, 0.3, shape).astype(np.float32)


def network(activation: Sequence[str] = ("Relu",), uneven: float = 1.0) -> onnx.ModelProto:
    """Convolution, activation, depthwise convolution, activation, convolution; channels of uneven ranges."""
    spread = (uneven ** np.linspace(-1, 1, 8)).astype(np.float32)
    constants = {
        "w1": weights(8, 3, 3, 3) * spread[:, None, None, None],
        "b1": weights(8) * spread,
        "w2": weights(8, 1, 3, 3),
        "b2": weights(8) * spread,
        "w3": weights(4, 8, 1, 1) / spread[None, :, None, None],
        "b3": weights(4),
        "low": np.float32(0),
        "high": np.float32(6),
    }
    limits = ["low", "high"] if activation == ("Clip",) else []
    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node(activation[0], ["a", *limits], ["b"]),
        helper.make_node("Conv", ["b", "w2", "b2"], ["c"], pads=[1, 1, 1, 1], group=8),
        helper.make_node(activation[0], ["c", *limits], ["d"]),
        helper.make_node("Conv", ["d", "w3", "b3"], ["out"]),
    ]
    return model(nodes, constants, [1, 3, 16, 16], [1, 4, 16, 16])


def model(
    nodes: Sequence[onnx.NodeProto], constants: Mapping[str, Any], fed: Sequence[int], given: Sequence[int]
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, fed)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, given)],
        [numpy_helper.from_array(np.asarray(array, np.float32), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(made: onnx.ModelProto, image: Floats) -> Floats:
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"image": image})[0], np.float32)


def error(made: onnx.ModelProto, original: onnx.ModelProto) -> float:
    """Of the result, as a share of it."""
    pairs = [(run(made, image), run(original, image)) for image in IMAGES]
    return float(np.mean([np.abs(one - other).mean() / np.abs(other).mean() for one, other in pairs]))


@pytest.mark.parametrize("activation", ["Relu", "LeakyRelu"])
def test_an_equalized_network_computes_the_same_with_channels_of_one_range(activation: str) -> None:
    simple = simplify(network((activation,), uneven=8))
    ranges = observe(simple, IMAGES)
    equal, scaled = equalize(simple, ranges)
    assert error(equal, simple) < 1e-5
    widest = [np.abs(scaled[node.output[0]]).max(axis=0) for node in equal.graph.node if node.op_type == activation]
    before = [np.abs(ranges[node.output[0]]).max(axis=0) for node in equal.graph.node if node.op_type == activation]
    assert before[0].max() / before[0].min() > 16
    assert widest[0].max() / widest[0].min() < 2
    assert widest[1].max() / widest[1].min() < before[1].max() / before[1].min()
    observed = observe(equal, IMAGES)
    for name, each in scaled.items():
        assert observed[name] == pytest.approx(each, rel=1e-4, abs=1e-4)


def test_capped_rectifiers_are_filled_and_cut_nothing_that_was_seen() -> None:
    simple = simplify(network(("Clip",), uneven=4))
    equal, _ = equalize(simple, observe(simple, IMAGES))
    assert error(equal, simple) < 1e-4


def test_equalized_channels_lose_less_to_8_bits() -> None:
    original = network(uneven=8)
    simple = simplify(original)
    ranges = observe(simple, IMAGES)
    eight = quantize(original, ranges)
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in eight.graph.node}
    assert error(eight, original) < 0.03


def test_kept_nodes_keep_their_floats() -> None:
    original = network()
    ranges = observe(simplify(original), IMAGES)

    def floats(made: onnx.ModelProto) -> int:
        return sum(
            constant.data_type == TensorProto.FLOAT and len(constant.dims) == 4 for constant in made.graph.initializer
        )

    assert floats(quantize(original, ranges)) == 0
    assert floats(quantize(original, ranges, ["Conv_0"])) == 1
    assert floats(quantize(original, ranges, ["Conv_.*"])) == 3


def test_half_precision_becomes_single() -> None:
    original = network()
    simple = simplify(pack16(original))
    assert {constant.data_type for constant in simple.graph.initializer} == {TensorProto.FLOAT}
    assert error(simple, original) < 1e-3


def test_padding_before_a_maximum_becomes_its_own() -> None:
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["a"]),
        helper.make_node("Pad", ["a", "pads", "lowest"], ["b"]),
        helper.make_node("MaxPool", ["b"], ["out"], kernel_shape=[3, 3], strides=[2, 2]),
    ]
    made = model(
        nodes, {"w": weights(8, 3, 1, 1), "lowest": np.array(-3.4e38, np.float32)}, [1, 3, 16, 16], [1, 8, 8, 8]
    )
    made.graph.initializer.append(numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 0, 1, 1], np.int64), "pads"))
    simple = simplify(made)
    assert [node.op_type for node in simple.graph.node] == ["Conv", "MaxPool"]
    assert error(simple, made) < 1e-6


def test_a_freed_network_takes_other_sizes() -> None:
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["a"], strides=[2, 2]),
        helper.make_node("Resize", ["a", "", "", "size"], ["b"], mode="linear"),
        helper.make_node("Reshape", ["b", "cells"], ["c"]),
        helper.make_node("Transpose", ["c"], ["out"], perm=[0, 2, 1]),
    ]
    made = model(nodes, {"w": weights(8, 3, 2, 2)}, [1, 3, 16, 16], [1, 256, 8])
    for name, shape in {"size": [1, 8, 16, 16], "cells": [1, 8, 256]}.items():
        made.graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), name))
    free = free_size(made)
    assert error(free, made) < 1e-6
    part = run(free, IMAGES[0][:, :, :8])
    assert part.shape == (1, 128, 8)
    assert part[:, :96] == pytest.approx(run(made, IMAGES[0])[:, :96], abs=1e-5)


def test_ranges_survive_the_file(tmp_path: Path) -> None:
    ranges = observe(simplify(network()), IMAGES)
    path = tmp_path / "ranges.npz"
    save_ranges(path, {"one": ranges, "two": {"x": np.ones((2, 1), np.float32)}})
    found = load_ranges(path, "one")
    assert found.keys() == ranges.keys()
    for name, each in ranges.items():
        assert found[name] == pytest.approx(each, rel=1e-3)
    with pytest.raises(LookupError, match="no ranges of three"):
        load_ranges(path, "three")
    with pytest.raises(ValueError, match="beyond those of 16 bits"):
        save_ranges(path, {"one": {"x": np.full((2, 1), 1e6, np.float32)}})


@pytest.mark.parametrize("name", sorted(KEPT))
def test_the_pack_has_what_the_build_makes(name: str) -> None:
    (described,) = (each for pack in load_packs() for each in pack.models if each.name == name)
    assert described.int8 is not None
    assert in_8_bits(name, described.file.read_bytes()) == described.int8.file.read_bytes()
