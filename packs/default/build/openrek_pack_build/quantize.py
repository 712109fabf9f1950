"""Networks in 8 bits: weights by channel, values by layer (QDQ), for CPUs that multiply bytes faster than floats.

Weights and values are int8 and uint8: what VNNI and ARM's dot products take without an intermediate sum that could
overflow. The engine uses these files on such CPUs alone.
"""

import re
from collections.abc import Sequence

import onnx
from onnxruntime.quantization import CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from openrek_pack_build.equalize import equalize
from openrek_pack_build.graph import PRODUCER
from openrek_pack_build.ranges import Ranges
from openrek_pack_build.simplify import simplify

_OPERATORS = [
    "Add",
    "AveragePool",
    "Clip",
    "Concat",
    "Conv",
    "Gemm",
    "GlobalAveragePool",
    "LeakyRelu",
    "MatMul",
    "MaxPool",
    "Mul",
    "Relu",
    "Resize",
    "Sigmoid",
]


def quantize(model: onnx.ModelProto, ranges: Ranges, kept: Sequence[str] = ()) -> onnx.ModelProto:
    """The model in 8 bits.

    Args:
        model: As in the pack, in floats.
        ranges: Of the values of `simplify(model)`, over calibration images.
        kept: Regular expressions of names of nodes that stay in floats.
    """
    equal, scaled = equalize(simplify(model), ranges)
    left = [node.name for node in equal.graph.node if any(re.fullmatch(name, node.name) for name in kept)]
    lowest_highest = {name: (each[0].min().reshape(1), each[1].max().reshape(1)) for name, each in scaled.items()}
    quantizer = QDQQuantizer(
        onnx.shape_inference.infer_shapes(equal),
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, lowest_highest),
        nodes_to_quantize=[],
        nodes_to_exclude=left,
        op_types_to_quantize=_OPERATORS,
        extra_options={},
    )
    quantizer.quantize_model()
    quantizer.model.topological_sort()
    quantized = quantizer.model.model
    del quantized.graph.value_info[:]
    quantized.producer_name, quantized.producer_version = PRODUCER, ""
    onnx.checker.check_model(quantized)
    made: onnx.ModelProto = quantized
    return made
