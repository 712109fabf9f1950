"""A model as ONNX Runtime simplifies it: constants folded, normalization and biases in the convolutions."""

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, version_converter

from openrek_pack_build.graph import OPSET

# Quantization per channel needs QuantizeLinear with an axis.
_MIN_OPSET = 13


def simplify(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy that computes the same in fewer nodes, with weights in float32; every node has a name."""
    single = _in_single_precision(model)
    if single.opset_import[0].version < _MIN_OPSET:
        single = version_converter.convert_version(single, OPSET)
    simple = _optimized(single)
    # Other domains are declared by the runtime, whether the graph needs them or not.
    used = {node.domain for node in simple.graph.node}
    kept = [each for each in simple.opset_import if each.domain in used]
    del simple.opset_import[:]
    simple.opset_import.extend(kept)
    for place, node in enumerate(simple.graph.node):
        node.name = f"{node.op_type}_{place}"
    _fold_pads(simple.graph)
    del simple.graph.value_info[:]
    return simple


def constants(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    """Arrays of the graph's constants, by name."""
    return {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}


def consumers(graph: onnx.GraphProto) -> dict[str, list[onnx.NodeProto]]:
    """The nodes that take a value, by its name."""
    found: dict[str, list[onnx.NodeProto]] = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            found[name].append(node)
    return found


def attributes(node: onnx.NodeProto) -> dict[str, onnx.AttributeProto]:
    """By name."""
    return {attribute.name: attribute for attribute in node.attribute}


def _in_single_precision(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy without the half precision of `pack16`."""
    single = onnx.ModelProto()
    single.CopyFrom(model)
    graph = single.graph
    halves = {constant.name: constant for constant in graph.initializer if constant.data_type == TensorProto.FLOAT16}
    for node in list(graph.node):
        if node.op_type == "Cast" and node.input[0] in halves:
            half = halves[node.input[0]]
            widened = numpy_helper.to_array(half).astype(np.float32)
            graph.initializer.remove(half)
            graph.initializer.append(numpy_helper.from_array(widened, node.output[0]))
            graph.node.remove(node)
    return single


def _optimized(model: onnx.ModelProto) -> onnx.ModelProto:
    """What the runtime would run, before it chooses layouts and kernels."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(path)
        options.log_severity_level = 3
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(path)


def _fold_pads(graph: onnx.GraphProto) -> None:
    """Padding before a maximum becomes its own: the value padded with, the lowest there is, has no 8 bits."""
    values, takers = constants(graph), consumers(graph)
    for node in list(graph.node):
        pools = takers[node.output[0]]
        if node.op_type != "Pad" or not pools or any(pool.op_type != "MaxPool" for pool in pools):
            continue
        amounts = [int(amount) for amount in values[node.input[1]]]
        for pool in pools:
            for name in ("pads", "auto_pad"):
                if name in attributes(pool):
                    pool.attribute.remove(attributes(pool)[name])
            pool.attribute.append(helper.make_attribute("pads", [*amounts[2:4], *amounts[6:8]]))
            pool.input[0] = node.input[0]
        graph.node.remove(node)
