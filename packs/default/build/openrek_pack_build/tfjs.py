"""TensorFlow.js graph models to ONNX.

Nodes that depend on constants alone are computed here; the rest become ONNX operators. `_OPERATORS` says how, and
holds just what the pack's models use: an operator that is not in it stops the build.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from openrek_pack_build import layers
from openrek_pack_build.graph import NCHW, Array, Graph, Tensor, Value
from openrek_pack_build.tfjs_nodes import Node, read_nodes

Outputs = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the converted part of a model begins."""

    name: str
    """The ONNX input's name."""
    shape: tuple[int, ...]


def convert(
    topology: dict[str, Any], weights: Mapping[str, Array], inputs: Mapping[str, Cut], outputs: Mapping[str, str]
) -> Graph:
    """The part of a model between the inputs and the outputs.

    Args:
        topology: The model's `modelTopology`.
        weights: Constants by node name.
        inputs: The node whose value becomes an input. What comes before it is left out.
        outputs: ONNX name to node name, with ":1" and so on for a node's other values.
    """
    nodes = read_nodes(topology)
    graph = Graph("model")
    known: dict[str, Outputs] = {node: (graph.add_input(cut.name, cut.shape),) for node, cut in inputs.items()}
    for name in _order(nodes, [reference.partition(":")[0] for reference in outputs.values()], set(known)):
        node = nodes[name]
        if node.operator == "Const":
            known[name] = (np.asarray(weights[name]),)
        elif node.operator in _OPERATORS:
            values = [_value(known, reference) for reference in node.inputs]
            known[name] = _OPERATORS[node.operator](graph, node, values)
        else:
            raise NotImplementedError(f"{name} is a {node.operator}, which the converter does not know")
    for name, reference in outputs.items():
        graph.add_output(name, _value(known, reference))
    return graph


def _value(known: Mapping[str, Outputs], reference: str) -> Value:
    name, _, place = reference.partition(":")
    return known[name][int(place or 0)]


def _order(nodes: Mapping[str, Node], wanted: list[str], known: set[str]) -> list[str]:
    """What the wanted nodes need, each after what it needs itself. No recursion: the graphs are deep."""
    done: dict[str, None] = {}
    stack = [(name, False) for name in reversed(wanted)]
    while stack:
        name, ready = stack.pop()
        if name in known or name in done:
            continue
        if ready:
            done[name] = None
            continue
        stack.append((name, True))
        stack.extend((reference.partition(":")[0], False) for reference in reversed(nodes[name].inputs))
    return list(done)


def _constants(values: list[Value]) -> list[Array] | None:
    """The values, if all are known."""
    arrays = [value for value in values if not isinstance(value, Tensor)]
    return arrays if len(arrays) == len(values) else None


def _tensor(value: Value) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError("a constant stands where the model's input should matter")
    return value


def _array(value: Value) -> Array:
    if isinstance(value, Tensor):
        raise TypeError("a value that depends on the input stands where a constant should be")
    return value


def _ints(value: Value) -> list[int]:
    return [int(item) for item in _array(value).ravel()]


