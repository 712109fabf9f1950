"""Scenes: what an image as a whole shows, concluded from what is in it by the rules of scenes.toml, never guessed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("scenes.toml")
_THERE = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """What must be seen for a scene to be concluded."""

    scene: str
    every: tuple[tuple[str, ...], ...]
    """Groups of labels: of each group one must be seen."""
    count: Mapping[str, int]
    """How many boxes of a label must be surely found, at the least."""
    unless: tuple[str, ...]
    """Labels that speak against it, where they are more likely there than not."""
    trust: float
    """How often such evidence, where it is certain, is of that scene; 0 to 1."""

    def confidence(self, seen: Mapping[str, float], boxes: Mapping[str, int]) -> float:
        """0 to 1: the rule's weight times, group by group, the highest confidence of a label.

        Args:
            seen: Confidence, 0 to 1, of each label.
            boxes: How many boxes of each label were surely found.
        """
        if any(boxes.get(name, 0) < minimum for name, minimum in self.count.items()):
            return 0.0
        if any(seen.get(name, 0.0) >= _THERE for name in self.unless):
            return 0.0
        confidence = self.trust
        for group in self.every:
            confidence *= max(seen.get(name, 0.0) for name in group)
        for name in self.count:
            confidence *= seen.get(name, 0.0)
        return confidence


def conclude(seen: Mapping[str, float], boxes: Mapping[str, int]) -> dict[str, float]:
    """Confidence, 0 to 1, of each scene that there is any evidence of; see `Rule.confidence`."""
    found: dict[str, float] = {}
    for rule in rules():
        confidence = rule.confidence(seen, boxes)
        if confidence > 0:
            found[rule.scene] = max(found.get(rule.scene, 0.0), confidence)
    return found


@cache
def rules() -> tuple[Rule, ...]:
    """All rules."""
    return tuple(
        Rule(
            rule["scene"],
            tuple(tuple(group) for group in rule.get("every", ())),
            rule.get("count", {}),
            tuple(rule.get("unless", ())),
            rule["trust"],
        )
        for rule in tomllib.loads(_FILE.read_text(encoding="utf-8"))["rule"]
    )
