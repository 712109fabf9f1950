"""Runs a convolution in 8 bits whose sums overflow where CPUs add products in 16 bits; prints its lowest result.

A program of its own, which test_saturation.py runs on emulated CPUs, that are without VNNI whatever /proc/cpuinfo says.
The right result is 64.
"""

import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from openrek.vision import ModelDescriptor, RuntimeOptions
from openrek.vision.runtime import session

CHANNELS = 64


def network() -> bytes:
    """64 channels of ones times weights of one: 64 products of 255 and 127."""
    constants: dict[str, Any] = {
        "image_scale": np.float32(1 / 255),
        "image_zero": np.uint8(0),
        "weights": np.full((16, CHANNELS, 1, 1), 127, np.int8),
        "weights_scale": np.full(16, 1 / 127, np.float32),
        "weights_zero": np.zeros(16, np.int8),
        "sum_scale": np.float32(CHANNELS / 255),
        "sum_zero": np.uint8(0),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["image", "image_scale", "image_zero"], ["bytes"]),
        helper.make_node("DequantizeLinear", ["bytes", "image_scale", "image_zero"], ["values"]),
        helper.make_node("DequantizeLinear", ["weights", "weights_scale", "weights_zero"], ["factors"], axis=0),
        helper.make_node("Conv", ["values", "factors"], ["sum"]),
        helper.make_node("QuantizeLinear", ["sum", "sum_scale", "sum_zero"], ["sum_bytes"]),
        helper.make_node("DequantizeLinear", ["sum_bytes", "sum_scale", "sum_zero"], ["result"]),
    ]
    graph = helper.make_graph(
        nodes,
        "saturation",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, CHANNELS, 8, 8])],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, [1, 16, 8, 8])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    made: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(made.SerializeToString())


def lowest() -> float:
    """Of the network's results."""
    with TemporaryDirectory() as folder:
        file, data = Path(folder) / "saturation.onnx", network()
        file.write_bytes(data)
        descriptor = ModelDescriptor(
            name="saturation",
            task="",
            architecture="",
            file=file,
            sha256=hashlib.sha256(data).hexdigest(),
            bytes=len(data),
            labels=(),
            input=MappingProxyType({}),
            metrics=(),
            license_code="",
            license_weights="",
            license_source="",
            source="",
            trained_on="",
        )
        outputs = session.OnnxSession(descriptor, RuntimeOptions()).run([np.ones((1, CHANNELS, 8, 8), np.float32)])
        return float(outputs["result"].min())


if __name__ == "__main__":
    vars(session)["multiplies_bytes"] = lambda: False
    sys.stdout.write(f"{lowest()}\n")
