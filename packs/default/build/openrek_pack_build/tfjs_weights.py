"""TensorFlow.js weight files: a manifest and the bytes it cuts up.

The format: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts (WeightsManifestEntry)
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from openrek_pack_build.graph import Array

_TYPES = {name: np.dtype(name) for name in ("float32", "float16", "int32", "int64", "uint8", "uint16", "bool")}


def read_weights(manifest: list[dict[str, Any]], read: Callable[[str], bytes]) -> dict[str, Array]:
    """All weights by name.

    Args:
        manifest: The model's `weightsManifest`.
        read: Gives the bytes of a path in it.
    """
    weights: dict[str, Array] = {}
    for group in manifest:
        data = b"".join(read(path) for path in group["paths"])
        start = 0
        for entry in group["weights"]:
            stored = _TYPES[entry.get("quantization", entry)["dtype"]].newbyteorder("<")
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(data, stored, count, start)
            start += count * stored.itemsize
            weights[entry["name"]] = _restored(values, entry).reshape(entry["shape"])
        if start != len(data):
            raise ValueError(f"the manifest describes {start} bytes of {len(data)}")
    return weights


def _restored(values: Array, entry: dict[str, Any]) -> Array:
    """Quantised values as what they stand for: half precision, or steps of `scale` from `min`."""
    quantization = entry.get("quantization")
    if quantization is None:
        return values
    if quantization["dtype"] == "float16":
        return values.astype(np.float32)
    restored = values.astype(np.float32) * np.float32(quantization["scale"]) + np.float32(quantization["min"])
    return np.round(restored).astype(np.int32) if entry["dtype"] == "int32" else restored
