"""What the scene heads are trained on: images with labels by eye, some with panoptic masks.

The folders lie in data/breadth of the shared data; its SOURCES.txt names origin and terms of each.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.efficientnet_lite import SIDE

SHORT = 256
CELLS = 7
_MOST, _NONE = 0.5, 0.02
"""A cell shows a class that covers more than the first part of it, and does not show one that covers less than the
second."""

Floats = NDArray[np.float64]
Features = Callable[[Path], Floats]
"""(7, 7, channels) of an image's file."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """An image to train on."""

    source: str
    features: Floats
    """(cells, channels)"""
    labels: frozenset[str] | None
    """What is there; None where nobody judged the image."""
    not_judged: frozenset[str] = frozenset()
    coverage: Floats | None = None
    """(cells, dense labels): of each cell the share that a class covers; None of an image without masks."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """scene_labels.toml."""

    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """That of a file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    @property
    def labels(self) -> list[str]:
        """Of the global head."""
        return list(self.content["labels"])

    @property
    def dense(self) -> list[str]:
        """Labels of the dense head."""
        return list(self.content["dense"])

    def dense_column(self, label: str) -> int:
        """Which column of the dense head joins the score of a label; -1 for none."""
        name = self.content["dense_of"].get(label, label)
        return self.dense.index(name) if name in self.dense else -1

    def with_outdoors(self, labels: frozenset[str]) -> frozenset[str]:
        """These labels, and Outdoors where one of them says so."""
        return labels | {"Outdoors"} if labels & set(self.content["outdoors"]) else labels

    def weight(self, source: str) -> float:
        """How much an image of a folder counts."""
        return float(self.content["weights"].get(source, 1.0))


def training_scenes(data: Path, vocabulary: Vocabulary, features: Features) -> list[Scene]:
    """Every image to train on, in a fixed order."""
    return [
        *coco_scenes(
            data / "coco128_train2017", sorted((data / "coco128_train2017/images").glob("*.jpg")), vocabulary, features
        ),
        *_photos(data / "photos_by_eye", vocabulary, features),
        *_garments(data / "clothing/train", vocabulary, features),
    ]


def coco_scenes(folder: Path, files: list[Path], vocabulary: Vocabulary, features: Features) -> Iterator[Scene]:
    """Images of COCO with masks, with labels by eye, or with both."""
    judged = json.loads((folder / "by_eye.json").read_text(encoding="utf-8"))
    panoptic = json.loads((folder / "panoptic.json").read_text(encoding="utf-8"))
    numbers = {category["name"]: category["id"] for category in panoptic["categories"]}
    names = {image["id"]: image["file_name"] for image in panoptic["images"]}
    masks = {names[each["image_id"]]: each for each in panoptic["annotations"]}
    for file in files:
        labels, mask = judged.get(file.name), masks.get(file.name)
        if labels is None and mask is None:
            continue
        scene = Scene("coco", features(file), None if labels is None else frozenset(labels))
        if mask is not None:
            classes = _classes(folder / "panoptic" / mask["file_name"], mask["segments_info"])
            kinds = [[numbers[name] for name in group] for group in vocabulary.content["dense"].values()]
            scene = replace(scene, coverage=_coverage(classes, kinds))
        yield scene


def _photos(folder: Path, vocabulary: Vocabulary, features: Features) -> Iterator[Scene]:
    judged = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    for name in sorted(judged):
        source = name.split("/")[0]
        labels = vocabulary.with_outdoors(frozenset(judged[name]["labels"]))
        hidden = frozenset(judged[name]["not_judged"])
        yield Scene(source, features(folder / name), labels, hidden, weight=vocabulary.weight(source))


def _garments(folder: Path, vocabulary: Vocabulary, features: Features) -> Iterator[Scene]:
    table = vocabulary.content["garments"]
    for kind in sorted(folder.iterdir()):
        for file in sorted(kind.glob("*.jpg"))[: table["each"]]:
            hidden = frozenset(table["not_judged"])
            yield Scene("clothing", features(file), frozenset(), hidden, weight=vocabulary.weight("clothing"))


def _classes(path: Path, segments: list[dict[str, Any]]) -> NDArray[np.int16]:
    """(H, W): COCO's number of the class of each pixel; 0 of none."""
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    parts = image.astype(np.int64)
    identifiers = parts[..., 2] + 256 * parts[..., 1] + 65536 * parts[..., 0]
    found = np.zeros(identifiers.shape, np.int16)
    for segment in segments:
        found[identifiers == segment["id"]] = segment["category_id"]
    return found


def _coverage(classes: NDArray[np.int16], kinds: list[list[int]]) -> Floats:
    """(cells, kinds): of the part of an image that the classifier sees, cut as it cuts it."""
    height, width = classes.shape
    scale = SHORT / min(height, width)
    size = max(SHORT, round(width * scale)), max(SHORT, round(height * scale))
    resized = np.asarray(cv2.resize(classes, size, interpolation=cv2.INTER_NEAREST))
    top, left = (size[1] - SIDE) // 2, (size[0] - SIDE) // 2
    crop, step = resized[top : top + SIDE, left : left + SIDE], SIDE // CELLS
    shares = [np.isin(crop, kind).reshape(CELLS, step, CELLS, step).mean(axis=(1, 3)).reshape(-1) for kind in kinds]
    return np.stack(shares, axis=1)


def cell_targets(coverage: Floats) -> tuple[Floats, Floats]:
    """Targets and weights, of the shape of coverage: cells neither mostly of a class nor free of it do not count."""
    positive = coverage > _MOST
    return positive.astype(np.float64), (positive | (coverage < _NONE)).astype(np.float64)
