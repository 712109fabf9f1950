"""An ONNX graph under construction, whose tensors know their static shape and their layout.

TensorFlow and Keras lay pictures out as (batch, height, width, channels), ONNX as (batch, channels, height, width).
A `Tensor` keeps the source's view and remembers how the ONNX value is permuted, so that transposes of the source
cost nothing and one is written only where an operator needs another layout.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array: TypeAlias = NDArray[Any]

OPSET = 17
IR_VERSION = 8
PRODUCER = "openrek-pack-build"
NCHW = (0, 3, 1, 2)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value that is known only when the model runs."""

    name: str
    shape: tuple[int, ...]
    """As the source has it."""
    axes: tuple[int, ...]
    """Dimension i of the ONNX value is dimension axes[i] of the source."""


Value: TypeAlias = Tensor | Array
"""A tensor, or a constant that is already known."""


class Graph:
    """Collects nodes, constants, inputs and outputs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def add_input(self, name: str, shape: tuple[int, ...], axes: tuple[int, ...] | None = None) -> Tensor:
        """A float32 input of the given source shape, whose ONNX value is permuted by `axes`."""
        tensor = Tensor(name, shape, axes or tuple(range(len(shape))))
        self._inputs.append(_info(name, [shape[axis] for axis in tensor.axes]))
        return tensor

    def add_output(self, name: str, value: Value) -> None:
        """Names a value as an output, in the source's layout."""
        if not isinstance(value, Tensor):
            raise TypeError(f"the output {name} does not depend on the input")
        self._nodes.append(helper.make_node("Identity", [self.laid(value)], [name]))
        self._outputs.append(_info(name, list(value.shape)))

    def constant(self, array: Array) -> str:
        """The name of a constant; floating point is stored as float32."""
        name = self._fresh("c")
        kept = array.astype(np.float32) if array.dtype.kind == "f" else array
        # ascontiguousarray would make a scalar one-dimensional.
        self._constants.append(numpy_helper.from_array(np.array(kept, order="C"), name))
        return name

    def add(self, operator: str, inputs: list[str], **attributes: Any) -> str:
        """A node of one output; its name."""
        return self.add_split(operator, inputs, 1, **attributes)[0]

    def add_split(self, operator: str, inputs: list[str], outputs: int, **attributes: Any) -> list[str]:
        """A node of several outputs; their names."""
        names = [self._fresh("v") for _ in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def laid(self, value: Value, axes: tuple[int, ...] | None = None) -> str:
        """The name of the value in a layout, by default the source's; transposed if it lies otherwise."""
        rank = len(value.shape)
        axes = axes or tuple(range(rank))
        if not isinstance(value, Tensor):
            return self.constant(np.transpose(value, axes))
        if value.axes == axes:
            return value.name
        return self.add("Transpose", [value.name], perm=[value.axes.index(axis) for axis in axes])

    def model(self) -> onnx.ModelProto:
        """The graph as a checked model."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._constants)
        made = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=PRODUCER,
        )
        onnx.checker.check_model(made, full_check=True)
        return made

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def _info(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
