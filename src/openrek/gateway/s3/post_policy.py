"""The policy of a browser's form: until when, and with which fields, it may upload.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openrek.gateway.s3.errors import S3Error

_FREE = frozenset({"policy", "signature", "awsaccesskeyid", "x-amz-signature", "file"})
"""Fields that need no condition, beside those that begin with x-ignore-."""
_RANGE = "content-length-range"
_MAX_LENGTH = 5 * 1024**4


@dataclass(frozen=True, slots=True)
class Condition:
    """What one field must be."""

    operator: str
    """"eq" or "starts-with"."""
    field: str
    """Lower case, without the dollar sign."""
    value: str

    def holds(self, actual: str) -> bool:
        """Whether the field's value fulfils it. A media type may be a list, of which each must."""
        if self.operator == "eq":
            return actual == self.value
        if self.field == "content-type":
            return all(each.strip().startswith(self.value) for each in actual.split(","))
        return actual.startswith(self.value)

    def __str__(self) -> str:
        return json.dumps([self.operator, f"${self.field}", self.value], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class PostPolicy:
    """A policy that was read; whoever signed it is known."""

    expires_at: datetime
    conditions: tuple[Condition, ...]
    min_bytes: int = 0
    max_bytes: int = _MAX_LENGTH
    """Of the file."""

    @classmethod
    def read(cls, encoded: str) -> "PostPolicy":
        """The policy of a form's field.

        Raises:
            S3Error: it is not base64 of a policy document.
        """
        try:
            document = json.loads(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError, RecursionError):
            raise _invalid("Invalid JSON") from None
        if not isinstance(document, dict):
            raise _invalid("Invalid JSON: it must be an object")
        conditions, low, high = _conditions(document.get("conditions"))
        return cls(_expiration(document.get("expiration")), conditions, low, high)

    def check(self, fields: Mapping[str, str], accepts: Callable[[Condition, str], bool], now: datetime) -> None:
        """Returns if the form may upload.

        Args:
            fields: The form's, with lower-case names, and the bucket.
            accepts: Whether a condition holds for a field's value.
            now: The present, UTC.

        Raises:
            S3Error: the policy has expired, a condition fails, or a field has no condition.
        """
        if now >= self.expires_at:
            raise _denied("Policy expired.")
        for condition in self.conditions:
            if not accepts(condition, fields.get(condition.field, "")):
                raise _denied(f"Policy Condition failed: {condition}")
        known = {condition.field for condition in self.conditions} | _FREE | {"bucket"}
        extra = [name for name in fields if name not in known and not name.startswith("x-ignore-")]
        if extra:
            raise _denied(f"Extra input fields: {', '.join(extra)[:200]}")

    def check_size(self, size: int) -> None:
        """Returns if the file may have so many bytes.

        Raises:
            S3Error: it has too few, or too many.
        """
        if size < self.min_bytes:
            raise S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        if size > self.max_bytes:
            raise S3Error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")


def _expiration(value: Any) -> datetime:
    if value is None:
        raise _invalid("Policy missing expiration.")
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        raise _invalid(f"Invalid 'expiration' value: {str(value)[:40]!r}") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _conditions(listed: Any) -> tuple[tuple[Condition, ...], int, int]:
    if not isinstance(listed, list):
        raise _invalid("Policy missing conditions.")
    conditions: list[Condition] = []
    low, high = 0, _MAX_LENGTH
    for entry in listed:
        if isinstance(entry, dict) and entry:
            conditions += [_condition("eq", f"${name}", value) for name, value in entry.items()]
        elif isinstance(entry, list) and len(entry) == 3 and str(entry[0]).lower() == _RANGE:
            minimum, maximum = _length(entry[1]), _length(entry[2])
            low, high = max(low, minimum), min(high, maximum)
        elif isinstance(entry, list) and len(entry) == 3:
            conditions.append(_condition(*entry))
        else:
            raise _invalid(f"Invalid condition: {_shown(entry)}")
    return tuple(conditions), low, high


def _condition(operator: Any, field: Any, value: Any) -> Condition:
    operator = str(operator).lower()
    if operator not in ("eq", "starts-with") or not isinstance(field, str) or not field.startswith("$"):
        raise _invalid(f"Invalid condition: {_shown([operator, field, value])}")
    if not isinstance(value, str):
        raise _invalid(f"Invalid value of the condition on {field[:40]}: it must be a string")
    return Condition(operator, field[1:].lower(), value)


def _length(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise _invalid(f"Invalid {_RANGE}: {text[:20]!r} is not a number of bytes")
    return int(text)


def _shown(entry: Sequence[Any] | Any) -> str:
    return json.dumps(entry, ensure_ascii=False)[:100]


def _invalid(reason: str) -> S3Error:
    return S3Error(400, "InvalidPolicyDocument", f"Invalid Policy: {reason}")


def _denied(reason: str) -> S3Error:
    return S3Error(403, "AccessDenied", f"Invalid according to Policy: {reason}")
