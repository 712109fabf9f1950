"""How many labels an image gets, and how many of scenery and of faces are right: parts of label_accuracy.py."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from label_confidence import calibration_error
from openrek.rekognition.operations.images.labels import render
from openrek.rekognition.render.face_labels import NAMES
from openrek.rekognition.render.taxonomy import entry, label_of
from openrek.vision import EncodedFrame, Engine, Limits

Row = tuple[str, str, str]
_JUDGED = Path(__file__).with_name("breadth_judged.toml")
_DEFAULT = 55.0
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
SETS = {
    "COCO val2017 subset": ("coco128_val2017/images", "breadth/coco128_val2017_panoptic/by_eye.json"),
    "COCO train2017 subset, which the scene heads are trained on": ("breadth/coco128_train2017/images", None),
    "photos and wallpapers, which the scene heads are trained on": ("breadth/photos_by_eye", None),
}


@dataclass(slots=True)
class _Answers:
    """What DetectLabels returns for a set of images."""

    count: list[int] = field(default_factory=list)
    """Labels of each image, by default."""
    of_faces: set[tuple[str, str]] = field(default_factory=set)
    """(image, label) inferred from faces, by default."""
    confidences: dict[str, Mapping[str, float]] = field(default_factory=dict)
    """Of each image that of each label, 0 to 1."""


def breadth(engine: Engine, data: Path) -> Iterator[Row]:
    """Labels an image; of the labels from faces and of scenery, how many are right."""
    scenery = next((model.labels for model in engine.models if model.name == "scene_heads"), ())
    wrong = tomllib.loads(_JUDGED.read_text(encoding="utf-8"))["wrong_face_labels"]
    for name, (folder, by_eye) in SETS.items():
        files = sorted((data / folder).rglob("*.jpg"))
        answers = _answers(engine, files)
        source = f"{name}, {len(files)} images"
        yield "labels returned by default", f"{np.mean(answers.count):.2f} an image", source
        if answers.of_faces:
            right = sum(label not in wrong.get(image, ()) for image, label in answers.of_faces)
            value = f"{right} of {len(answers.of_faces)} right"
            yield "labels from faces returned by default", value, f"{source}, judged by eye"
        if by_eye is not None:
            yield from _scenery(answers, _truth(data / by_eye, data / folder), scenery, name)


def _truth(by_eye: Path, images: Path) -> dict[str, set[str]]:
    """By image: what was judged to be there and what COCO has boxes of, with ancestors; no image that is unclear."""
    boxes = json.loads((images.parent / "instances.json").read_text(encoding="utf-8"))
    kinds = {each["id"]: label_of(each["name"].title()) for each in boxes["categories"]}
    files = {each["id"]: Path(each["file_name"]).stem for each in boxes["images"]}
    boxed: dict[str, set[str]] = {}
    for each in boxes["annotations"]:
        boxed.setdefault(files[each["image_id"]], set()).add(kinds[each["category_id"]])
    judged = json.loads(by_eye.read_text(encoding="utf-8"))
    seen = {Path(file).stem: found for file, found in judged.items() if found is not None}
    there = {image: {*found, *boxed.get(image, ())} for image, found in seen.items()}
    return {
        image: {*names, *(above for each in names for above in entry(each).parents)} for image, names in there.items()
    }


def _answers(engine: Engine, files: list[Path]) -> _Answers:
    answers = _Answers()
    for file in files:
        image = EncodedFrame.open(file.read_bytes(), _ANY_SIZE)
        labels = render(engine.analysis(image).labels, image, 0.0)
        shown = [label["Name"] for label in labels if label["Confidence"] >= _DEFAULT]
        answers.count.append(len(shown))
        answers.confidences[file.stem] = {label["Name"]: label["Confidence"] / 100 for label in labels}
        answers.of_faces |= {(file.stem, label["Name"]) for label in labels if _is_of_face(label)}
    return answers


def _is_of_face(label: dict[str, Any]) -> bool:
    return label["Name"] in NAMES and label["Confidence"] >= _DEFAULT and bool(label["Instances"])


def _scenery(answers: _Answers, judged: Mapping[str, set[str]], labels: tuple[str, ...], name: str) -> Iterator[Row]:
    """As served: whatever a label is inferred from."""
    images = [image for image in sorted(answers.confidences) if image in judged]
    found = np.array([[answers.confidences[image].get(label, 0.0) for label in labels] for image in images])
    right = np.array([[label in judged[image] for label in labels] for image in images], np.bool_)
    source = f"{name}, {len(images)} images, {len(labels)} labels judged by eye or with boxes"
    returned = found >= _DEFAULT / 100
    good = int((returned & right).sum())
    value = f"{good} of {returned.sum()} right ({good / returned.sum():.3f}), {good} of {right.sum()} found"
    yield "scenery returned by default", value, source
    error = calibration_error(found[returned], right[returned])
    yield "calibration error of scenery, as served", f"{error:.3f} of {returned.sum()} from 55%", source
    precision = [_average_precision(found[:, column], right[:, column]) for column in range(len(labels))]
    yield "mean average precision of scenery", f"{np.mean(precision):.3f}", source
    for column, label in enumerate(labels):
        value = f"{(returned & right)[:, column].sum()} of {returned[:, column].sum()} right"
        yield f"{label} returned by default", f"{value}, {right[:, column].sum()} there", source


def _average_precision(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean of the precision at each image that has the label, by falling score."""
    ordered = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return float((precision * ordered).sum() / max(1, ordered.sum()))
