"""The ranges of a network's values over calibration images: all that quantizing it needs to know of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

Floats = NDArray[np.float32]
Ranges = Mapping[str, Floats]
"""Lowest and highest value of each tensor, by name: (2, channels) of images in layers, (2, 1) of others."""
_IMAGES = 4
_HALF_MAX = float(np.finfo(np.float16).max)


def observe(model: onnx.ModelProto, images: Iterable[Floats]) -> dict[str, Floats]:
    """The ranges of a simplified model's values over input tensors."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    outputs = {value.name for value in model.graph.output}
    names = [name for node in model.graph.node for name in node.output]
    watched.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names if name not in outputs
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    fed = session.get_inputs()[0].name
    ranges: dict[str, Floats] = {}
    for image in images:
        for name, value in [(fed, image), *zip(names, session.run(names, {fed: image}), strict=True)]:
            if value.dtype == np.float32:
                seen = _range(value)
                ranges[name] = _joined(ranges[name], seen) if name in ranges else seen
    return ranges


def _range(value: Floats) -> Floats:
    if value.ndim != _IMAGES:
        return np.array([[value.min()], [value.max()]], np.float32)
    return np.stack([value.min(axis=(0, 2, 3)), value.max(axis=(0, 2, 3))])


def _joined(one: Floats, other: Floats) -> Floats:
    if one.shape != other.shape:  # channels are what grows with the image, where a layout has them last
        one, other = (np.stack([each[:1].min(axis=1), each[1:].max(axis=1)]) for each in (one, other))
    return np.stack([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])])


def save_ranges(path: Path, of_models: Mapping[str, Ranges]) -> None:
    """Writes the ranges of several models, by the models' names."""
    arrays = {}
    for model, ranges in of_models.items():
        for name, each in ranges.items():
            if not np.abs(each).max() <= _HALF_MAX:
                raise ValueError(f"{model}/{name} has values beyond those of 16 bits")
            arrays[f"{model}/{name}"] = each.astype(np.float16)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load_ranges(path: Path, model: str) -> dict[str, Floats]:
    """The ranges of one model.

    Raises:
        LookupError: the file has none of it.
    """
    with np.load(path, allow_pickle=False) as file:
        found = {
            key.partition("/")[2]: file[key].astype(np.float32) for key in file.files if key.partition("/")[0] == model
        }
    if not found:
        raise LookupError(f"{path} has no ranges of {model}; run calibrate.py")
    return found
