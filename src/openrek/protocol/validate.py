"""Requests and responses held against the contract's rules."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from openrek.errors import ImageTooLargeError, InternalError, InvalidParameterError
from openrek.protocol.contract import Contract, Shape

_SHOWN = 60
# Unicode's category Z.
_SEPARATORS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
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


def check_request(contract: Contract, shape_name: str, value: Any) -> None:
    """Holds a decoded request against its shape.

    Raises:
        ImageTooLargeError: the picture's bytes are over the contract's limit.
        InvalidParameterError: any other rule is broken; the message names every member and its rule.
    """
    broken = list(_violations(contract, shape_name, value, "", required=True))
    if not broken:
        return
    for message in broken:
        if isinstance(message, ImageTooLargeError):
            raise message
    count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
    raise InvalidParameterError(count + "; ".join(str(message) for message in broken))


def check_response(contract: Contract, shape_name: str | None, value: Any) -> None:
    """Holds our own answer against its shape: types, and no member that the contract does not have.

    Raises:
        InternalError: the answer would leave its shape.
    """
    if shape_name is not None:
        _check_shape(contract, shape_name, value, shape_name)


def _violations(
    contract: Contract, name: str, value: Any, path: str, *, required: bool
) -> Iterator[str | ImageTooLargeError]:
    shape = contract.shapes[name]
    kind = shape["type"]
    if value is None:  # of a list or a map: of a structure it is as if the member were not there
        yield f"Value at '{path}' failed to satisfy constraint: Member must not be null"
        return
    expected = _PYTHON_TYPES.get(kind)
    if expected is not None and (not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean")):
        yield f"'{path or name}' must be of type {kind}, but is {type(value).__name__}"
        return
    if kind == "structure":
        members = shape["members"]
        for member in shape.get("required", ()):
            if value.get(member) is None:
                yield f"Value at '{_join(path, member)}' failed to satisfy constraint: Member must not be null"
        for member, item in value.items():
            if member in members and item is not None:
                yield from _violations(contract, members[member]["shape"], item, _join(path, member), required=required)
        if shape.get("union") and sum(item is not None for item in value.values()) != 1:
            yield f"'{path}' must have exactly one of {', '.join(members)}"
        return
    yield from _scalar_violations(shape, value, path)
    if kind == "list":
        for place, item in enumerate(value, 1):
            yield from _violations(
                contract, shape["member"]["shape"], item, f"{path}.{place}.member", required=required
            )
    elif kind == "map":
        for key, item in value.items():
            yield from _violations(contract, shape["key"]["shape"], key, f"{path}.key", required=required)
            yield from _violations(contract, shape["value"]["shape"], item, f"{path}.{key}", required=required)


def _scalar_violations(shape: Shape, value: Any, path: str) -> Iterator[str | ImageTooLargeError]:
    kind = shape["type"]
    sized = kind in ("string", "list", "map", "blob")
    if kind == "timestamp":
        return
    found = len(value) if sized else value
    low, high = shape.get("min"), shape.get("max")
    measure = "length" if sized else "value"
    # Written so that what is not a number breaks either rule.
    if low is not None and not found >= low:
        yield _message(kind, value, path, f"Member must have {measure} greater than or equal to {low}")
    if high is not None and not found <= high:
        if kind == "blob":  # the only blobs a request has are pictures
            yield ImageTooLargeError(
                f"the picture at '{path}' has {found:,} bytes; a picture sent as bytes may have at most {high:,}"
            )
        else:
            yield _message(kind, value, path, f"Member must have {measure} less than or equal to {high}")
    if kind == "string":
        if "enum" in shape and value not in shape["enum"]:
            yield _message(kind, value, path, f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]")
        if "pattern" in shape and not _pattern(shape["pattern"]).search(value):
            yield _message(kind, value, path, f"Member must satisfy regular expression pattern: {shape['pattern']}")


def _message(kind: str, value: Any, path: str, rule: str) -> str:
    if kind in ("blob", "list", "map"):
        shown = f"<{len(value)} {'bytes' if kind == 'blob' else 'items'}>"
    else:
        shown = str(value) if len(str(value)) <= _SHOWN else str(value)[:_SHOWN] + "…"
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {rule}"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """The pattern for Python. AWS means the whole value, whether the pattern is anchored or not."""
    translated = pattern
    if r"\p{" in pattern:
        # `[\p{L}\p{Z}\p{N}_.:/=+\-@]` → letters, digits and underscore are \w; \s would let control characters through.
        translated = pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", _SEPARATORS).replace(r"\p{N}", r"\d")
    return re.compile(rf"\A(?:{translated})\Z")


def _check_shape(contract: Contract, name: str, value: Any, path: str) -> None:
    shape = contract.shapes[name]
    kind = shape["type"]
    expected = _PYTHON_TYPES.get(kind)
    if expected is not None and (not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean")):
        raise InternalError(f"answer leaves its shape: {path} is {type(value).__name__}, not {kind}")
    if kind == "structure" and not shape.get("document"):
        for member, item in value.items():
            if member not in shape["members"]:
                raise InternalError(f"answer leaves its shape: {path} has no member {member}")
            _check_shape(contract, shape["members"][member]["shape"], item, f"{path}.{member}")
        for member in shape.get("required", ()):
            if member not in value:
                raise InternalError(f"answer leaves its shape: {path} lacks {member}")
    elif kind == "list":
        for item in value:
            _check_shape(contract, shape["member"]["shape"], item, f"{path}[]")
    elif kind == "map":
        for item in value.values():
            _check_shape(contract, shape["value"]["shape"], item, f"{path}{{}}")


def _join(path: str, member: str) -> str:
    member = member[:1].lower() + member[1:]
    return f"{path}.{member}" if path else member
