"""Policy documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from openrek.iam.conditions import Condition, parse_conditions
from openrek.iam.matching import Context, Pattern, pattern

Kind = Literal["identity", "resource"]
"""Identity policies belong to who calls; resource policies to what is called, and name who may."""

_CURRENT = "2012-10-17"
_VERSIONS = ("2008-10-17", _CURRENT)
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"]
)
_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"arn:[^:]+:[^:]")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_SID = re.compile(r"[A-Za-z0-9]*")
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")


class MalformedPolicy(ValueError):
    """The document is not a valid policy; the message has the location and what is allowed."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Patterns one of which must match, or, negated, none."""

    patterns: tuple[Pattern, ...]
    negated: bool

    def matches(self, value: str, context: Context) -> bool:
        """Whether the value is meant."""
        return any(each.matches(value, context) for each in self.patterns) != self.negated

    @property
    def reads_context(self) -> bool:
        """Whether a pattern has variables."""
        return any(each.fixed is None for each in self.patterns)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement."""

    sid: str
    allow: bool
    actions: Matcher
    resources: Matcher | None
    """None in a resource policy that leaves it out: the resource it belongs to."""
    principals: Matcher | None
    """None in identity policies."""
    conditions: tuple[Condition, ...]

    @property
    def reads_context(self) -> bool:
        """Whether it depends on more than who, what and on what."""
        matchers = (self.resources, self.principals)
        return bool(self.conditions) or any(each is not None and each.reads_context for each in matchers)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, parsed."""

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: str | Mapping[str, Any], kind: Kind = "identity") -> "Policy":
        """Reads a policy document, JSON or already read.

        Raises:
            MalformedPolicy: anything in it is unknown, missing or out of its form.
        """
        if isinstance(document, str):
            try:
                document = json.loads(document, object_pairs_hook=_once)
            except MalformedPolicy:
                raise
            except (ValueError, RecursionError) as error:
                raise MalformedPolicy(f"the policy is not JSON: {error}") from None
        if not isinstance(document, Mapping):
            raise MalformedPolicy("a policy is a JSON object with Version and Statement")
        _check_names(document, _DOCUMENT, "the policy")
        version = document.get("Version", _VERSIONS[0])
        if version not in _VERSIONS:
            raise MalformedPolicy(f"Version is {version!r}; it must be {' or '.join(_VERSIONS)}")
        statements = document.get("Statement")
        statements = [statements] if isinstance(statements, Mapping) else statements
        if not isinstance(statements, list) or not statements:
            raise MalformedPolicy("the policy must have a Statement: an object or a list of them")
        parsed = tuple(
            _statement(each, f"statement {place}", kind, version == _CURRENT)
            for place, each in enumerate(statements, 1)
        )
        sids = [statement.sid for statement in parsed if statement.sid]
        if len(sids) != len(set(sids)):
            raise MalformedPolicy("two statements have the same Sid; each must be its own")
        return cls(parsed)


def _statement(element: Any, where: str, kind: Kind, variables: bool) -> Statement:
    if not isinstance(element, Mapping):
        raise MalformedPolicy(f"{where} must be an object")
    _check_names(element, _STATEMENT, where)
    sid = element.get("Sid", "")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        raise MalformedPolicy(f"{where}: Sid must be letters and digits")
    effect = element.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{where}: Effect must be Allow or Deny")
    actions = _either(element, "Action", where, required=True)
    assert actions is not None
    for text in actions[0]:
        if not _ACTION.fullmatch(text):
            raise MalformedPolicy(f"{where}: {text!r} is not a valid action. Example: 'rekognition:DetectLabels'")
    resources = _either(element, "Resource", where, required=kind == "identity")
    for text in resources[0] if resources else ():
        if text != "*" and not (_RESOURCE.match(text) and (kind == "identity" or _missing(text) == 0)):
            raise MalformedPolicy(f"{where}: {text!r} is not a valid resource. Example: 'arn:aws:s3:::bucket/*'")
    try:
        conditions = parse_conditions(element.get("Condition", {}), variables, effect == "Allow")
    except ValueError as error:
        raise MalformedPolicy(f"{where}: {error}") from None
    return Statement(
        sid,
        effect == "Allow",
        # There are no variables in actions.
        Matcher(tuple(pattern(text, variables=False, ignore_case=True) for text in actions[0]), actions[1]),
        None
        if resources is None
        else Matcher(
            tuple(
                # A variable without a value must not make everything else allowed.
                pattern(_whole(text), variables=variables, arn=True, unresolved=effect == "Allow" and resources[1])
                for text in resources[0]
            ),
            resources[1],
        ),
        _principals(element, where, kind),
        conditions,
    )


def _whole(resource: str) -> str:
    """An ARN with fewer than six parts, in a policy of who calls, stands for one with stars in the others' places."""
    return resource if resource == "*" else resource + ":*" * _missing(resource)


def _missing(resource: str) -> int:
    return max(0, 5 - _VARIABLE.sub("", resource).count(":"))


def _either(element: Mapping[str, Any], name: str, where: str, *, required: bool) -> tuple[list[str], bool] | None:
    """The texts under a name or its negation, and whether it was the negation."""
    present = [each for each in (name, f"Not{name}") if each in element]
    if len(present) > 1:
        raise MalformedPolicy(f"{where}: it may have {name} or Not{name}, not both")
    if not present:
        if required:
            raise MalformedPolicy(f"{where}: it must have {name} or Not{name}")
        return None
    return _texts(element[present[0]], f"{where}: {present[0]}"), present[0] != name


def _principals(element: Mapping[str, Any], where: str, kind: Kind) -> Matcher | None:
    present = [each for each in ("Principal", "NotPrincipal") if each in element]
    if kind == "identity":
        if present:
            raise MalformedPolicy(f"{where}: a policy of who calls has no {present[0]}")
        return None
    if len(present) != 1:
        raise MalformedPolicy(f"{where}: a policy of a resource must have one of Principal and NotPrincipal")
    value = element[present[0]]
    if value == "*":
        value = {"AWS": "*"}
    if not isinstance(value, Mapping) or not value:
        raise MalformedPolicy(f"{where}: {present[0]} must be '*' or an object of {', '.join(_PRINCIPALS)}")
    _check_names(value, frozenset(_PRINCIPALS), f"{where}: {present[0]}")
    texts = [
        _principal(name, text, f"{where}: {present[0]}")
        for name in value
        for text in _texts(value[name], f"{where}: {present[0]}")
    ]
    return Matcher(tuple(pattern(text, variables=False) for text in texts), present[0] == "NotPrincipal")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name that is there twice, JSON's reader would forget the first, perhaps a condition."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise MalformedPolicy(f"{name!r} is there twice in one object; each name may be there once")
        found[name] = value
    return found


def _principal(name: str, text: str, where: str) -> str:
    """An account, by its number or its root, means everybody in it."""
    if text != "*" and ("*" in text or "?" in text):
        raise MalformedPolicy(f"{where}: {text!r} has a wildcard; a principal is '*' or the whole name of one")
    if name != "AWS":
        return text
    account = text if _ACCOUNT.fullmatch(text) else None
    if text.startswith("arn:aws:iam::") and text.endswith(":root"):
        account = text.split(":")[4]
    return text if account is None else f"arn:aws:*::{account}:*"


def _texts(value: Any, where: str) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise MalformedPolicy(f"{where} must be a string or a list of strings")
    return texts


def _check_names(element: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = [name for name in element if name not in known]
    if unknown:
        raise MalformedPolicy(f"{where} has {unknown[0]!r}; it may have {', '.join(sorted(known))}")
