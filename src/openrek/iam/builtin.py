"""Policies that come with openrek: admin, read-only, detect-only."""

from functools import cache
from importlib.resources import files

from openrek.iam.policy import Policy

BUILTIN_NAMES = ("admin", "read-only", "detect-only")


def builtin_document(name: str) -> str:
    """The policy's JSON.

    Raises:
        LookupError: there is none of this name.
    """
    if name not in BUILTIN_NAMES:
        raise LookupError(f"there is no built-in policy {name!r}; there are {', '.join(BUILTIN_NAMES)}")
    return (files("openrek.iam") / "policies" / f"{name}.json").read_text(encoding="utf-8")


@cache
def builtin_policy(name: str) -> Policy:
    """The policy, parsed; raises as builtin_document."""
    return Policy.parse(builtin_document(name))
