"""Python values to JSON values by shape: bytes become base64, times become numbers or texts."""

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from openrek.protocol.contract import Contract, Shape


def encode(contract: Contract, shape_name: str, value: Any) -> Any:
    """The value as its shape says; members that are None are left out.

    The value has the shape's types already: see `check_response`.
    """
    shape = contract.shapes[shape_name]
    kind = shape["type"]
    if kind == "structure" and not shape.get("document"):
        members: Mapping[str, Any] = shape["members"]
        return {
            name: encode(contract, members[name]["shape"], item) for name, item in value.items() if item is not None
        }
    if kind == "list":
        member = shape["member"]["shape"]
        return [encode(contract, member, item) for item in value]
    if kind == "map":
        item_shape = shape["value"]["shape"]
        return {name: encode(contract, item_shape, item) for name, item in value.items() if item is not None}
    scalar = _SCALARS.get(kind)
    return scalar(shape, value) if scalar is not None else value


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
