"""Deciding: an explicit deny wins, else an allow, else no.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from openrek.iam.conditions import context_of
from openrek.iam.policy import Policy, Statement

_REMEMBERED_ACTIONS = 1024


class Reason(Enum):
    """Why a request is allowed or not."""

    ALLOW = "allowed by a statement"
    IMPLICIT_DENY = "no statement allows it"
    EXPLICIT_DENY = "denied by a statement"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What somebody wants to do."""

    principal: str
    """ARN of who wants it."""
    action: str
    """As "rekognition:DetectLabels"."""
    resource: str
    """ARN, or "*" where the action is on nothing in particular."""
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Condition keys, in any case, and their values."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome."""

    allowed: bool
    reason: Reason
    sid: str = ""
    """Of the statement that decided, if it has one."""


class Evaluator:
    """Several policies that together decide. Safe to share."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        statements = [statement for policy in policies for statement in policy.statements]
        # Denials first: one of them ends it.
        self._statements = sorted(statements, key=lambda statement: statement.allow)
        self._by_action: dict[str, tuple[tuple[Statement, ...], bool]] = {}

    def asks(self, action: str) -> bool:
        """Whether a decision on the action depends on the request's context at all."""
        return self._candidates(action)[1]

    def decide(self, request: AccessRequest) -> Decision:
        """Whether the request is allowed, and why."""
        candidates, asks = self._candidates(request.action)
        context = context_of(request.context) if asks else {}
        for statement in candidates:
            if statement.principals is not None and not statement.principals.matches(request.principal, context):
                continue
            if statement.resources is not None and not statement.resources.matches(request.resource, context):
                continue
            if all(condition.holds(context) for condition in statement.conditions):
                reason = Reason.ALLOW if statement.allow else Reason.EXPLICIT_DENY
                return Decision(statement.allow, reason, statement.sid)
        return Decision(False, Reason.IMPLICIT_DENY)

    def _candidates(self, action: str) -> tuple[tuple[Statement, ...], bool]:
        """The statements that speak of the action, denials first, and whether one of them reads the context."""
        found = self._by_action.get(action)
        if found is None:
            of_action = tuple(statement for statement in self._statements if statement.actions.matches(action, {}))
            found = of_action, any(statement.reads_context for statement in of_action)
            if len(self._by_action) < _REMEMBERED_ACTIONS:
                self._by_action[action] = found
        return found
