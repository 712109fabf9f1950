"""Requests checked against the constraints of the contract, in the words of AWS.

https://smithy.io/2.0/spec/constraint-traits.html
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from openrek.errors import ImageTooLargeError, ValidationError
from openrek.protocol.contract import Contract, Shape
from openrek.protocol.python_types import has_type

MAX_ERRORS = 10
"""Broken constraints that one error names: a large request must not cause a larger response."""
_MAX_SHOWN = 60
# Unicode's category Z.
_SEPARATORS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

Violation = str | ImageTooLargeError


def check_request(contract: Contract, shape_name: str, value: Any) -> None:
    """Checks a decoded request against its shape.

    Raises:
        ImageTooLargeError: an image has more bytes than the contract allows.
        ValidationError: another constraint is broken; the message names up to ten members and their constraints.
    """
    violations = list(islice(_violations(contract, shape_name, value, ""), MAX_ERRORS))
    if not violations:
        return
    for violation in violations:
        if isinstance(violation, ImageTooLargeError):
            raise violation
    count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
    raise ValidationError(count + "; ".join(str(violation) for violation in violations))


def _violations(contract: Contract, name: str, value: Any, path: str) -> Iterator[Violation]:
    shape = contract.shapes[name]
    kind = shape["type"]
    if value is None:  # in a list or a map; in a structure it counts as absent
        yield _null(path)
    elif not has_type(kind, value):
        yield f"Value at '{path or name}' failed to satisfy constraint: Member must be of type {kind}"
    elif kind == "structure":
        yield from _structure_violations(contract, shape, value, path)
    elif kind == "list":
        # The length comes first: the items of a list that is too long are not looked at.
        yield from _length_violations(shape, value, path) or _item_violations(contract, shape, value, path)
    elif kind == "map":
        yield from _length_violations(shape, value, path) or _entry_violations(contract, shape, value, path)
    elif kind == "blob":
        yield from _blob_violations(shape, value, path)
    else:
        for rule in _broken_rules(shape, value):
            yield _message(shape, value, path, rule)


def _structure_violations(contract: Contract, shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    members = shape["members"]
    for member in shape.get("required", ()):
        if value.get(member) is None:
            yield _null(_join(path, member))
    for member, item in value.items():
        if member in members and item is not None:
            yield from _violations(contract, members[member]["shape"], item, _join(path, member))
    if shape.get("union") and sum(item is not None for item in value.values()) != 1:
        rule = f"Member must have exactly one of [{', '.join(members)}]"
        yield f"Value at '{path}' failed to satisfy constraint: {rule}"


def _item_violations(contract: Contract, shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    for position, item in enumerate(value, 1):
        yield from _violations(contract, shape["member"]["shape"], item, f"{path}.{position}.member")


def _entry_violations(contract: Contract, shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    keys = contract.shapes[shape["key"]["shape"]]
    for key, item in value.items():
        for rule in _broken_rules(keys, key):
            yield _message(keys, key, path, f"Map keys must satisfy constraint: [{rule}]")
        yield from _violations(contract, shape["value"]["shape"], item, f"{path}.{_cut(key)}")


def _length_violations(shape: Shape, value: Any, path: str) -> list[Violation]:
    return [_message(shape, value, path, rule) for rule in _range_rules(shape, len(value), "length")]


def _blob_violations(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    size, limit = len(value), shape.get("max")
    if limit is not None and size > limit:  # the blobs of requests are images
        yield ImageTooLargeError(f"The image at '{path}' has {size:,} bytes; at most {limit:,} are allowed.")
    else:
        yield from _length_violations(shape, value, path)


def _broken_rules(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints of a string, number, boolean or timestamp that the value breaks."""
    kind = shape["type"]
    if kind == "string":
        broken = list(_range_rules(shape, len(value), "length"))
        yield from broken
        if broken and value:  # too long, or so short that its pattern says nothing new
            return
        if "enum" in shape and value not in shape["enum"]:
            yield f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
        if "pattern" in shape and not _pattern(shape["pattern"]).search(value):
            yield f"Member must satisfy regular expression pattern: {shape['pattern']}"
    elif kind not in ("boolean", "timestamp"):
        yield from _range_rules(shape, value, "value")


def _range_rules(shape: Shape, measured: float, measure: str) -> Iterator[str]:
    low, high = shape.get("min"), shape.get("max")
    # Written so that NaN breaks either rule.
    if low is not None and not measured >= low:
        yield f"Member must have {measure} greater than or equal to {low}"
    if high is not None and not measured <= high:
        yield f"Member must have {measure} less than or equal to {high}"


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


def _join(path: str, member: str) -> str:
    member = member[:1].lower() + member[1:]
    return f"{path}.{member}" if path else member
