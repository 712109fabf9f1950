"""The Condition element of a statement.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import binascii
import contextlib
import ipaddress
import operator
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Literal

from openrek.iam.matching import Context, pattern

Test = Callable[[str, Context], bool]
"""(value of the request, context) → whether it satisfies one value of the policy."""
Maker = Callable[[str, bool, bool], Test]
"""(value of the policy, whether variables count, what an unresolved one answers) → the test; or ValueError."""
Quantifier = Literal["", "ForAllValues", "ForAnyValue"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key."""

    key: str
    """Lower-case."""
    tests: tuple[Test, ...]
    """One a value of the policy."""
    negated: bool
    if_exists: bool
    quantifier: Quantifier
    absent: bool | None
    """Of the operator Null: whether the key must be absent."""

    def holds(self, context: Context) -> bool:
        """Whether the request satisfies it."""
        values = context.get(self.key, ())
        if self.absent is not None:
            return (not values) == self.absent
        if self.quantifier == "ForAllValues" and all(not value for value in values):
            # No value, and nothing but empty ones, count as none.
            return True
        if not values:
            if self.quantifier == "ForAnyValue":
                return self.if_exists
            return self.if_exists or self.negated
        satisfied = (self._matches(value, context) for value in values)
        if self.quantifier == "ForAllValues":
            return all(found != self.negated for found in satisfied)
        if self.quantifier == "ForAnyValue":
            return any(found != self.negated for found in satisfied)
        return any(satisfied) != self.negated

    def _matches(self, value: str, context: Context) -> bool:
        return any(test(value, context) for test in self.tests)


def parse_conditions(element: Any, variables: bool, allow: bool) -> tuple[Condition, ...]:
    """The conditions of a statement, all of which must hold; of one that allows, no unresolved variable may help.

    Raises:
        ValueError: an unknown operator, or a value of the wrong type; the message names it.
    """
    if not isinstance(element, Mapping):
        raise ValueError("Condition must be an object of operators")
    found = []
    for name, keys in element.items():
        if not isinstance(keys, Mapping) or not keys:
            raise ValueError(f"Condition {name!r} must be an object of at least one condition key")
        for key, values in keys.items():
            found.append(_condition(str(name), str(key), values, variables, allow))
    return tuple(found)


def _condition(name: str, key: str, element: Any, variables: bool, allow: bool) -> Condition:
    quantifier, _, rest = name.rpartition(":")
    if quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise ValueError(f"Condition operator {name!r}: only ForAllValues: and ForAnyValue: may stand before it")
    base = rest.removesuffix("IfExists")
    values = [_text(value) for value in (element if isinstance(element, list) else [element])]
    if not key or not values:
        raise ValueError(f"Condition {name!r} on {key!r} must have a key and at least one value")
    if base == "Null":
        if base != name or len(values) != 1 or values[0].lower() not in ("true", "false"):
            raise ValueError(f"Condition Null on {key!r} must be true or false")
        return Condition(key.lower(), (), False, False, "", values[0].lower() == "true")
    negated, maker = _OPERATORS.get(base, (False, None))
    if maker is None:
        raise ValueError(f"there is no condition operator {name!r}; there are {', '.join(sorted(_OPERATORS))} and Null")
    try:
        tests = tuple(maker(value, variables, allow and negated) for value in values)
    except ValueError as error:
        raise ValueError(f"Condition {name} on {key!r}: {error}") from None
    return Condition(key.lower(), tests, negated, base != rest, quantifier, None)  # type: ignore[arg-type]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("values of conditions are strings, numbers and booleans")


def _string(*, wild: bool = False, ignore_case: bool = False) -> Maker:
    def make(expected: str, variables: bool, unresolved: bool) -> Test:
        return pattern(expected, variables=variables, wild=wild, ignore_case=ignore_case, unresolved=unresolved).matches

    return make


def _arn(expected: str, variables: bool, unresolved: bool) -> Test:
    if expected != "*" and expected.count(":") < 5 and "${" not in expected:
        raise ValueError(f"{expected!r} is not an ARN")
    return pattern(expected, variables=variables, arn=True, unresolved=unresolved).matches


def _bool(expected: str, _variables: bool, _unresolved: bool) -> Test:
    if expected.lower() not in ("true", "false"):
        raise ValueError(f"{expected!r} is neither true nor false")
    return lambda value, _context: value.lower() == expected.lower()


def _binary(expected: str, _variables: bool, _unresolved: bool) -> Test:
    wanted = _decoded(expected)
    if wanted is None:
        raise ValueError(f"{expected!r} is not base64")
    return lambda value, _context: _decoded(value) == wanted


def _address(expected: str, _variables: bool, _unresolved: bool) -> Test:
    network = ipaddress.ip_network(expected, strict=False)

    def test(value: str, _context: Context) -> bool:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return False
        # A socket of both families shows IPv4 callers as ::ffff:10.1.2.3; they are the same callers.
        return (getattr(address, "ipv4_mapped", None) or address) in network

    return test


def _compared(read: Callable[[str], float], compare: Callable[[Any, Any], bool]) -> Maker:
    def make(expected: str, _variables: bool, _unresolved: bool) -> Test:
        wanted = read(expected)

        def test(value: str, _context: Context) -> bool:
            try:
                return compare(read(value), wanted)
            except ValueError:
                return False

        return test

    return make


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _number(text: str) -> float:
    # float() also reads 1_000, nan and inf, which IAM does not.
    if "_" not in text:
        with contextlib.suppress(ValueError):
            number = float(text)
            if isfinite(number):
                return number
    raise ValueError(f"{text!r} is not a number")


def _time(text: str) -> float:
    """Seconds since 1970, given so or as ISO 8601, in UTC where it does not say."""
    with contextlib.suppress(ValueError):
        return _number(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a date as 2026-01-31T23:59:59Z nor seconds since 1970") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _ordered(name: str, read: Callable[[str], float]) -> dict[str, tuple[bool, Maker]]:
    comparisons = {
        "LessThan": operator.lt,
        "LessThanEquals": operator.le,
        "GreaterThan": operator.gt,
        "GreaterThanEquals": operator.ge,
    }
    return {
        f"{name}Equals": (False, _compared(read, operator.eq)),
        f"{name}NotEquals": (True, _compared(read, operator.eq)),
        **{f"{name}{suffix}": (False, _compared(read, compare)) for suffix, compare in comparisons.items()},
    }


_OPERATORS: dict[str, tuple[bool, Maker]] = {
    "StringEquals": (False, _string()),
    "StringNotEquals": (True, _string()),
    "StringEqualsIgnoreCase": (False, _string(ignore_case=True)),
    "StringNotEqualsIgnoreCase": (True, _string(ignore_case=True)),
    "StringLike": (False, _string(wild=True)),
    "StringNotLike": (True, _string(wild=True)),
    **_ordered("Numeric", _number),
    **_ordered("Date", _time),
    "Bool": (False, _bool),
    "BinaryEquals": (False, _binary),
    "IpAddress": (False, _address),
    "NotIpAddress": (True, _address),
    "ArnEquals": (False, _arn),
    "ArnLike": (False, _arn),
    "ArnNotEquals": (True, _arn),
    "ArnNotLike": (True, _arn),
}


def context_of(values: Mapping[str, str | Sequence[str]]) -> dict[str, Sequence[str]]:
    """A request's context in the form that conditions read."""
    return {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()}
