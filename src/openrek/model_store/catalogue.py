"""Offers: descriptors of packs that can be pulled. They are `pack.toml` with, for each file, where it is had from."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from openrek.model_store.address import rejection
from openrek.vision.tasks.task import REPLACEABLE

CATALOGUE = Path(__file__).with_name("catalogue")
DEFAULT = "default"
HELPING = ("label_vectors", "build")
"""Tasks of files that serve a model: the vectors of its labels, and what only the pulling needs."""
MAKERS = ("clip_labels", "siglip_labels")
"""How a file can be made from others once they are here."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NEEDED = ("name", "task", "architecture", "file", "license_code", "license_weights", "license_source", "source")
_NEEDED_TOO = ("trained_on", "labels", "input", "metrics", "bytes", "sha256")


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A file of a pack."""

    name: str
    task: str
    file: str
    url: str
    """Where it is had from; empty where it is made here."""
    made: str
    """How it is made here, one of MAKERS; empty where it is had from a URL."""
    sha256: str
    """SHA-256 of the file, in hexadecimal; empty if not published."""
    bytes: int
    """Size of the file; 0 if not published."""
    content: Mapping[str, Any]
    """The model's complete table in the descriptor."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A pack that can be pulled."""

    name: str
    version: str
    description: str
    models: tuple[CatalogueModel, ...]
    folder: Path
    """Where the descriptor lies, and files of labels beside it."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it can be used for."""
        return tuple(model.task for model in self.models if model.task in REPLACEABLE)

    @property
    def bytes(self) -> int:
        """To download, as far as known."""
        return sum(model.bytes for model in self.models if model.url)

    @property
    def licences(self) -> tuple[str, ...]:
        """Of code and weights, each once."""
        found = (model.content[kind] for model in self.models for kind in ("license_code", "license_weights"))
        return tuple(dict.fromkeys(found))


def read_entry(path: Path) -> CatalogueEntry:
    """The offer in a file.

    Raises:
        LookupError: the file is not there, or something in it is missing or not allowed; the message names it.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        head = content["pack"]
        offer = CatalogueEntry(
            str(head["name"]),
            str(head["version"]),
            str(head["description"]),
            tuple(_model(model) for model in content["model"]),
            path.parent,
        )
    except OSError as error:
        raise LookupError(f"{path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LookupError(f"{path} is not TOML: {error}") from None
    except KeyError as error:
        raise LookupError(f"{path} lacks the field {error}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise LookupError(f"{path}: {error}") from None
    _check(offer, path)
    return offer


@cache
def read_catalogue() -> Mapping[str, CatalogueEntry]:
    """The offers that come with openrek, by name."""
    offers = [read_entry(path) for path in sorted(CATALOGUE.glob("*.toml"))]
    return {offer.name: offer for offer in offers}


def _model(content: Mapping[str, Any]) -> CatalogueModel:
    for field in (*_NEEDED, *_NEEDED_TOO):
        if field not in content:
            raise KeyError(field)
    model = CatalogueModel(
        content["name"],
        content["task"],
        content["file"],
        content.get("url", ""),
        content.get("made", ""),
        content["sha256"],
        content["bytes"],
        content,
    )
    if not _FILE.fullmatch(model.file) or model.file == "pack.toml":
        raise ValueError(f"the file {model.file!r} must be a plain name of letters, digits, dots, - and _")
    if bool(model.url) == bool(model.made):
        raise ValueError(f"the model {model.name} must have one of url and made")
    if model.made and model.made not in MAKERS:
        raise ValueError(f"the model {model.name} is made by {model.made!r}; it must be one of {', '.join(MAKERS)}")
    if model.url and (reason := rejection(model.url)):
        raise ValueError(reason)
    if model.sha256 and not _HASH.fullmatch(model.sha256):
        raise ValueError(f"sha256 of the model {model.name} must be 64 hexadecimal digits, or empty if not known")
    if not isinstance(model.bytes, int) or model.bytes < 0:
        raise ValueError(f"bytes of the model {model.name} must be a whole number, 0 if not known")
    if model.task not in (*REPLACEABLE, *HELPING):
        raise ValueError(f"the model {model.name} is for {model.task}; it must be for one of {', '.join(REPLACEABLE)}")
    labels = content["labels"]
    if isinstance(labels, str) and not _FILE.fullmatch(labels):
        raise ValueError(f"the file of labels {labels!r} must be a plain name")
    return model


def _check(offer: CatalogueEntry, path: Path) -> None:
    if not _NAME.fullmatch(offer.name) or offer.name == DEFAULT:
        raise LookupError(f"{path}: a pack cannot have the name {offer.name!r}; it can a-z, 0-9, dots, - and _")
    for what, names in (
        ("name", [model.name for model in offer.models]),
        ("file", [model.file for model in offer.models]),
        ("task", list(offer.tasks)),
    ):
        if doubled := {name for name in names if names.count(name) > 1}:
            raise LookupError(f"{path}: two models have the {what} {min(doubled)}")
    if not offer.tasks:
        raise LookupError(f"{path}: no model of it is for one of {', '.join(REPLACEABLE)}")
