"""Weights are read from other formats without their frameworks, and packed without changing what models say."""

import os
import pickle
import struct
from collections import OrderedDict
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from openrek_pack_build.graph import NCHW, Graph
from openrek_pack_build.js_literal import read_export
from openrek_pack_build.layers import NO_PADS, convolve, folded, norm_of
from openrek_pack_build.pack16 import pack16
from openrek_pack_build.rewrite import rewrite
from openrek_pack_build.torch_weights import read_state

MAGIC = 0x1950A86A20F9469CFC6C
RANDOM = np.random.default_rng(3)


def state_file(storage: NDArray[np.float32], offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> bytes:
    """A state file of one tensor, as PyTorch 1.5 wrote them; written by hand, since PyTorch is not needed."""

    def short(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def integers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    tensor = (
        b"ctorch._utils\n_rebuild_tensor_v2\n(("
        + short("storage")
        + b"ctorch\nFloatStorage\n"
        + short("7")
        + short("cpu")
        + b"J"
        + struct.pack("<i", storage.size)
        + b"NtQJ"
        + struct.pack("<i", offset)
        + integers(shape)
        + integers(strides)
        + b"\x89ccollections\nOrderedDict\n)RtR"
    )
    state = b"\x80\x02ccollections\nOrderedDict\n)R" + short("weight") + tensor + b"s."
    head = [pickle.dumps(value, 2) for value in (MAGIC, 1001, {"little_endian": True})]
    return b"".join(
        [*head, state, pickle.dumps(["7"], 2), struct.pack("<q", storage.size), storage.astype("<f4").tobytes()]
    )


def test_a_state_file_gives_its_arrays() -> None:
    storage = np.arange(10, dtype=np.float32)
    state = read_state(state_file(storage, 1, (2, 3), (1, 2)))
    assert state["weight"].tolist() == [[1, 3, 5], [2, 4, 6]]


def test_a_view_beyond_its_storage_is_an_error() -> None:
    with pytest.raises(IndexError):
        read_state(state_file(np.zeros(4, np.float32), 0, (5,), (1,)))


@pytest.mark.parametrize("callable_", [os.system, eval, open], ids=["os.system", "eval", "open"])
def test_a_state_file_that_names_a_callable_is_refused(callable_: Any) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return callable_, ("exit",)

    head = b"".join(pickle.dumps(value, 2) for value in (MAGIC, 1001, {"little_endian": True}))
    with pytest.raises(pickle.UnpicklingError, match="no business"):
        read_state(head + pickle.dumps(OrderedDict(weight=Trap()), 2))


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(pickle.UnpicklingError):
        read_state(pickle.dumps({"weight": 1}))


def test_minified_javascript_is_read_as_data() -> None:
    script = 'function(e){e.exports={a:[null,!0,!1,-.5,.25,3],b_c:{"d-e":"x:{!0}\\"",f:1e-7}}},{}]},{},[1])(1)});'
    assert read_export(script) == {"a": [None, True, False, -0.5, 0.25, 3], "b_c": {"d-e": 'x:{!0}"', "f": 1e-7}}
    assert read_export('n.exports="QUJD"},{}]') == "QUJD"


def test_javascript_that_computes_is_refused() -> None:
    with pytest.raises(ValueError, match="no literal"):
        read_export("module.exports={a:(1+2)}")


def test_packing_halves_weights_and_keeps_outputs_biases_and_great_values() -> None:
    kernel = RANDOM.standard_normal((32, 16)).astype(np.float32)
    great = np.full((32, 32), 1e6, np.float32)
    bias = RANDOM.standard_normal(300).astype(np.float32)
    constants = {"kernel": kernel, "great": great, "bias": bias}
    nodes = [
        helper.make_node("MatMul", ["image", "great"], ["wide"]),
        helper.make_node("MatMul", ["image", "kernel"], ["out"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "g",
        [value("image", TensorProto.FLOAT, [1, 32])],
        [value("wide", TensorProto.FLOAT, [1, 32]), value("out", TensorProto.FLOAT, [1, 16])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    packed = pack16(model)
    types = {constant.name: constant.data_type for constant in packed.graph.initializer}
    assert types == {"kernel_f16": TensorProto.FLOAT16, "great": TensorProto.FLOAT, "bias": TensorProto.FLOAT}
    image = RANDOM.standard_normal((1, 32)).astype(np.float32)
    before, after = (_run(each, image) for each in (model, packed))
    assert after["out"] == pytest.approx(before["out"], abs=2e-2)
    assert after["wide"] == pytest.approx(before["wide"], rel=1e-6)


def test_batch_normalisation_folds_into_the_convolution_before_it() -> None:
    kernel = RANDOM.standard_normal((1, 1, 3, 4)).astype(np.float32)
    gamma, beta, mean = RANDOM.standard_normal((3, 4))
    variance = RANDOM.random(4) + 0.1
    graph = Graph("g")
    image = graph.add_input("image", (1, 2, 2, 3), NCHW)
    weights, bias = folded(kernel, norm_of(gamma, beta, mean, variance, 1e-3))
    graph.add_output("out", convolve(graph, image, weights, (1, 1), NO_PADS, bias))
    pixels = RANDOM.standard_normal((1, 3, 2, 2)).astype(np.float32)
    plain = np.einsum("bchw,co->bhwo", pixels, kernel[0, 0])
    expected = (plain - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    assert _run(graph.model(), pixels)["out"] == pytest.approx(expected, abs=1e-5)


def test_rewriting_renames_and_frees_the_constants() -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Mul", ["input.1", "w"], ["537"])],
        "g",
        [value("input.1", TensorProto.FLOAT, [1, 3]), value("w", TensorProto.FLOAT, [3])],
        [value("537", TensorProto.FLOAT, [1, 3])],
        [
            numpy_helper.from_array(np.array([1, 2, 3], np.float32), "w"),
            numpy_helper.from_array(np.array(5, np.int64), "num_batches_tracked"),
        ],
    )
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=4).SerializeToString()
    made = rewrite(data, {"input.1": ("image", (1, "width"))}, {"537": ("out", (1, "width"))})
    assert [given.name for given in made.graph.input] == ["image"]
    assert [constant.name for constant in made.graph.initializer] == ["w"]
    assert _run(made, np.ones((1, 3), np.float32))["out"].tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match="inputs and outputs"):
        rewrite(data, {"other": ("image", (1, 3))}, {"537": ("out", (1, 3))})


def _run(model: onnx.ModelProto, image: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, {"image": image}), strict=True))
