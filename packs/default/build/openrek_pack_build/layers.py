"""Layers that every source shares, on (batch, height, width, channels) tensors."""

from collections.abc import Sequence

import numpy as np

from openrek_pack_build.graph import NCHW, Array, Graph, Tensor, Value

Pair = tuple[int, int]
Pads = tuple[Pair, Pair]
NO_PADS: Pads = ((0, 0), (0, 0))


def same_pads(size: Pair, window: Pair, strides: Pair) -> Pads:
    """TensorFlow's SAME padding, (before, after) for height and width; an odd pixel goes after."""
    totals = [
        max((-(-side // stride) - 1) * stride + extent - side, 0)
        for side, extent, stride in zip(size, window, strides, strict=True)
    ]
    return (totals[0] // 2, totals[0] - totals[0] // 2), (totals[1] // 2, totals[1] - totals[1] // 2)


def convolve(
    graph: Graph, value: Tensor, kernel: Array, strides: Pair, pads: Pads, bias: Array | None = None
) -> Tensor:
    """Convolution with a (height, width, in / groups, out) kernel."""
    groups = value.shape[3] // kernel.shape[2]
    return _convolve(graph, value, kernel.transpose(3, 2, 0, 1), strides, pads, groups, bias)


def convolve_depthwise(
    graph: Graph, value: Tensor, kernel: Array, strides: Pair, pads: Pads, bias: Array | None = None
) -> Tensor:
    """Convolution of each channel by itself, with a (height, width, channels, multiplier) kernel."""
    height, width, channels, multiplier = kernel.shape
    weights = kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
    return _convolve(graph, value, weights, strides, pads, channels, bias)


def pool(graph: Graph, operator: str, value: Tensor, window: Pair, strides: Pair, pads: Pads) -> Tensor:
    """MaxPool or AveragePool; padding takes no part in either."""
    name = graph.add(
        operator, [graph.laid(value, NCHW)], kernel_shape=list(window), strides=list(strides), pads=_flat(pads)
    )
    return Tensor(name, _swept(value.shape, window, strides, pads, value.shape[3]), NCHW)


def global_average(graph: Graph, value: Tensor) -> Tensor:
    """The mean of each channel, (batch, 1, 1, channels)."""
    name = graph.add("GlobalAveragePool", [graph.laid(value, NCHW)])
    return Tensor(name, (value.shape[0], 1, 1, value.shape[3]), NCHW)


def standardise(graph: Graph, value: Tensor, mean: Sequence[float], divisor: float) -> Tensor:
    """(x - mean) / divisor, with a mean for each channel."""
    centred = binary(graph, "Sub", value, np.array(mean, np.float32))
    return binary(graph, "Mul", centred, np.array(1 / divisor, np.float32))


def unary(graph: Graph, operator: str, value: Tensor, **attributes: float) -> Tensor:
    """An elementwise operator, in whatever layout."""
    return Tensor(graph.add(operator, [value.name], **attributes), value.shape, value.axes)


def relu6(graph: Graph, value: Tensor) -> Tensor:
    """min(max(x, 0), 6)."""
    bounds = [graph.constant(np.array(bound, np.float32)) for bound in (0, 6)]
    return Tensor(graph.add("Clip", [value.name, *bounds]), value.shape, value.axes)


def binary(graph: Graph, operator: str, left: Value, right: Value) -> Tensor:
    """An elementwise operator of two values, broadcast as NumPy does."""
    shape = np.broadcast_shapes(left.shape, right.shape)
    # The first tensor of full rank decides the layout; a constant is turned to it for nothing.
    axes = next(
        (value.axes for value in (left, right) if isinstance(value, Tensor) and len(value.shape) == len(shape)),
        tuple(range(len(shape))),
    )
    names = [graph.laid(widened(graph, value, len(shape)), axes) for value in (left, right)]
    return Tensor(graph.add(operator, names), shape, axes)


def widened(graph: Graph, value: Value, rank: int) -> Value:
    """The value with leading dimensions of one."""
    return reshape(graph, value, (1,) * (rank - len(value.shape)) + tuple(value.shape))


def reshape(graph: Graph, value: Value, shape: tuple[int, ...]) -> Value:
    """The value in another shape, one side of which may be -1."""
    if not isinstance(value, Tensor):
        return value.reshape(shape)
    known = -int(np.prod(shape)) if -1 in shape else 0
    shape = tuple(int(np.prod(value.shape)) // known if side == -1 else side for side in shape)
    if shape == value.shape:
        return value
    name = graph.add("Reshape", [graph.laid(value), graph.constant(np.array(shape, np.int64))])
    return Tensor(name, shape, tuple(range(len(shape))))


def pad(graph: Graph, value: Tensor, amounts: list[Pair], filling: float = 0.0) -> Tensor:
    """The value with (before, after) added to each dimension."""
    order = [amounts[axis] for axis in value.axes]
    sides = np.array([before for before, _ in order] + [after for _, after in order], np.int64)
    name = graph.add("Pad", [value.name, graph.constant(sides), graph.constant(np.array(filling, np.float32))])
    shape = tuple(side + sum(amount) for side, amount in zip(value.shape, amounts, strict=True))
    return Tensor(name, shape, value.axes)


def softmax(graph: Graph, value: Tensor) -> Tensor:
    """Probabilities along the source's last dimension."""
    laid = Tensor(graph.laid(value), value.shape, tuple(range(len(value.shape))))
    return unary(graph, "Softmax", laid)


def dense(graph: Graph, value: Tensor, kernel: Array, bias: Array | None = None) -> Tensor:
    """A fully connected layer, (batch, in) by (in, out)."""
    names = [graph.laid(value), graph.constant(kernel)]
    if bias is not None:
        names.append(graph.constant(bias))
    return Tensor(graph.add("Gemm", names), (value.shape[0], kernel.shape[1]), (0, 1))


def folded(kernel: Array, norm: "Norm") -> tuple[Array, Array]:
    """A (height, width, in, out) kernel, and bias, that do what the kernel and then batch normalisation did."""
    scale, shift = norm
    return (kernel * scale).astype(np.float32), shift.astype(np.float32)


Norm = tuple[Array, Array]
"""Batch normalisation as scale and shift of each channel."""


def norm_of(gamma: Array, beta: Array, mean: Array, variance: Array, epsilon: float) -> Norm:
    """Batch normalisation at inference. Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167"""
    scale = gamma.astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
    return scale, beta - mean * scale


def normalise(graph: Graph, value: Tensor, norm: Norm) -> Tensor:
    """Batch normalisation that could not be folded into a convolution."""
    scaled = binary(graph, "Mul", value, norm[0].astype(np.float32))
    return binary(graph, "Add", scaled, norm[1].astype(np.float32))


def _convolve(
    graph: Graph, value: Tensor, weights: Array, strides: Pair, pads: Pads, groups: int, bias: Array | None
) -> Tensor:
    inputs = [graph.laid(value, NCHW), graph.constant(weights)]
    if bias is not None:
        inputs.append(graph.constant(bias))
    window = (weights.shape[2], weights.shape[3])
    name = graph.add("Conv", inputs, kernel_shape=list(window), strides=list(strides), pads=_flat(pads), group=groups)
    return Tensor(name, _swept(value.shape, window, strides, pads, weights.shape[0]), NCHW)


def _swept(shape: tuple[int, ...], window: Pair, strides: Pair, pads: Pads, channels: int) -> tuple[int, ...]:
    sides = [
        (side + sum(padding) - extent) // stride + 1
        for side, extent, stride, padding in zip(shape[1:3], window, strides, pads, strict=True)
    ]
    return (shape[0], *sides, channels)


def _flat(pads: Pads) -> list[int]:
    """In ONNX's order: top, left, bottom, right."""
    return [pads[0][0], pads[1][0], pads[0][1], pads[1][1]]
