"""Whether the confidence of labels means what it says: parts of label_accuracy.py.

Expected calibration error (Guo et al. 2017, https://arxiv.org/abs/1706.04599) in ten bins of equal width. Every figure
but those "as served" is of confidences whose curve was fitted anew to the other half of the pictures; the curves that
are served are fitted to all.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.taxonomy import entry
from openrek.vision import Engine, Image, Labels, Limits
from openrek.vision.boxes import iou
from openrek.vision.calibration import Curve, logit, of_boxes

Row = tuple[str, str, str]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_BINS = 10
_NEWTON_STEPS = 50
_JUDGED = Path(__file__).with_name("coco_judged.toml")
# Tags below this were not judged.
_LEAST_SHARE = 0.1
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """What was said, and whether it is right."""

    logits: Floats
    """(N,): of the scores before the curve."""
    right: Bools
    """(N,)"""
    picture: NDArray[np.intp]
    """(N,): place of the picture."""

    def take(self, chosen: Bools) -> "Claims":
        """Those chosen."""
        return Claims(self.logits[chosen], self.right[chosen], self.picture[chosen])


def claims(rows: Sequence[tuple[float, bool, int]]) -> Claims:
    """Of (score, right, picture)."""
    scores, right, picture = (np.array(column) for column in zip(*rows, strict=True))
    return Claims(logit(scores), right.astype(np.bool_), picture.astype(np.intp))


def joined(*parts: Claims) -> Claims:
    """All of them, as of pictures of their own."""
    start, pictures = 0, []
    for part in parts:
        pictures.append(part.picture + start)
        start += int(part.picture.max()) + 2 - int(part.picture.max()) % 2  # halves stay halves
    return Claims(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate(pictures),
    )


def fit(said: Claims) -> Curve:
    """The curve of greatest likelihood, by Newton's method in steps of at most 0.5."""
    design = np.stack([said.logits, np.ones(len(said.logits))], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-design @ found))
        slope = design.T @ (said.right - chance)
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found = found + step * min(1.0, 0.5 / float(np.abs(step).max() + 1e-12))
    return Curve(float(found[0]), float(found[1]))


def cross_fitted(said: Claims) -> Floats:
    """Confidences of the claims about one half of the pictures, by the curve fitted to the other."""
    confidence = np.zeros(len(said.logits))
    for half in (0, 1):
        mine = said.picture % 2 == half
        curve = fit(said.take(~mine))
        confidence[mine] = 1 / (1 + np.exp(-(curve.slope * said.logits[mine] + curve.offset)))
    return confidence


