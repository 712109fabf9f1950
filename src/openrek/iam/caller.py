"""Who calls, and what they may do."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from openrek.config import ACCOUNT
from openrek.errors import AccessDeniedError
from openrek.iam.evaluation import AccessRequest, Decision, Evaluator, Reason


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose identity is established."""

    arn: str
    """As "arn:aws:iam::000000000000:user/lan"."""
    evaluator: Evaluator | None
    """Decides what they may do; None for who may do everything."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Further condition keys that are the caller's own, as "aws:PrincipalTag/team"."""

    @classmethod
    def unrestricted(cls, arn: str) -> "Caller":
        """Somebody who may do everything."""
        return cls(arn, None)

    def require(self, action: str, resource: str, context: Mapping[str, str | Sequence[str]] | None = None) -> None:
        """Returns if the caller may do this.

        Args:
            action: As "rekognition:DetectLabels".
            resource: ARN, or "*" where the action is on nothing in particular.
            context: Further condition keys, as "aws:SourceIp".

        Raises:
            AccessDeniedError: they may not; the message names them, the action and the resource.
        """
        decision = self._decide(action, resource, context or {})
        if decision is None or decision.allowed:
            return
        because = (
            f"with an explicit deny in an identity-based policy{f' (statement {decision.sid})' if decision.sid else ''}"
            if decision.reason is Reason.EXPLICIT_DENY
            else f"because no identity-based policy allows the {action} action"
        )
        raise AccessDeniedError(
            f"User: {self.arn} is not authorized to perform: {action} on resource: {resource} {because}"
        )

    def asks(self, action: str) -> bool:
        """Whether what the caller may do depends on more than the action and the resource."""
        return self.evaluator is not None and self.evaluator.asks(action)

    def may(self, action: str, resource: str, context: Mapping[str, str | Sequence[str]] | None = None) -> bool:
        """Whether `require` would return."""
        decision = self._decide(action, resource, context or {})
        return decision is None or decision.allowed

    @property
    def _kind(self) -> str:
        """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable"""
        if ":assumed-role/" in self.arn:
            return "AssumedRole"
        return "Account" if self.arn.endswith(":root") else "User"

    def _decide(self, action: str, resource: str, context: Mapping[str, str | Sequence[str]]) -> Decision | None:
        if self.evaluator is None:
            return None
        known = self._known(context) if self.asks(action) else {}
        return self.evaluator.decide(AccessRequest(self.arn, action, resource, known))

    def _known(self, context: Mapping[str, str | Sequence[str]]) -> dict[str, str | Sequence[str]]:
        now = time.time()
        return {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": ACCOUNT,
            "aws:PrincipalType": self._kind,
            "aws:ResourceAccount": ACCOUNT,
            # Roles and roots have none: a role's session may be named as anybody likes, even as a user.
            **({"aws:username": self.arn.rpartition("/")[2]} if ":user/" in self.arn else {}),
            "aws:CurrentTime": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
            "aws:EpochTime": str(int(now)),
            **self.attributes,
            **context,
        }
