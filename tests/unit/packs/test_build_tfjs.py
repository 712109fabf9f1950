"""TensorFlow.js models become ONNX models that compute what the originals' definitions say."""

import base64
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from openrek_pack_build import tfjs
from openrek_pack_build.graph import Graph
from openrek_pack_build.layers import same_pads
from openrek_pack_build.tfjs import Cut
from openrek_pack_build.tfjs_weights import read_weights

Floats = NDArray[np.float32]
RANDOM = np.random.default_rng(7)


def text(value: str) -> dict[str, str]:
    return {"s": base64.b64encode(value.encode()).decode()}


def node(name: str, operator: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": operator, "input": list(inputs), "attr": attributes}


def run(graph: Graph, image: Floats) -> list[Floats]:
    session = onnxruntime.InferenceSession(graph.model().SerializeToString(), providers=["CPUExecutionProvider"])
    outputs: list[Floats] = session.run(None, {"image": image})
    return outputs


def convert(nodes: list[dict[str, Any]], weights: dict[str, Any], shape: tuple[int, ...], *outputs: str) -> Graph:
    constants = [node(name, "Const") for name in weights]
    arrays = {name: np.asarray(value) for name, value in weights.items()}
    begin = {"x": Cut("image", shape)}
    return tfjs.convert(
        {"node": [node("x", "Placeholder"), *constants, *nodes]}, arrays, begin, {f"out_{o}": o for o in outputs}
    )


def convolved(image: Floats, kernel: Floats, stride: int) -> Floats:
    """SAME convolution straight from its definition."""
    size, window = (image.shape[1], image.shape[2]), (kernel.shape[0], kernel.shape[1])
    pads = same_pads(size, window, (stride, stride))
    padded = np.pad(image, ((0, 0), *pads, (0, 0)))
    rows, columns = -(-size[0] // stride), -(-size[1] // stride)
    result = np.zeros((1, rows, columns, kernel.shape[3]), np.float32)
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            patch = padded[0, top : top + window[0], left : left + window[1]]
            result[0, row, column] = np.tensordot(patch, kernel, 3)
    return result


def test_a_fused_convolution_pads_after_and_adds_its_bias() -> None:
    image = RANDOM.standard_normal((1, 6, 8, 3)).astype(np.float32)
    kernel = RANDOM.standard_normal((3, 3, 3, 5)).astype(np.float32)
    bias = RANDOM.standard_normal(5).astype(np.float32)
    fused = node(
        "y",
        "_FusedConv2D",
        "x",
        "kernel",
        "bias",
        strides={"list": {"i": ["1", "2", "2", "1"]}},
        padding=text("SAME"),
        data_format=text("NHWC"),
        fused_ops={"list": {"s": [text("BiasAdd")["s"], text("Relu")["s"]]}},
    )
    (found,) = run(convert([fused], {"kernel": kernel, "bias": bias}, image.shape, "y"), image)
    assert found == pytest.approx(np.maximum(convolved(image, kernel, 2) + bias, 0), abs=1e-5)


def test_a_depthwise_convolution_keeps_channels_apart() -> None:
    image = RANDOM.standard_normal((1, 5, 5, 2)).astype(np.float32)
    kernel = RANDOM.standard_normal((3, 3, 2, 1)).astype(np.float32)
    depthwise = node(
        "y",
        "DepthwiseConv2dNative",
        "x",
        "kernel",
        strides={"list": {"i": ["1", "1", "1", "1"]}},
        padding={"s": list(b"SAME")},
        data_format={"s": list(b"NHWC")},
    )
    (found,) = run(convert([depthwise], {"kernel": kernel}, image.shape, "y"), image)
    apart = [convolved(image[..., [c]], kernel[:, :, [c]], 1) for c in range(2)]
    assert found == pytest.approx(np.concatenate(apart, 3), abs=1e-5)


def test_prelu_has_a_slope_for_each_channel_fused_or_not() -> None:
    image = RANDOM.standard_normal((1, 4, 4, 2)).astype(np.float32)
    kernel = RANDOM.standard_normal((1, 1, 2, 3)).astype(np.float32)
    bias = RANDOM.standard_normal(3).astype(np.float32)
    slope = np.array([[[-0.5, 0, 2]]], np.float32)
    fused = node(
        "fused",
        "_FusedConv2D",
        "x",
        "kernel",
        "bias",
        "slope",
        strides={"list": {"i": ["1", "1", "1", "1"]}},
        padding=text("VALID"),
        data_format=text("NHWC"),
        fused_ops={"list": {"s": [text("BiasAdd")["s"], text("Prelu")["s"]]}},
    )
    nodes = [fused, node("mirror", "Mul", "fused", "minus"), node("alone", "Prelu", "mirror", "slope")]
    weights = {"kernel": kernel, "bias": bias, "slope": slope, "minus": np.float32(-1)}
    once, twice = run(convert(nodes, weights, image.shape, "fused", "alone"), image)
    plain = convolved(image, kernel, 1) + bias
    expected = np.where(plain < 0, plain * slope, plain)
    assert once == pytest.approx(expected, abs=1e-5)
    assert twice == pytest.approx(np.where(expected > 0, -expected * slope, -expected), abs=1e-5)


def test_a_head_averages_bounds_connects_and_gives_probabilities() -> None:
    image = RANDOM.standard_normal((1, 3, 5, 4)).astype(np.float32)
    kernel = RANDOM.standard_normal((4, 6)).astype(np.float32)
    bias = RANDOM.standard_normal(6).astype(np.float32)
    nodes = [
        node("below", "Minimum", "x", "most"),
        node("bounded", "Maximum", "below", "least"),
        node("mean", "Mean", "bounded", "axes"),
        node(
            "hidden",
            "_FusedMatMul",
            "mean",
            "kernel",
            "bias",
            fused_ops={"list": {"s": [text("BiasAdd")["s"], text("Relu")["s"]]}},
        ),
        node("y", "Softmax", "hidden"),
        node("kept", "Mean", "x", "axes", keep_dims={"b": True}),
    ]
    weights = {
        "most": np.float32(0.5),
        "least": np.float32(-0.25),
        "axes": np.array([1, 2], np.int32),
        "kernel": kernel,
        "bias": bias,
    }
    probabilities, kept = run(convert(nodes, weights, image.shape, "y", "kept"), image)
    hidden = np.maximum(np.clip(image, -0.25, 0.5).mean((1, 2)) @ kernel + bias, 0)
    assert probabilities == pytest.approx(np.exp(hidden) / np.exp(hidden).sum(), abs=1e-6)
    assert kept == pytest.approx(image.mean((1, 2), keepdims=True), abs=1e-6)


def test_a_mean_over_channels_stops_the_build() -> None:
    with pytest.raises(NotImplementedError, match="height and width"):
        convert([node("y", "Mean", "x", "axes")], {"axes": [3]}, (1, 2, 2, 2), "y")


def test_a_transposed_layer_stops_the_build() -> None:
    turned = node("y", "_FusedMatMul", "x", "w", "b", transpose_b={"b": True}, fused_ops={"list": {"s": []}})
    with pytest.raises(NotImplementedError, match="fully connected"):
        convert([turned], {"w": np.ones((2, 2)), "b": np.ones(2)}, (1, 2), "y")


def test_transposes_are_followed_through_concatenation_splitting_and_reshaping() -> None:
    image = RANDOM.standard_normal((1, 4, 6, 2)).astype(np.float32)
    nodes = [
        node("turned", "Transpose", "x", "order"),
        node("added", "AddV2", "turned", "row"),
        node("both", "ConcatV2", "turned", "added", "axis"),
        node("parts", "SplitV", "both", "sizes", "axis"),
        node("y", "Reshape", "parts:1", "flat"),
    ]
    weights = {
        "order": [0, 3, 1, 2],
        "row": np.arange(6, dtype=np.float32),
        "axis": 1,
        "sizes": [1, 3],
        "flat": [1, -1],
    }
    (found,) = run(convert(nodes, weights, image.shape, "y"), image)
    turned = image.transpose(0, 3, 1, 2)
    expected = np.concatenate([turned, turned + np.arange(6)], 1)[:, 1:].reshape(1, -1)
    assert found == pytest.approx(expected, abs=1e-6)


def test_what_depends_on_constants_alone_is_computed_beforehand() -> None:
    nodes = [
        node("shape", "Shape", "x"),
        node("batch", "StridedSlice", "shape", "zero", "one", "one", shrink_axis_mask={"i": "1"}),
        node("sides", "Pack", "batch", "rest"),
        node("y", "Reshape", "x", "sides"),
    ]
    image = RANDOM.standard_normal((2, 3, 4)).astype(np.float32)
    graph = convert(nodes, {"zero": [0], "one": [1], "rest": -1}, image.shape, "y")
    assert [made.op_type for made in graph.model().graph.node] == ["Reshape", "Identity"]
    assert run(graph, image)[0] == pytest.approx(image.reshape(2, 12))


def test_an_operator_that_nobody_tested_stops_the_build() -> None:
    with pytest.raises(NotImplementedError, match="FancyOp"):
        convert([node("y", "FancyOp", "x")], {}, (1, 2), "y")


def test_what_comes_before_the_cut_is_left_out() -> None:
    nodes = [node("loop", "Enter", "x"), node("begin", "Sub", "loop", "x"), node("y", "Sigmoid", "begin")]
    graph = tfjs.convert({"node": nodes}, {}, {"begin": Cut("image", (1, 2))}, {"out": "y"})
    assert run(graph, np.zeros((1, 2), np.float32))[0] == pytest.approx(0.5)


def test_quantised_weights_are_restored() -> None:
    plain = np.array([1.5, -2], "<f4")
    half = np.array([0.25], "<f2")
    steps = np.array([0, 10, 255], np.uint8)
    data = plain.tobytes() + half.tobytes() + steps.tobytes()
    manifest = [
        {
            "paths": ["a", "b"],
            "weights": [
                {"name": "plain", "shape": [2], "dtype": "float32"},
                {"name": "half", "shape": [], "dtype": "float32", "quantization": {"dtype": "float16"}},
                {
                    "name": "steps",
                    "shape": [3],
                    "dtype": "float32",
                    "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0},
                },
            ],
        }
    ]
    weights = read_weights(manifest, {"a": data[:5], "b": data[5:]}.__getitem__)
    assert {name: value.tolist() for name, value in weights.items()} == {
        "plain": [1.5, -2.0],
        "half": 0.25,
        "steps": [-1.0, 4.0, 126.5],
    }


def test_weights_that_do_not_fill_their_file_are_an_error() -> None:
    manifest = [{"paths": ["a"], "weights": [{"name": "w", "shape": [1], "dtype": "float32"}]}]
    with pytest.raises(ValueError, match="4 bytes of 8"):
        read_weights(manifest, lambda _: bytes(8))
