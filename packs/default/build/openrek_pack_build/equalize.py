"""Channels of similar range: what 8 bits for all of a layer's channels need to hold each of them.

Nagel, van Baalen, Blankevoort, Welling: Data-free quantization through weight equalization and bias correction (2019),
https://arxiv.org/abs/1906.04721. Between convolutions whose values pass through nothing but operators that scale with
their input (rectifiers, sums, maxima, interpolation), a channel may be divided by any number that the weights before
take away and those after give back. Networks compute the same with other weights.

A rectifier with a cap, as ReLU6, scales with its input as long as values stay below the cap: a channel may be enlarged
until the highest value that was seen reaches it. Beyond that the result is cut off, as 8 bits would do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from openrek_pack_build.ranges import Floats, Ranges
from openrek_pack_build.simplify import attributes, constants, consumers

# How much the ranges of values count, and the rest those of weights, where both are in the balance: Xiao et al. 2022,
# SmoothQuant, https://arxiv.org/abs/2211.10438.
_VALUES = 0.5
# Channels that hardly ever do anything are not enlarged beyond measure.
_MIN_SHARE = 1e-3
_SCALING = {"Relu", "LeakyRelu", "Add", "MaxPool", "Resize"}
_CONVOLUTIONS = {"Conv", "ConvTranspose"}
_SPATIAL = (2, 3)


@dataclass(slots=True)
class _Group:
    """Values that must be scaled alike, and the convolutions around them."""

    values: set[str] = field(default_factory=set)
    before: dict[str, onnx.NodeProto] = field(default_factory=dict)
    after: dict[str, onnx.NodeProto] = field(default_factory=dict)
    cap: float | None = None
    """Of rectifiers that the values pass through."""
    bound: bool = False
    """Whether something takes or gives them that would compute another result."""


def equalize(model: onnx.ModelProto, ranges: Ranges) -> tuple[onnx.ModelProto, dict[str, Floats]]:
    """A copy of a simplified model with other weights, and the ranges of its values."""
    weights = {name: array.copy() for name, array in constants(model.graph).items()}
    scaled = dict(ranges)
    for group in _groups(model.graph, weights):
        if group.bound or not group.before or not group.after:
            continue
        scale = _scale(group, weights, scaled)
        for node in group.before.values():
            axis = 0 if node.op_type == "Conv" or _groups_of(node) > 1 else 1
            weights[node.input[1]] = weights[node.input[1]] / _along(scale, axis)
            if len(node.input) > 2:
                weights[node.input[2]] = weights[node.input[2]] / scale
        for node in group.after.values():
            axis = 1 if node.op_type == "Conv" and _groups_of(node) == 1 else 0
            weights[node.input[1]] = weights[node.input[1]] * _along(scale, axis)
        for name in group.values:
            scaled[name] = scaled[name] / scale
    equal = onnx.ModelProto()
    equal.CopyFrom(model)
    del equal.graph.initializer[:]
    equal.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())
    return equal, scaled


def _groups(graph: onnx.GraphProto, weights: dict[str, NDArray[Any]]) -> list[_Group]:
    """In the order of the graph."""
    find = _leaders(graph, weights)
    groups: dict[str, _Group] = {}
    takers = consumers(graph)
    for node in graph.node:
        for name in node.output:
            group = groups.setdefault(find(name), _Group())
            group.values.add(name)
            if node.op_type == "Clip":
                group.cap = _cap(node, weights)
            if node.op_type in _CONVOLUTIONS and _by_channel(node, weights):
                group.before[node.name] = node
            elif not _scales(node, weights):
                group.bound = True
            for taker in takers[name]:
                if taker.op_type in _CONVOLUTIONS and _by_channel(taker, weights):
                    group.after[taker.name] = taker
                elif not _scales(taker, weights):
                    group.bound = True
    for value in graph.output:
        groups[find(value.name)].bound = True
    for value in graph.input:
        if (root := find(value.name)) in groups:
            groups[root].bound = True
    return list(groups.values())


def _leaders(graph: onnx.GraphProto, weights: dict[str, NDArray[Any]]) -> Callable[[str], str]:
    """What gives, for each value, one that stands for all that must be scaled like it."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for node in graph.node:
        if _scales(node, weights):
            for name in node.input[1:] if node.op_type == "Add" else []:
                leader[find(name)] = find(node.input[0])
            leader[find(node.output[0])] = find(node.input[0])
    return find


def _scales(node: onnx.NodeProto, weights: dict[str, NDArray[Any]]) -> bool:
    """Whether the operator's result grows with its inputs."""
    if node.op_type == "Clip":
        return _cap(node, weights) is not None
    return node.op_type in _SCALING and not (node.op_type == "Add" and any(name in weights for name in node.input))


def _cap(node: onnx.NodeProto, weights: dict[str, NDArray[Any]]) -> float | None:
    """What a capped rectifier ends at; None of a node that is none."""
    lowest, highest = (weights.get(name) for name in node.input[1:])
    return float(highest) if lowest is not None and highest is not None and float(lowest) == 0 else None


def _by_channel(node: onnx.NodeProto, weights: dict[str, NDArray[Any]]) -> bool:
    """Whether the convolution is over all channels or over each of them."""
    return node.input[1] in weights and _groups_of(node) in {1, len(weights[node.input[1]])}


def _groups_of(node: onnx.NodeProto) -> int:
    found = attributes(node).get("group")
    return int(found.i) if found else 1


def _scale(group: _Group, weights: dict[str, NDArray[Any]], ranges: Ranges) -> Floats:
    """(channels,): what each is divided by."""
    seen = np.max([np.abs(ranges[name]).max(axis=0) for name in sorted(group.values)], axis=0)
    values = np.maximum(seen, max(float(seen.max()), 1e-9) * _MIN_SHARE)
    if group.cap is not None:
        values = np.minimum(values / group.cap, 1)
    mixing = [node for node in group.after.values() if _groups_of(node) == 1]
    if not mixing:  # each channel has weights, and so a scale, of its own
        return np.asarray(values if group.cap is not None else values / values.max(), np.float32)
    if group.cap is not None:
        return np.asarray(values**_VALUES, np.float32)
    strengths = [
        np.abs(weights[node.input[1]]).max(axis=((0 if node.op_type == "Conv" else 1), *_SPATIAL)) for node in mixing
    ]
    strength = np.max(strengths, axis=0)
    strength = np.maximum(strength, strength.max() * _MIN_SHARE)
    scale = values**_VALUES / strength ** (1 - _VALUES)
    return np.asarray(scale / np.exp(np.log(scale).mean()), np.float32)


def _along(scale: Floats, axis: int) -> Floats:
    return scale.reshape([-1 if place == axis else 1 for place in range(4)])
