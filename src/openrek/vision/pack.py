"""Model packs: models as data. A pack is a folder with `pack.toml` and the files it describes."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

ENTRY_POINTS = "openrek.model_packs"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Metric:
    """How good a model was, measured how."""

    name: str
    value: float
    data_set: str
    size: int
    """Samples."""
    command: str


@dataclass(frozen=True, slots=True)
class QuantizedFile:
    """The same network in 8 bits: faster on CPUs with instructions for it."""

    file: Path
    sha256: str
    bytes: int
    calibration: str
    """What it was quantized by."""
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class ModelDescriptor:
    """All there is to know of a model before it is loaded. Every field but `int8` is required in `pack.toml`."""

    name: str
    task: str
    """What it is for, as "objects"."""
    architecture: str
    """How it is fed and decoded, as "nanodet": declared, never guessed."""
    file: Path
    sha256: str
    bytes: int
    license_code: str
    license_weights: str
    license_source: str
    """Where the licence was read."""
    source: str
    """Package, version, archive hash and member that the file was made from."""
    trained_on: str
    labels: tuple[str, ...]
    """Names by class id."""
    input: Mapping[str, Any]
    """How an image is fed: layout, size, colour, mean, scale, …"""
    metrics: tuple[Metric, ...]
    int8: QuantizedFile | None = None
    """The model in 8 bits, where the pack has it."""
    is_int8: bool = False
    """Whether `file` is the model in 8 bits."""

    @property
    def in_int8(self) -> "ModelDescriptor":
        """The description of the file in 8 bits; of this one where there is none."""
        if self.int8 is None:
            return self
        file = self.int8
        return replace(
            self, file=file.file, sha256=file.sha256, bytes=file.bytes, metrics=file.metrics, int8=None, is_int8=True
        )

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the image that is fed.

        Raises:
            LookupError: `input` does not say.
        """
        size = self.input.get("size")
        if not (isinstance(size, list) and len(size) == 2 and all(isinstance(side, int) and side > 0 for side in size)):
            raise LookupError(f"the model {self.name} must say how large its input is, as input.size = [HEIGHT, WIDTH]")
        return size[0], size[1]

    def verify(self) -> Path:
        """The file, known to be the one described.

        Raises:
            LookupError: it is missing or another.
        """
        if not self.file.is_file():
            raise LookupError(f"the model {self.name} is not there: {self.file} is missing; install its pack again")
        digest = hashlib.sha256()
        with self.file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != self.sha256:
            raise LookupError(f"the model {self.name} is damaged: {self.file} is not the file its pack describes")
        return self.file


@dataclass(frozen=True, slots=True)
class ModelPack:
    """Models that go together."""

    name: str
    version: str
    description: str
    models: tuple[ModelDescriptor, ...]


def read_pack(folder: Path) -> ModelPack:
    """The pack of a folder.

    Raises:
        LookupError: no pack there, or a descriptor lacks a field; the message names it.
    """
    path = folder / "pack.toml"
    if not path.is_file():
        raise LookupError(f"there is no model pack at {folder}: pack.toml is missing")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        head = content["pack"]
        return ModelPack(
            head["name"],
            head["version"],
            head["description"],
            tuple(_descriptor(folder, model) for model in content["model"]),
        )
    except KeyError as error:
        raise LookupError(f"{path} lacks the field {error}") from None


def load_packs() -> tuple[ModelPack, ...]:
    """All installed packs.

    Raises:
        LookupError: none is installed, with the command that installs the default one.
    """
    packs = tuple(read_pack(point.load()()) for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name))
    if not packs:
        raise LookupError("no model pack is installed; in openrek's checkout run: pip install ./packs/default")
    return packs


def _descriptor(folder: Path, model: Mapping[str, Any]) -> ModelDescriptor:
    labels = model["labels"]
    if isinstance(labels, str):
        labels = (folder / labels).read_text(encoding="utf-8").split("\n")
        labels = labels[:-1] if labels[-1] == "" else labels
    return ModelDescriptor(
        name=model["name"],
        task=model["task"],
        architecture=model["architecture"],
        file=folder / model["file"],
        sha256=model["sha256"],
        bytes=model["bytes"],
        license_code=model["license_code"],
        license_weights=model["license_weights"],
        license_source=model["license_source"],
        source=model["source"],
        trained_on=model["trained_on"],
        labels=tuple(labels),
        input=MappingProxyType(dict(model["input"])),
        metrics=tuple(Metric(**metric) for metric in model["metrics"]),
        int8=_quantized(folder, model["int8"]) if "int8" in model else None,
    )


def _quantized(folder: Path, file: Mapping[str, Any]) -> QuantizedFile:
    return QuantizedFile(
        file=folder / file["file"],
        sha256=file["sha256"],
        bytes=file["bytes"],
        calibration=file["calibration"],
        metrics=tuple(Metric(**metric) for metric in file["metrics"]),
    )