def calibration_error(confidence: Floats, right: Bools, bins: int = _BINS) -> float:
    """0 to 1."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for each in range(bins):
        there = place == each
        if there.any():
            error += there.sum() * abs(float(confidence[there].mean()) - float(right[there].mean()))
    return error / len(confidence)


def matched(found: Labels, boxes: Floats, kinds: NDArray[np.intp]) -> Bools:
    """(N,): whether each box, surest first, overlaps one of the truth of its class by half that no surer one took."""
    free = np.ones(len(boxes), np.bool_)
    right = np.zeros(len(found.objects), np.bool_)
    for place, (box, kind) in enumerate(zip(found.objects.xyxy, found.objects.class_id, strict=True)):
        candidates = np.flatnonzero(free & (kinds == kind))
        if len(candidates):
            overlaps = iou(box, boxes[candidates].astype(np.float32))
            if overlaps.max() >= 0.5:
                free[candidates[overlaps.argmax()]] = False
                right[place] = True
    return right


class Confidences:
    """All claims about both sets of pictures, as served."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self._engine = engine
        self._classes = next(model.labels for model in engine.models if model.name == "efficientnet_lite0")
        self.curves = of_boxes(["nanodet", "ssdlite"])
        self._boxes: list[tuple[float, bool, int]] = []
        self._present: list[tuple[float, bool, int]] = []
        self._ancestors: list[tuple[float, bool, int]] = []
        self._surest: list[tuple[float, bool, int]] = []
        # By whether several things were found: where the classifier's word counts less.
        self._tags: dict[tuple[str, bool], list[tuple[float, bool, int]]] = {}
        self._read_coco(data / "coco128_val2017")
        self._read_imagenet(data / "imagenet_1perclass")

    def _read_coco(self, folder: Path) -> None:
        from pycocotools.coco import COCO

        truth: Any = COCO(str(folder / "instances.json"))
        judged = tomllib.loads(_JUDGED.read_text(encoding="utf-8"))["tags"]
        categories = sorted(truth.getCatIds())
        names = self._engine.object_names
        for place, identifier in enumerate(sorted(truth.getImgIds())):
            name = truth.loadImgs(identifier)[0]["file_name"]
            found = self._engine.labels(_open(folder / "images" / name))
            annotations = truth.imgToAnns[identifier]
            kinds = np.array([categories.index(each["category_id"]) for each in annotations], np.intp)
            sides = np.array([each["bbox"] for each in annotations], np.float64).reshape(-1, 4)
            boxes = np.concatenate([sides[:, :2], sides[:, :2] + sides[:, 2:]], axis=1)
            right = matched(found, boxes, kinds)
            self._boxes += [(float(c), bool(r), place) for c, r in zip(found.objects.confidence, right, strict=True)]
            there = {names[kind] for kind in kinds}
            self._present += [(confidence, name in there, place) for name, confidence in found.present]
            good = judged.get(Path(name).stem, [])
            self._say("coco", found, [(share, tag in good) for tag, share in found.shares], place)

    def _read_imagenet(self, folder: Path) -> None:
        files = sorted(folder.glob("n*"))
        step = len(self._classes) // len(files)
        for place, file in enumerate(files):
            # One picture each of every fourth class: the files sort as the classes do.
            name = self._classes[place * step]
            found = self._engine.labels(_open(file))
            self._say("imagenet", found, [(share, tag == name) for tag, share in found.shares], place)
            tag, confidence = found.tags[0]
            self._surest.append((confidence, tag == name, place))
            sums: dict[str, float] = {}
            for tag, share in found.shares:
                for parent in entry(tag).parents:
                    sums[parent] = sums.get(parent, 0.0) + share
            above = set(entry(name).parents)
            self._ancestors += [(found.belief.of(share), each in above, place) for each, share in sums.items()]

    def _say(self, source: str, found: Labels, tags: list[tuple[float, bool]], place: int) -> None:
        several = int((found.objects.confidence >= 0.5).sum()) >= 2
        rows = self._tags.setdefault((source, several), [])
        rows += [(share, right, place) for share, right in tags if share >= _LEAST_SHARE]

    def tags(self, several: bool) -> Claims:
        """Of both sets."""
        return joined(*(claims(self._tags[source, several]) for source in ("coco", "imagenet")))

    def boxes(self) -> Claims:
        """Scores before the curve."""
        return _before(claims(self._boxes), self.curves.box)

    def present(self) -> Claims:
        """Confidences of the surest boxes, before the curve."""
        return _before(claims(self._present), self.curves.present)

    def rows(self) -> Iterator[Row]:
        """The figures."""
        coco = "COCO val2017 subset, 128 pictures, of the half that the curve was not fitted to"
        present = self.present()
        for name, said in (
            ("boxes, matched at IoU 0.5", self.boxes()),
            ("labels with boxes, present or not", present),
        ):
            yield f"calibration error of {name}", _by_level(cross_fitted(said), said.right), coco
        both = "both halves"
        parts: dict[str, list[tuple[Floats, Bools]]] = {"coco": [], "imagenet": []}
        for several in (False, True):
            said = self.tags(several)
            confidence = cross_fitted(said)
            first = len(self._tags["coco", several])
            parts["coco"].append((confidence[:first], said.right[:first]))
            parts["imagenet"].append((confidence[first:], said.right[first:]))
        for source, name in (
            ("imagenet", "ImageNet sample, 250 pictures, tags with a share of 0.1"),
            ("coco", "COCO val2017 subset, 128 pictures, tags with a share of 0.1 judged by eye"),
        ):
            confidence, right = (np.concatenate(each) for each in zip(*parts[source], strict=True))
            yield "calibration error of tags", _by_level(confidence, right), f"{name}, {both}"
        parts["coco"].append((cross_fitted(present), present.right))
        confidence, right = (np.concatenate(each) for each in zip(*parts["coco"], strict=True))
        source = "COCO val2017 subset, 128 pictures, labels with boxes and tags with a share of 0.1, both halves"
        yield "calibration error of all labels", _by_level(confidence, right), source
        for name, rows in (("the surest tag", self._surest), ("ancestors of tags", self._ancestors)):
            scores = np.array([score for score, _, _ in rows])
            right = np.array([good for _, good, _ in rows])
            yield f"calibration error of {name}, as served", _by_level(scores, right), "ImageNet sample, 250 pictures"

    def parameters(self) -> Iterator[str]:
        """Lines for calibration.toml."""
        for name, curve in (
            ("box", fit(self.boxes())),
            ("present", fit(self.present())),
            ("alone", fit(self.tags(False))),
            ("among", fit(self.tags(True))),
        ):
            yield f"{name} = {{ slope = {curve.slope:.3f}, offset = {curve.offset:.3f} }}"


def _before(said: Claims, curve: Curve) -> Claims:
    """The claims' scores before a curve that they went through."""
    return Claims((said.logits - curve.offset) / curve.slope, said.right, said.picture)


def _by_level(confidence: Floats, right: Bools) -> str:
    """Of all, of those of at least 5 %, and of those that DetectLabels returns by default."""
    parts = []
    for least in (0.0, 0.05, 0.55):
        chosen = confidence >= least
        error = calibration_error(confidence[chosen], right[chosen])
        parts.append(f"{error:.3f} of {chosen.sum()}" + (f" from {least:.0%}" if least else ""))
    return ", ".join(parts) + f"; of the last {right[confidence >= 0.55].mean():.3f} are right"


def _open(path: Path) -> Image:
    return Image.open(path.read_bytes(), _ANY_SIZE)
