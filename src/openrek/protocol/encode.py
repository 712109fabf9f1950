"""Python values to JSON values by shape: bytes become base64, times become numbers or texts."""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Any

from openrek.protocol.contract import Contract, Shape


def encode(contract: Contract, shape_name: str, value: Any) -> Any:
    """The value, serialized by its shape.

    The value has the shape's types already, and no members that are None: see `check_response`.
    """
    if not _needs_encoding(contract, shape_name):
        return value
    shape = contract.shapes[shape_name]
    kind = shape["type"]
    if kind == "structure" and not shape.get("document"):
        members: Mapping[str, Any] = shape["members"]
        return {name: encode(contract, members[name]["shape"], item) for name, item in value.items()}
    if kind == "list":
        member = shape["member"]["shape"]
        return [encode(contract, member, item) for item in value]
    if kind == "map":
        item_shape = shape["value"]["shape"]
        return {name: encode(contract, item_shape, item) for name, item in value.items()}
    scalar = _SCALARS.get(kind)
    return scalar(shape, value) if scalar is not None else value


@cache
def _needs_encoding(contract: Contract, shape_name: str) -> bool:
    """Whether anything below a shape is written otherwise than it is kept."""
    return bool(_SCALARS.keys() & _kinds(contract, shape_name, set()))


def _kinds(contract: Contract, shape_name: str, seen: set[str]) -> set[str]:
    shape = contract.shapes[shape_name]
    kinds = {shape["type"]}
    if shape_name not in seen:
        seen.add(shape_name)
        inner = [*shape.get("members", {}).values(), *(shape[part] for part in ("member", "value") if part in shape)]
        for reference in inner:
            kinds |= _kinds(contract, reference["shape"], seen)
    return kinds


def _number(shape: Shape, value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _timestamp(shape: Shape, value: datetime) -> float | str:
    written = shape.get("timestampFormat", "unixTimestamp")
    if written == "iso8601":
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if written == "rfc822":
        return format_datetime(value.astimezone(UTC), usegmt=True)
    seconds = value.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _blob(shape: Shape, value: bytes) -> str:
    return b64encode(value).decode("ascii")


_SCALARS: dict[str, Callable[[Shape, Any], Any]] = {
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
    "blob": _blob,
}
