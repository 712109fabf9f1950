"""Pulling a pack: download, check, and only then put it in place."""

import hashlib
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tomli_w

from openrek.data_folder import make_private
from openrek.model_store.catalogue import CatalogueEntry, CatalogueModel
from openrek.model_store.download import PullError, download
from openrek.model_store.label_vectors import make_label_vectors
from openrek.model_store.library import MANIFEST, Library, write_at_once
from openrek.vision.pack import ModelPack, read_pack
from openrek.vision.runtime.smoke_test import smoke_test
from openrek.vision.tasks.task import REPLACEABLE

ProgressCallback = Callable[[str, int, int | None], None]
"""Called with a file's name, its bytes so far and its total size if known."""

_CHUNK = 1 << 20
_PART = ".part"
_HEADING = "# Written by `openrek models pull`.\n\n"


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """What the user vouches for, where a descriptor does not say which file is the right one."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 by file."""
    first_download: bool = False
    """Whether to take what comes first for the right one, to record its hash and to insist on it from then on."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of it."""

    pack: ModelPack
    trusted: Mapping[str, str]
    """SHA-256 by file of those that were taken at the first download's word."""


def pull(offer: CatalogueEntry, library: Library, trust: TrustPolicy, progress: ProgressCallback) -> Pulled:
    """Downloads a pack, checks every file and puts it in place at once; a pack of this name that is there stays until.

    Raises:
        PullError: a file is unavailable, does not match its hash, or has no known hash; nothing is installed.
        LookupError: the pack is not usable.
        OSError: it cannot be written.
    """
    known = _known(offer, library)
    expected = {model.file: _expected(model, trust, known) for model in offer.models if model.url}
    for name in trust.hashes:
        if name not in expected:
            raise PullError(f"{offer.name} has no file {name}; it has {', '.join(expected)}")
    if any(model.made for model in offer.models) and find_spec("tokenizers") is None:
        raise PullError(
            f"{offer.name} turns its labels into vectors here, which needs the package tokenizers: "
            "pip install 'openrek[tokenizers]'"
        )
    staging = library.folder / f".{offer.name}.pulling"
    make_private(library.folder.parent)
    staging.mkdir(parents=True, exist_ok=True, mode=0o700)
    found: dict[str, str] = {}
    for model in offer.models:
        if model.url:
            already = library.folder / offer.name / model.file
            found[model.file] = _bring(model, expected[model.file], staging, already, progress)
    try:
        _place_labels(offer, staging)
        _make(offer, staging, found, progress)
    except LookupError:
        # The files are right but the pack does not work: keeping them would be useless.
        shutil.rmtree(staging, ignore_errors=True)
        raise
    final = library.folder / offer.name
    _install(offer, staging, final)
    return Pulled(read_pack(final), {name: found[name] for name, digest in expected.items() if not digest})


def _known(offer: CatalogueEntry, library: Library) -> dict[str, str]:
    """Hashes recorded at an earlier pull, by URL: a first download that was accepted is required from then on."""
    if offer.name not in library.names():
        return {}
    try:
        content = tomllib.loads((library.folder / offer.name / MANIFEST).read_text(encoding="utf-8"))
        return {model["url"]: model["sha256"] for model in content["model"] if model.get("url")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # broken: it is about to be replaced
        return {}


def _expected(model: CatalogueModel, trust: TrustPolicy, known: Mapping[str, str]) -> str:
    """The hash that the file must have; empty if the first download is to be accepted."""
    given = trust.hashes.get(model.file, "").lower()
    if given and model.sha256 and given != model.sha256:
        raise PullError(
            f"SHA-256 of {model.file} is {model.sha256} by the descriptor and {given} by you; one of them is wrong"
        )
    expected = given or model.sha256 or known.get(model.url, "")
    if expected or trust.first_download:
        return expected
    raise PullError(
        f"{model.file} cannot be verified: its descriptor has no SHA-256. If you know it from its publisher, pass "
        f"--sha256 {model.file}=HEX. Or pass --trust-first-download: the file is accepted, its hash is shown and "
        "recorded, and any other file is rejected from then on."
    )


def _bring(model: CatalogueModel, expected: str, staging: Path, already: Path, progress: ProgressCallback) -> str:
    """The file in the staging folder, the right one; its hash."""
    target = staging / model.file
    part = staging / (model.file + _PART)
    for there in (target, already):
        if expected and there.is_file() and _hash(there) == expected:
            if there is not target:
                shutil.copyfile(there, target)
            progress(model.file, target.stat().st_size, target.stat().st_size)
            return expected
    download(model.url, part, model.bytes or None, partial(progress, model.file))
    digest = _hash(part)
    if expected and digest != expected:
        part.unlink()
        raise PullError(
            f"what came from {model.url} is not the file that was expected: its SHA-256 is {digest}, not {expected}. "
            "It is thrown away and nothing is installed."
        )
    part.replace(target)
    return digest


def _place_labels(offer: CatalogueEntry, staging: Path) -> None:
    for model in offer.models:
        labels = model.content["labels"]
        if isinstance(labels, str):
            try:
                shutil.copyfile(offer.folder / labels, staging / labels)
            except FileNotFoundError:
                raise LookupError(f"{offer.folder / labels}, the labels of {model.name}, is missing") from None


def _make(offer: CatalogueEntry, staging: Path, found: Mapping[str, str], progress: ProgressCallback) -> None:
    """Makes what is made here, describes everything, checks it once more and tries what can be chosen."""
    hashes = dict(found)
    _describe(offer, staging, hashes)
    models = {model.name: model for model in read_pack(staging).models}
    for model in offer.models:
        if model.made:
            make_label_vectors(models[model.name], models, partial(progress, model.file))
            hashes[model.file] = _hash(staging / model.file)
    _describe(offer, staging, hashes)
    models = {model.name: model for model in read_pack(staging).models}
    for descriptor in models.values():
        descriptor.verify()
        if descriptor.task in REPLACEABLE:
            smoke_test(descriptor, models)


def _describe(offer: CatalogueEntry, staging: Path, hashes: Mapping[str, str]) -> None:
    models: list[dict[str, Any]] = []
    for model in offer.models:
        path = staging / model.file
        size = path.stat().st_size if path.is_file() else 0
        models.append({**model.content, "sha256": hashes.get(model.file, ""), "bytes": size})
    write_at_once(staging / MANIFEST, _HEADING + tomli_w.dumps({"pack": _head(offer), "model": models}))


def _head(offer: CatalogueEntry) -> dict[str, str]:
    return {"name": offer.name, "version": offer.version, "description": offer.description}


def _install(offer: CatalogueEntry, staging: Path, final: Path) -> None:
    """The staging folder in the pack's place; the pack that was there goes."""
    wanted = {MANIFEST} | {model.file for model in offer.models}
    wanted |= {labels for model in offer.models if isinstance(labels := model.content["labels"], str)}
    for path in staging.iterdir():
        if path.name not in wanted:
            path.unlink()
    aside = final.with_name(f".{final.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if final.exists():
        final.replace(aside)
    staging.replace(final)
    shutil.rmtree(aside, ignore_errors=True)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
