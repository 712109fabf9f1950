"""Responses made to conform to the contract: checked against their shape, floats in the precision it declares."""

from struct import Struct
from typing import Any

from openrek.errors import InternalError
from openrek.protocol.contract import Contract
from openrek.protocol.python_types import has_type

_FLOAT = Struct("<f")
_SMALL = 2.0**-12
_SMALLEST_STEP = 2.0**-36
_Path = tuple[()] | tuple["_Path", str]
"""Of a value in the response, from its end: written out only for an error."""


def check_response(contract: Contract, shape_name: str | None, value: Any) -> Any:
    """Checks the response of an operation; returns it as the contract declares it, for the wire and in process alike.

    Members that are None are left out, and floats are rounded: see `single_precision`.

    Raises:
        InternalError: a value has another type, or a member is unknown or missing.
    """
    return {} if shape_name is None else _conform(contract, shape_name, value, ((), shape_name))


def single_precision(value: float) -> float:
    """The 32-bit float nearest to a number.

    Amazon Rekognition's numbers are 32-bit floats, and programs rely on it: `Decimal(number)` has at most 38 digits
    then, which is what boto3's serializer for DynamoDB accepts. For numbers below 2⁻¹² the last digits may still be too
    many; they are rounded to a multiple of 2⁻³⁶, which leaves at most 36 digits and is far below any accuracy here.
    """
    try:
        single: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    if -_SMALL < single < _SMALL:
        return round(single / _SMALLEST_STEP) * _SMALLEST_STEP
    return single


def _conform(contract: Contract, name: str, value: Any, path: _Path) -> Any:
    shape = contract.shapes[name]
    kind = shape["type"]
    if not has_type(kind, value):
        raise _leaves(path, f"is {type(value).__name__}, not {kind}")
    if kind == "float":
        return single_precision(value)
    if kind == "structure" and not shape.get("document"):
        members = shape["members"]
        conforming = {}
        for member, item in value.items():
            if member not in members:
                raise _leaves(path, f"has no member {member}")
            if item is not None:
                conforming[member] = _conform(contract, members[member]["shape"], item, (path, f".{member}"))
        for member in shape.get("required", ()):
            if member not in conforming:
                raise _leaves(path, f"lacks {member}")
        return conforming
    if kind == "list":
        item_name, path = shape["member"]["shape"], (path, "[]")
        return [_conform(contract, item_name, item, path) for item in value]
    if kind == "map":
        item_name, path = shape["value"]["shape"], (path, "{}")
        return {key: _conform(contract, item_name, item, path) for key, item in value.items()}
    return value


def _leaves(path: _Path, how: str) -> InternalError:
    names: list[str] = []
    while path:
        path, name = path
        names.append(name)
    return InternalError(f"The response leaves its shape: {''.join(reversed(names))} {how}.")
