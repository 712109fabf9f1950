"""What is known of a label beside its name: ancestors, aliases, categories, its name in Vietnamese.

The taxonomy lies in labels.toml. https://docs.aws.amazon.com/rekognition/latest/dg/labels.html
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("labels.toml")


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """A label of the taxonomy."""

    name: str
    parents: tuple[str, ...] = ()
    """All ancestors: the first parent with its own ancestors, then those of the other parents."""
    aliases: tuple[str, ...] = ()
    """Other names of the same thing."""
    categories: tuple[str, ...] = ()
    """Rekognition's categories of labels."""
    vietnamese: str | None = None
    """The name in Vietnamese; None of a label that the taxonomy does not know."""
    has_boxes: bool = False
    """Whether it comes with the boxes of what it names."""
    words: tuple[str, ...] = ()
    """What models call it that is not its name."""


def entry(name: str) -> LabelEntry:
    """What is known of a label; of one that the taxonomy does not know, its name only."""
    return entries().get(name) or LabelEntry(name)


def label_of(word: str) -> str:
    """The label of what a model calls by this word: mostly the word itself."""
    return _words().get(word, word)


def vietnamese(name: str) -> str:
    """The label's name in Vietnamese; of one that the taxonomy does not know, its English one."""
    return entry(name).vietnamese or name


@cache
def entries() -> dict[str, LabelEntry]:
    """Every label of the taxonomy by its name."""
    content = _content()
    groups = {name: group for group in content["group"] for name in group["labels"]}
    boxed = frozenset(content["with_boxes"])
    return {
        name: LabelEntry(
            name,
            _ancestors(name, groups),
            tuple(content["aliases"].get(name, ())),
            _categories(name, groups),
            content["vietnamese"].get(name),
            name in boxed,
            tuple(word for word, label in content["names"].items() if label == name),
        )
        for name in groups
    }


@cache
def _words() -> Mapping[str, str]:
    return dict(_content()["names"])


@cache
def _content() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _ancestors(name: str, groups: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """Ancestors of a label, each once."""
    found: dict[str, None] = {}
    for parent in groups[name]["parents"]:
        found |= dict.fromkeys((parent, *_ancestors(parent, groups)))
    return tuple(found)


def _categories(name: str, groups: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """Categories of a label's group, or else those of its first parent."""
    group = groups[name]
    return tuple(group["categories"]) if "categories" in group else _categories(group["parents"][0], groups)
