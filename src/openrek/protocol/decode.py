"""JSON values to Python values by shape: base64 becomes bytes, numbers become times."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from openrek.errors import SerializationError
from openrek.protocol.contract import Contract, Shape

_MAX_SHOWN = 60
_NAMES = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
}


def decode(contract: Contract, shape_name: str, value: Any) -> Any:
    """The value in the types of its shape. Members that the contract does not know are ignored, as AWS does.

    Null in a list or a map stays, for check_request to refuse.

    Raises:
        SerializationError: a value is not of its shape's type; the message names the member.
    """
    return _decode(contract, shape_name, value, "")


def _decode(contract: Contract, shape_name: str, value: Any, path: str) -> Any:
    shape = contract.shapes[shape_name]
    kind = shape["type"]
    if kind == "structure" and shape.get("document"):
        return value
    if kind == "structure":
        members: Mapping[str, Any] = shape["members"]
        return {
            name: _decode(contract, members[name]["shape"], item, f"{path}.{name}" if path else name)
            for name, item in _expect(value, dict, path).items()
            if name in members and item is not None
        }
    if kind == "list":
        member = shape["member"]["shape"]
        return [
            None if item is None else _decode(contract, member, item, f"{path}.{place}")
            for place, item in enumerate(_expect(value, list, path), 1)
        ]
    if kind == "map":
        item_shape = shape["value"]["shape"]
        return {
            name: None if item is None else _decode(contract, item_shape, item, f"{path}.{name[:_MAX_SHOWN]}")
            for name, item in _expect(value, dict, path).items()
        }
    if kind == "timestamp":
        return _timestamp(shape, value, path)
    return _SCALARS[kind](value, path)


def _expect(value: Any, kind: type, path: str) -> Any:
    if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
        return value
    found = _NAMES.get(type(value), "null")
    raise SerializationError(f"{path or 'the request'} must be {_NAMES[kind]}, but is {found}")


def _string(value: Any, path: str) -> str:
    return _expect(value, str, path)  # type: ignore[no-any-return]


def _boolean(value: Any, path: str) -> bool:
    return _expect(value, bool, path)  # type: ignore[no-any-return]


def _integer(value: Any, path: str) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, float):
        raise SerializationError(f"{path} must be a whole number, but is {value}")
    return _expect(value, int, path)  # type: ignore[no-any-return]


def _number(value: Any, path: str) -> float:
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _expect(value, float, path)  # type: ignore[no-any-return]


def _timestamp(shape: Shape, value: Any, path: str) -> datetime:
    """Seconds since 1970 unless the shape has another format. https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait"""
    written = shape.get("timestampFormat", "unixTimestamp")
    try:
        if written == "iso8601":
            return datetime.fromisoformat(_string(value, path)).astimezone(UTC)
        if written == "rfc822":
            return parsedate_to_datetime(_string(value, path)).astimezone(UTC)
        return datetime.fromtimestamp(_number(value, path), UTC)
    except (OverflowError, OSError, ValueError):
        raise SerializationError(f"{path} is not a valid timestamp: {str(value)[:_MAX_SHOWN]!r}") from None


def _blob(value: Any, path: str) -> bytes:
    text = _expect(value, str, path)
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SerializationError(f"{path} must be base64") from None


_SCALARS: dict[str, Callable[[Any, str], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "blob": _blob,
}
