"""Convolutional networks that were converted at one size, for any multiple of their stride."""

import numpy as np
import onnx
from onnx import numpy_helper

from openrek_pack_build.simplify import constants

_IMAGES = 4


def free_size(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose input, (1, C, H, W), may have other heights and widths: at its own size it computes the same.

    Interpolation is by the ratio of sizes instead of to a size, and lists of cells are as long as there are cells.

    Raises:
        ValueError: an operator depends on the size in another way than these.
    """
    free = onnx.ModelProto()
    free.CopyFrom(model)
    graph = free.graph
    shapes = {
        value.name: [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in onnx.shape_inference.infer_shapes(model).graph.value_info
    }
    values = constants(graph)
    cells = {}
    for place, node in enumerate(graph.node):
        if node.op_type == "Resize":
            sizes, before = values[node.input[3]], shapes[node.input[0]]
            scales = np.array([after / each for after, each in zip(sizes, before, strict=True)], np.float32)
            graph.initializer.append(numpy_helper.from_array(scales, f"scales_{place}"))
            node.input[:] = [node.input[0], "", f"scales_{place}"]
        elif node.op_type == "Reshape":
            shape = values[node.input[1]].copy()
            height, width = shapes[node.input[0]][2:]
            if list(shape).count(height * width) != 1 or len(shape) != _IMAGES - 1:
                raise ValueError(f"{node.name or node.output[0]} reshapes to {list(shape)}, which is no list of cells")
            cells[int(shape[shape == height * width][0])] = height
            shape[shape == height * width] = -1
            graph.initializer.append(numpy_helper.from_array(shape, f"shape_{place}"))
            node.input[1] = f"shape_{place}"
    used = {name for node in graph.node for name in node.input}
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(kept)
    (image,) = graph.input
    for dimension, name in zip(image.type.tensor_type.shape.dim[2:], ("height", "width"), strict=True):
        dimension.dim_param = name
    for value in graph.output:
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_value in cells:
                dimension.dim_param = f"cells_{dimension.dim_value}"
    onnx.checker.check_model(free, full_check=True)
    return free
