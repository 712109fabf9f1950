"""Requests checked against the constraints of the contract, in the words of AWS.

https://smithy.io/2.0/spec/constraint-traits.html
"""

import re
from functools import cache, lru_cache
from typing import Any

from openrek.errors import ImageTooLargeError, ValidationError
from openrek.protocol.contract import Contract, Shape
from openrek.protocol.python_types import has_type

MAX_ERRORS = 10
"""Broken constraints that one error names: a large request must not cause a larger response."""
_MAX_SHOWN = 60
# Unicode's category Z.
_SEPARATORS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_ADVICE = {
    "ExternalImageId": " (1 to 255 letters without accents, digits and _ . - : are allowed; in place of / use :)",
}
"""What to do instead, by shape, where its constraint surprises."""

Violation = str | ImageTooLargeError


def check_request(contract: Contract, shape_name: str, value: Any) -> None:
    """Checks a decoded request against its shape.

    Raises:
        ImageTooLargeError: an image has more bytes than the contract allows.
        ValidationError: another constraint is broken; the message names up to ten members and their constraints.
    """
    violations: list[Violation] = []
    _check(contract, shape_name, value, "", violations)
    if not violations:
        return
    for violation in violations:
        if isinstance(violation, ImageTooLargeError):
            raise violation
    del violations[MAX_ERRORS:]
    count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
    raise ValidationError(count + "; ".join(str(violation) for violation in violations))


def _check(contract: Contract, name: str, value: Any, path: str, violations: list[Violation]) -> None:
    """Adds the violations of a value. Structures, lists and maps stop once there are enough."""
    shape = contract.shapes[name]
    kind = shape["type"]
    if value is None:  # in a list or a map; in a structure it counts as absent
        violations.append(_null(path))
    elif not has_type(kind, value):
        violations.append(f"Value at '{path or name}' failed to satisfy constraint: Member must be of type {kind}")
    elif kind == "structure":
        _check_structure(contract, shape, value, path, violations)
    elif kind in ("list", "map"):
        # The length comes first: the items of a list that is too long are not looked at.
        if not _check_length(shape, value, path, violations):
            check = _check_items if kind == "list" else _check_entries
            check(contract, shape, value, path, violations)
    elif kind == "blob":
        size, limit = len(value), shape.get("max")
        if limit is not None and size > limit:  # the blobs of requests are images
            message = f"The image at '{path}' has {size:,} bytes; at most {limit:,} are allowed."
            violations.append(ImageTooLargeError(message))
        else:
            _check_length(shape, value, path, violations)
    else:
        advice = _ADVICE.get(name, "")
        violations += [f"{_message(shape, value, path, rule)}{advice}" for rule in _broken_rules(shape, kind, value)]


def _check_structure(contract: Contract, shape: Shape, value: Any, path: str, violations: list[Violation]) -> None:
    members = shape["members"]
    for member in shape.get("required", ()):
        if value.get(member) is None:
            violations.append(_null(_join(path, member)))
    for member, item in value.items():
        if len(violations) >= MAX_ERRORS:
            return
        if item is not None and member in members:
            _check(contract, members[member]["shape"], item, _join(path, member), violations)
    if shape.get("union") and sum(item is not None for item in value.values()) != 1:
        rule = f"Member must have exactly one of [{', '.join(members)}]"
        violations.append(f"Value at '{path}' failed to satisfy constraint: {rule}")


def _check_items(contract: Contract, shape: Shape, value: Any, path: str, violations: list[Violation]) -> None:
    item_name = shape["member"]["shape"]
    for position, item in enumerate(value, 1):
        if len(violations) >= MAX_ERRORS:
            return
        _check(contract, item_name, item, f"{path}.{position}.member", violations)


def _check_entries(contract: Contract, shape: Shape, value: Any, path: str, violations: list[Violation]) -> None:
    keys, item_name = contract.shapes[shape["key"]["shape"]], shape["value"]["shape"]
    for key, item in value.items():
        if len(violations) >= MAX_ERRORS:
            return
        for rule in _broken_rules(keys, "string", key):
            violations.append(_message(keys, key, path, f"Map keys must satisfy constraint: [{rule}]"))
        _check(contract, item_name, item, f"{path}.{_cut(key)}", violations)


def _check_length(shape: Shape, value: Any, path: str, violations: list[Violation]) -> bool:
    """Adds the violations of a length; whether there are any."""
    broken = _range_rules(shape, len(value), "length")
    violations += [_message(shape, value, path, rule) for rule in broken]
    return bool(broken)


def _broken_rules(shape: Shape, kind: str, value: Any) -> list[str]:
    """The constraints of a string, number, boolean or timestamp that the value breaks."""
    if kind == "string":
        broken = _range_rules(shape, len(value), "length")
        if broken and value:  # too long, or so short that its pattern adds nothing
            return broken
        if "enum" in shape and value not in shape["enum"]:
            broken.append(f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]")
        if "pattern" in shape and not _pattern(shape["pattern"]).search(value):
            broken.append(f"Member must satisfy regular expression pattern: {shape['pattern']}")
        return broken
    return [] if kind in ("boolean", "timestamp") else _range_rules(shape, value, "value")


def _range_rules(shape: Shape, measured: float, measure: str) -> list[str]:
    low, high = shape.get("min"), shape.get("max")
    broken = []
    # Written so that NaN breaks either rule.
    if low is not None and not measured >= low:
        broken.append(f"Member must have {measure} greater than or equal to {low}")
    if high is not None and not measured <= high:
        broken.append(f"Member must have {measure} less than or equal to {high}")
    return broken


def _message(shape: Shape, value: Any, path: str, rule: str) -> str:
    shown = "" if shape.get("sensitive") else f" '{_shown(shape['type'], value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {rule}"


def _null(path: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: Member must not be null"


def _shown(kind: str, value: Any) -> str:
    if kind in ("blob", "list", "map"):
        return f"<{len(value)} {'bytes' if kind == 'blob' else 'items'}>"
    return _cut(value if isinstance(value, str) else str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """The pattern for Python. AWS matches the whole value, whether the pattern is anchored or not."""
    if r"\p{" not in pattern:
        return re.compile(rf"\A(?:{pattern})\Z", re.ASCII)
    # `[\p{L}\p{Z}\p{N}_.:/=+\-@]` → letters, digits and underscore are \w; \s would let control characters through.
    translated = pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", _SEPARATORS).replace(r"\p{N}", r"\d")
    return re.compile(rf"\A(?:{translated})\Z")


@lru_cache(maxsize=2048)
def _join(path: str, member: str) -> str:
    member = member[:1].lower() + member[1:]
    return f"{path}.{member}" if path else member