def _binary(operator: str, compute: Callable[[Array, Array], Array]) -> "Operator":
    def run(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
        if arrays := _constants(values):
            return (np.asarray(compute(*arrays)),)
        return (layers.binary(graph, operator, *values),)

    return run


def _unary(operator: str) -> "Operator":
    return lambda graph, _node, values: (layers.unary(graph, operator, _tensor(values[0])),)


def _relu6(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (layers.relu6(graph, _tensor(values[0])),)


def _leaky_relu(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    return (layers.unary(graph, "LeakyRelu", _tensor(values[0]), alpha=float(node.attributes["alpha"]["f"])),)


def _add_all(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    total = values[0]
    for value in values[1:]:
        total = layers.binary(graph, "Add", total, value)
    return (total,)


def _window(node: Node, value: Tensor, window: layers.Pair) -> tuple[layers.Pair, layers.Pads]:
    if node.text("data_format") != "NHWC" or set(node.ints("dilations", [1])) != {1}:
        raise NotImplementedError(f"{node.name} is laid out or dilated unlike any that was tested")
    strides = (node.ints("strides")[1], node.ints("strides")[2])
    if node.text("padding") == "VALID":
        return strides, layers.NO_PADS
    return strides, layers.same_pads((value.shape[1], value.shape[2]), window, strides)


def _convolution(run: Callable[..., Tensor]) -> "Operator":
    def convolve(graph: Graph, node: Node, values: list[Value]) -> Outputs:
        value, kernel = _tensor(values[0]), _array(values[1])
        strides, pads = _window(node, value, (kernel.shape[0], kernel.shape[1]))
        biased = node.texts("fused_ops")[:1] == ["BiasAdd"]
        bias = _array(values[2]) if biased else None
        return _activated(graph, node, run(graph, value, kernel, strides, pads, bias), values[2 + biased :])

    return convolve


def _activated(graph: Graph, node: Node, value: Tensor, arguments: list[Value]) -> Outputs:
    """What a fused operator does after its bias. Only Prelu takes an argument."""
    for operator in node.texts("fused_ops"):
        if operator != "BiasAdd":
            (activated,) = _OPERATORS[operator](graph, node, [value, *arguments])
            value = _tensor(activated)
    return (value,)


def _fused_dense(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    if node.texts("fused_ops")[:1] != ["BiasAdd"] or node.flag("transpose_a") or node.flag("transpose_b"):
        raise NotImplementedError(f"{node.name} is a fully connected layer unlike any that was tested")
    result = layers.dense(graph, _tensor(values[0]), _array(values[1]), _array(values[2]))
    return _activated(graph, node, result, values[3:])


def _prelu(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (layers.binary(graph, "PRelu", _tensor(values[0]), _array(values[1])),)


def _softmax(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (layers.softmax(graph, _tensor(values[0])),)


def _mean(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    value = _tensor(values[0])
    if len(value.shape) != len(NCHW) or sorted(_ints(values[1])) != [1, 2]:
        raise NotImplementedError(f"{node.name} is a mean over other than height and width")
    mean = layers.global_average(graph, value)
    return (mean if node.flag("keep_dims") else layers.reshape(graph, mean, (mean.shape[0], mean.shape[3])),)


def _max_pool(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    value = _tensor(values[0])
    window = (node.ints("ksize")[1], node.ints("ksize")[2])
    return (layers.pool(graph, "MaxPool", value, window, *_window(node, value, window)),)


def _batch_norm(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    epsilon = float(node.attributes["epsilon"]["f"])
    gamma, beta, mean, variance = (_array(value) for value in values[1:5])
    return (layers.normalise(graph, _tensor(values[0]), layers.norm_of(gamma, beta, mean, variance, epsilon)),)


def _shape(_graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (np.array(values[0].shape, np.int32),)


def _reshape(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (layers.reshape(graph, values[0], tuple(_ints(values[1]))),)


def _expand(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    shape = list(values[0].shape)
    axis = _ints(values[1])[0]
    shape.insert(axis if axis >= 0 else axis + len(shape) + 1, 1)
    return (layers.reshape(graph, values[0], tuple(shape)),)


def _squeeze(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    shape = values[0].shape
    gone = {axis % len(shape) for axis in node.ints("squeeze_dims")}
    return (layers.reshape(graph, values[0], tuple(side for axis, side in enumerate(shape) if axis not in gone)),)


def _transpose(_graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    value, order = values[0], _ints(values[1])
    if not isinstance(value, Tensor):
        return (value.transpose(order),)
    shape = tuple(value.shape[axis] for axis in order)
    return (Tensor(value.name, shape, tuple(order.index(axis) for axis in value.axes)),)


def _concat(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (_joined(graph, values[:-1], _ints(values[-1])[0]),)


def _joined(graph: Graph, values: list[Value], axis: int) -> Value:
    if arrays := _constants(values):
        return np.concatenate(arrays, axis)
    rank = len(values[0].shape)
    axis %= rank
    axes = next(value.axes for value in values if isinstance(value, Tensor))
    name = graph.add("Concat", [graph.laid(value, axes) for value in values], axis=axes.index(axis))
    shape = list(values[0].shape)
    shape[axis] = sum(value.shape[axis] for value in values)
    return Tensor(name, tuple(shape), axes)


def _pack(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    axis = node.integer("axis")
    if arrays := _constants(values):
        return (np.stack(arrays, axis),)
    shape = list(values[0].shape)
    shape.insert(axis, 1)
    return (_joined(graph, [layers.reshape(graph, value, tuple(shape)) for value in values], axis),)


def _parted(graph: Graph, value: Value, sizes: list[int], axis: int) -> Outputs:
    axis %= len(value.shape)
    if not isinstance(value, Tensor):
        return tuple(np.split(value, np.cumsum(sizes)[:-1], axis))
    inputs = [value.name, graph.constant(np.array(sizes, np.int64))]
    names = graph.add_split("Split", inputs, len(sizes), axis=value.axes.index(axis))
    shapes = [(*value.shape[:axis], size, *value.shape[axis + 1 :]) for size in sizes]
    return tuple(Tensor(name, shape, value.axes) for name, shape in zip(names, shapes, strict=True))


def _split(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return _parted(graph, values[0], _ints(values[1]), _ints(values[2])[0])


def _unpack(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    value, axis = values[0], node.integer("axis")
    parts = _parted(graph, value, [1] * value.shape[axis], axis)
    shape = (*value.shape[:axis], *value.shape[axis + 1 :])
    return tuple(layers.reshape(graph, part, shape) for part in parts)


def _slice(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    value, begin, size = _tensor(values[0]), _ints(values[1]), _ints(values[2])
    ends = [
        side if extent == -1 else start + extent for side, start, extent in zip(value.shape, begin, size, strict=True)
    ]
    bounds = [np.array([limits[axis] for axis in value.axes], np.int64) for limits in (begin, ends)]
    name = graph.add("Slice", [value.name, *(graph.constant(bound) for bound in bounds)])
    shape = tuple(end - start for start, end in zip(begin, ends, strict=True))
    return (Tensor(name, shape, value.axes),)


def _strided_slice(_graph: Graph, node: Node, values: list[Value]) -> Outputs:
    """Of vectors alone: the sizes that the source computes from shapes."""
    vector, begin, end, step = (_array(value) for value in values)
    if node.integer("shrink_axis_mask"):
        return (np.asarray(vector[int(begin[0])]),)
    return (vector[int(begin[0]) : int(end[0]) : int(step[0])],)


def _tile(_graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    return (np.tile(_array(values[0]), _ints(values[1])),)


def _sparse_to_dense(_graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    places, shape, filled, default = (_array(value) for value in values)
    dense = np.full([int(side) for side in shape.ravel()], default, default.dtype)
    if places.size:
        dense[tuple(places.reshape(-1, dense.ndim).T)] = filled
    return (dense,)


def _pad(graph: Graph, _node: Node, values: list[Value]) -> Outputs:
    amounts = [(int(before), int(after)) for before, after in _array(values[1])]
    filling = float(_array(values[2])) if len(values) > 2 else 0.0
    return (layers.pad(graph, _tensor(values[0]), amounts, filling),)


def _resize(graph: Graph, node: Node, values: list[Value]) -> Outputs:
    if not node.flag("half_pixel_centers") or node.flag("align_corners"):
        raise NotImplementedError(f"{node.name} places its pixels unlike any that was tested")
    value, (height, width) = _tensor(values[0]), _ints(values[1])
    batch, _, _, channels = value.shape
    sizes = graph.constant(np.array([batch, channels, height, width], np.int64))
    name = graph.add(
        "Resize",
        [graph.laid(value, NCHW), "", "", sizes],
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    return (Tensor(name, (batch, height, width, channels), NCHW),)


Operator = Callable[[Graph, Node, list[Value]], Outputs]

_OPERATORS: dict[str, Operator] = {
    "Add": _binary("Add", np.add),
    "AddN": _add_all,
    "AddV2": _binary("Add", np.add),
    "BiasAdd": _binary("Add", np.add),
    "ConcatV2": _concat,
    "Conv2D": _convolution(layers.convolve),
    "DepthwiseConv2dNative": _convolution(layers.convolve_depthwise),
    "Exp": _unary("Exp"),
    "ExpandDims": _expand,
    "FusedBatchNorm": _batch_norm,
    "Identity": lambda _graph, _node, values: (values[0],),
    "LeakyRelu": _leaky_relu,
    "MaxPool": _max_pool,
    "Maximum": _binary("Max", np.maximum),
    "Mean": _mean,
    "Minimum": _binary("Min", np.minimum),
    "Mul": _binary("Mul", np.multiply),
    "Pack": _pack,
    "Pad": _pad,
    "PadV2": _pad,
    "Prelu": _prelu,
    "Relu": _unary("Relu"),
    "Relu6": _relu6,
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "Shape": _shape,
    "Sigmoid": _unary("Sigmoid"),
    "Slice": _slice,
    "Softmax": _softmax,
    "SparseToDense": _sparse_to_dense,
    "SplitV": _split,
    "Squeeze": _squeeze,
    "StridedSlice": _strided_slice,
    "Sub": _binary("Sub", np.subtract),
    "Tile": _tile,
    "Transpose": _transpose,
    "Unpack": _unpack,
    "_FusedConv2D": _convolution(layers.convolve),
    "_FusedMatMul": _fused_dense,
}
