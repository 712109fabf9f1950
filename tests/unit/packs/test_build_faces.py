"""Networks that are built from weights alone compute what their layers' definitions say."""

import numpy as np
import onnxruntime
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from openrek_pack_build import dlib_resnet, face_expression
from openrek_pack_build.dlib_resnet import DlibResNet
from openrek_pack_build.face_expression import FaceExpression
from openrek_pack_build.graph import Graph

Floats = NDArray[np.float32]
Weights = dict[str, Floats]
MEAN = np.array([122.782, 117.001, 104.298], np.float32)


def run(graph: Graph, image: Floats) -> Floats:
    """The only output, for an (H, W, 3) picture."""
    session = onnxruntime.InferenceSession(graph.model().SerializeToString(), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"image": image.transpose(2, 0, 1)[None]})
    found: Floats = output[0]
    return found


def windows(value: Floats, side: int, stride: int, padded: bool) -> Floats:
    """(H, W, C, side, side) of (H, W, C), padded as TensorFlow's SAME does: the odd pixel after."""
    if padded:
        totals = [max((-(-size // stride) - 1) * stride + side - size, 0) for size in value.shape[:2]]
        value = np.pad(value, [*((total // 2, total - total // 2) for total in totals), (0, 0)])
    return sliding_window_view(value, (side, side), (0, 1))[::stride, ::stride]


def convolved(value: Floats, kernel: Floats, stride: int, padded: bool) -> Floats:
    seen = windows(value, kernel.shape[0], stride, padded)
    result: Floats = np.einsum("hwcij,ijco->hwo", seen, kernel, optimize=True)
    return result


def relu(value: Floats) -> Floats:
    return np.maximum(value, 0)


def resnet_weights(random: np.random.Generator) -> Weights:
    weights: Weights = {}

    def add(name: str, side: int, before: int, after: int) -> None:
        deviation = (side * side * before) ** -0.5
        weights[f"{name}/conv/filters"] = random.normal(0, deviation, (side, side, before, after)).astype(np.float32)
        weights[f"{name}/conv/bias"] = random.normal(0, 0.1, after).astype(np.float32)
        weights[f"{name}/scale/weights"] = random.uniform(0.5, 1.5, after).astype(np.float32)
        weights[f"{name}/scale/biases"] = random.normal(0, 0.1, after).astype(np.float32)

    channels = {"conv32": 2, "conv64": 3, "conv128": 3, "conv256": 5}
    add("conv32_down", 7, 3, channels["conv32"])
    before = channels["conv32"]
    for name in dlib_resnet.BLOCKS:
        after = channels[name.partition("_")[0]]
        add(f"{name}/conv1", 3, before, after)
        add(f"{name}/conv2", 3, after, after)
        before = after
    weights["fc"] = random.standard_normal((before, 4)).astype(np.float32)
    return weights


def resnet(weights: Weights, image: Floats) -> Floats:
    def layer(value: Floats, name: str, stride: int) -> Floats:
        result = convolved(value, weights[f"{name}/conv/filters"], stride, stride == 1) + weights[f"{name}/conv/bias"]
        return result * weights[f"{name}/scale/weights"] + weights[f"{name}/scale/biases"]

    value = relu(layer((image - MEAN) / np.float32(256), "conv32_down", 2))
    value = windows(value, 3, 2, False).max((3, 4))
    for name in dlib_resnet.BLOCKS:
        stride = 2 if "down" in name else 1
        inner = layer(relu(layer(value, f"{name}/conv1", stride)), f"{name}/conv2", 1)
        passed = windows(value, 2, 2, False).mean((3, 4)) if stride == 2 else value
        total = np.zeros(np.maximum(inner.shape, passed.shape), np.float32)
        for part in (inner, passed):
            total[tuple(slice(side) for side in part.shape)] += part
        value = relu(total)
    result: Floats = value.mean((0, 1)) @ weights["fc"]
    return result


def test_the_residual_network_is_dlibs() -> None:
    random = np.random.default_rng(11)
    weights = resnet_weights(random)
    image = random.uniform(0, 255, (dlib_resnet.SIDE, dlib_resnet.SIDE, 3)).astype(np.float32)
    expected = resnet(weights, image)
    assert np.abs(expected).max() > 0.1
    assert run(DlibResNet(weights).build(), image) == pytest.approx(expected, abs=1e-4)


def expression_weights(random: np.random.Generator) -> Weights:
    weights: Weights = {}
    before = 3
    for block, after in zip(face_expression.BLOCKS, (2, 3, 4, 5), strict=True):
        for step in range(4):
            name = f"{block}/conv{step}"
            if before == 3 and step == 0 and block == face_expression.BLOCKS[0]:
                weights[f"{name}/filters"] = random.normal(0, 0.5, (3, 3, before, after)).astype(np.float32)
            else:
                weights[f"{name}/depthwise_filter"] = random.normal(0, 0.5, (3, 3, before, 1)).astype(np.float32)
                weights[f"{name}/pointwise_filter"] = random.normal(0, 0.5, (1, 1, before, after)).astype(np.float32)
            weights[f"{name}/bias"] = random.normal(0, 0.1, after).astype(np.float32)
            before = after
    weights["fc/weights"] = random.normal(0, 0.3, (before, 7)).astype(np.float32)
    weights["fc/bias"] = random.normal(0, 0.3, 7).astype(np.float32)
    return weights


def expression(weights: Weights, image: Floats) -> Floats:
    def layer(value: Floats, name: str, stride: int) -> Floats:
        if f"{name}/filters" in weights:
            return convolved(value, weights[f"{name}/filters"], stride, True) + weights[f"{name}/bias"]
        seen = windows(value, 3, stride, True)
        swept = np.einsum("hwcij,ijc->hwc", seen, weights[f"{name}/depthwise_filter"][..., 0])
        result: Floats = swept @ weights[f"{name}/pointwise_filter"][0, 0] + weights[f"{name}/bias"]
        return result

    value = (image - MEAN) / np.float32(255)
    for block in face_expression.BLOCKS:
        outputs = [relu(layer(value, f"{block}/conv0", 2))]
        for step in range(1, 4):
            outputs.append(layer(relu(np.sum(outputs, 0)), f"{block}/conv{step}", 1))
        value = relu(np.sum(outputs, 0))
    logits = value.mean((0, 1)) @ weights["fc/weights"] + weights["fc/bias"]
    powers = np.exp(logits - logits.max())
    result: Floats = powers / powers.sum()
    return result


def test_the_expression_network_is_face_apis() -> None:
    random = np.random.default_rng(5)
    weights = expression_weights(random)
    image = random.uniform(0, 255, (face_expression.SIDE, face_expression.SIDE, 3)).astype(np.float32)
    expected = expression(weights, image)
    assert expected.max() < 0.99
    assert run(FaceExpression(weights).build(), image) == pytest.approx(expected, abs=1e-4)
