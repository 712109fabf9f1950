"""PyTorch state files of before version 1.6, read without PyTorch and without running what they ask for.

Such a file is five pickles (magic number, protocol, system, the state, the keys of its storages) and then, for each
key, the number of elements and the elements. The writer: `_legacy_save` in torch/serialization.py.
"""

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from openrek_pack_build.graph import Array

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor whose elements stand further on in the file."""

    storage: str
    dtype: "np.dtype[Any]"
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_state(data: bytes) -> dict[str, Array]:
    """The arrays of a state file by name.

    Raises:
        pickle.UnpicklingError: it is of another format, or names anything but tensors.
    """
    stream = io.BytesIO(data)
    if _load(stream) != _MAGIC or _load(stream) != _PROTOCOL or not _load(stream)["little_endian"]:
        raise pickle.UnpicklingError("this is no little-endian state file of PyTorch's old format")
    state, keys = _load(stream), _load(stream)
    types = {view.storage: view.dtype for view in state.values()}
    storages = {key: _storage(stream, types[key]) for key in keys}
    return {name: _elements(view, storages[view.storage]) for name, view in state.items()}


class _Unpickler(pickle.Unpickler):
    """Knows ordered dictionaries and tensors, and refuses all else: a pickle may name any callable."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise pickle.UnpicklingError(f"a state file has no business with {module}.{name}")

    def persistent_load(self, pid: Any) -> tuple[str, "np.dtype[Any]"]:
        kind, dtype, key, _device, _size, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("only whole storages are read")
        return key, dtype


def _load(stream: io.BytesIO) -> Any:
    return _Unpickler(stream).load()


def _rebuild(
    storage: tuple[str, "np.dtype[Any]"],
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_rest: object,
) -> _View:
    return _View(*storage, offset, shape, strides)


def _storage(stream: io.BytesIO, dtype: "np.dtype[Any]") -> Array:
    (count,) = struct.unpack("<q", stream.read(8))
    return np.frombuffer(stream.read(count * dtype.itemsize), dtype, count)


def _elements(view: _View, storage: Array) -> Array:
    """A copy of the view, its bounds checked by NumPy's indexing."""
    places = np.full(view.shape, view.offset, np.int64)
    for axis, (side, stride) in enumerate(zip(view.shape, view.strides, strict=True)):
        steps = np.arange(side) * stride
        places += steps.reshape([-1 if axis == other else 1 for other in range(len(view.shape))])
    return np.asarray(storage[places])
