"""The Python types of the contract's types."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "list": (list, tuple),
    "map": (dict,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "blob": (bytes, bytearray, memoryview),
    "timestamp": (datetime,),
}


_EXACT: Mapping[str, type] = {kind: types[0] for kind, types in _TYPES.items()}


def has_type(kind: str, value: Any) -> bool:
    """Whether the value is of the Python type for a shape's type. Python counts booleans as integers; this does not."""
    if type(value) is _EXACT.get(kind):
        return True
    expected = _TYPES.get(kind)
    return expected is None or (isinstance(value, expected) and (kind == "boolean" or not isinstance(value, bool)))
