"""Patterns of policies: `*`, `?` and `${variables}`, for actions, ARNs and plain text.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Context = Mapping[str, Sequence[str]]
"""Values by lower-case condition key."""

_VARIABLE = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
_LITERALS = frozenset("*?$")
# An ARN has five colons; what comes after the fifth may hold more.
_ARN_SEPARATORS = 5


@dataclass(frozen=True, slots=True)
class Variable:
    """A part that the request fills in."""

    key: str
    """Lower-case."""
    default: str | None


Parts = tuple[str | Variable, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern."""

    text: str
    """As the policy has it."""
    parts: Parts
    arn: bool
    wild: bool
    ignore_case: bool
    fixed: re.Pattern[str] | None
    """Compiled, if no variable is in it."""
    unresolved: bool
    """What it answers where a variable has no single value and no default."""

    def matches(self, value: str, context: Context) -> bool:
        """Whether the whole value matches."""
        compiled = self.fixed
        if compiled is None:
            filled = _filled(self.parts, context)
            if filled is None:
                return self.unresolved
            compiled = _compiled(filled, self.arn, self.wild, self.ignore_case)
        return compiled.fullmatch(value) is not None


def pattern(
    text: str,
    *,
    variables: bool,
    arn: bool = False,
    wild: bool = True,
    ignore_case: bool = False,
    unresolved: bool = False,
) -> Pattern:
    """Reads a pattern.

    Args:
        text: As in the policy.
        variables: Whether `${…}` is one; policies before version 2012-10-17 have none.
        arn: Wildcards before an ARN's fifth colon do not match colons.
        wild: Whether `*` and `?` are wildcards.
        ignore_case: For actions.
        unresolved: The answer where a variable cannot be filled: True where the answer is then negated to allow.
    """
    parts = _parse(text) if variables else (text,)
    constant = all(isinstance(part, str) for part in parts)
    fixed = _compiled(_constants(parts), arn, wild, ignore_case) if constant else None
    return Pattern(text, parts, arn, wild, ignore_case, fixed, unresolved)


def _parse(text: str) -> Parts:
    parts: list[str | Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        parts.append(text[end : found.start()])
        name = found[1]
        # `${*}`, `${?}` and `${$}` stand for the characters themselves.
        parts.append(Variable("", name) if name in _LITERALS else Variable(name.lower(), found[2]))
        end = found.end()
    parts.append(text[end:])
    return tuple(part for part in parts if part)


def _constants(parts: Parts) -> tuple[tuple[str, bool], ...]:
    return tuple((part, False) for part in parts if isinstance(part, str))


def _filled(parts: Parts, context: Context) -> tuple[tuple[str, bool], ...] | None:
    """Texts, and whether each is to be taken literally."""
    filled = []
    for part in parts:
        if isinstance(part, str):
            filled.append((part, False))
            continue
        values = context.get(part.key, ()) if part.key else ()
        value = values[0] if len(values) == 1 else part.default
        if value is None:
            return None
        filled.append((value, True))
    return tuple(filled)


@lru_cache(maxsize=4096)
def _compiled(parts: tuple[tuple[str, bool], ...], arn: bool, wild: bool, ignore_case: bool) -> re.Pattern[str]:
    anything = parts == (("*", False),)
    # Literal text between stars; each star is kept with the class of characters it may take.
    chunks, stars, separators = [""], [], 0
    for text, literal in parts:
        for character in text:
            within = "[^:]" if arn and separators < _ARN_SEPARATORS and not anything else "."
            if not literal and wild and character == "*":
                stars.append(within)
                chunks.append("")
            elif not literal and wild and character == "?":
                chunks[-1] += within
            else:
                chunks[-1] += re.escape(character)
            separators += character == ":" and not literal
    written = chunks[0]
    for place, (star, chunk) in enumerate(zip(stars, chunks[1:], strict=True), 1):
        # The first place where a chunk fits is as good as any later one, so the atomic group never tries again.
        # Without it, time grows with the length of the value to the power of the number of stars.
        written += f"{star}*{chunk}" if place == len(stars) else f"(?>{star}*?{chunk})"
    return re.compile(written, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
