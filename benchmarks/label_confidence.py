"""Whether the confidence of labels means what it says: parts of label_accuracy.py.

Expected calibration error (Guo et al. 2017, https://arxiv.org/abs/1706.04599) in ten bins of equal width. Every figure
but those "as served" is of confidences whose curve was fitted anew to the other half of the images; the curves that
are served are fitted to all. Of the evidence for a label of the whole image see
openrek.rekognition.render.label_evidence.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.operations.images.labels import render
from openrek.rekognition.render.label_evidence import gather
from openrek.rekognition.render.scenes import rules
from openrek.rekognition.render.taxonomy import entry, label_of
from openrek.vision import EncodedFrame, Engine, Frame, Labels, Limits
from openrek.vision.boxes import iou
from openrek.vision.calibration import Curve, logit, of_boxes, of_tags

Row = tuple[str, str, str]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Said = tuple[tuple[float, ...], bool, int]
"""Evidence, whether it is right, place of the image."""
COUNTED = "People"
"""Label that the rules of scenes conclude from a count of persons, which nobody judged."""
_BINS = 10
_NEWTON_STEPS = 50
_JUDGED = Path(__file__).with_name("coco_judged.toml")
# Tags below this were not judged.
_MIN_SHARE = 0.1
_DEFAULT = 0.55
_EVERYDAY = 1.7
"""How often a tag of COCO's images counts for one of ImageNet's when curves are fitted."""
_CLASSIFIER = "efficientnet_lite0"
_COCO, _IMAGENET = "coco", "imagenet"
_SETS = {
    _COCO: "COCO val2017 subset, 128 images, judged by eye",
    _IMAGENET: "ImageNet sample, 250 images",
}
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """What was said, and whether it is right."""

    evidence: Floats
    """(N, terms): what the curve's slopes are of."""
    right: Bools
    """(N,)"""
    picture: NDArray[np.intp]
    """(N,): place of the image."""
    weight: Floats
    """(N,): how much a claim counts when a curve is fitted."""

    def take(self, chosen: Bools) -> "Claims":
        """Those chosen."""
        return Claims(self.evidence[chosen], self.right[chosen], self.picture[chosen], self.weight[chosen])


def claims(rows: Sequence[Said], weight: float = 1.0) -> Claims:
    """Of (evidence, right, image)."""
    evidence, right, picture = zip(*rows, strict=True)
    count = len(rows)
    return Claims(np.array(evidence), np.array(right), np.array(picture, np.intp), np.full(count, weight / count))


def joined(*parts: Claims) -> Claims:
    """All of them, as of images of their own."""
    start, pictures = 0, []
    for part in parts:
        pictures.append(part.picture + start)
        start += int(part.picture.max()) + 2 - int(part.picture.max()) % 2  # halves stay halves
    return Claims(
        np.concatenate([part.evidence for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate(pictures),
        np.concatenate([part.weight for part in parts]),
    )


def fit(said: Claims) -> Floats:
    """(terms + 1,): slopes and offset of greatest likelihood, by Newton's method in steps of at most 0.5."""
    design = _design(said.evidence)
    weight = said.weight / said.weight.mean()
    found = np.zeros(design.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-design @ found))
        slope = design.T @ (weight * (said.right - chance))
        bend = (design * (weight * chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(len(found))
        step = np.linalg.solve(bend, slope)
        found = found + step * min(1.0, 0.5 / float(np.abs(step).max() + 1e-12))
    return found


def confidences(said: Claims, curve: Floats) -> Floats:
    """(N,): by a curve."""
    return np.asarray(1 / (1 + np.exp(-_design(said.evidence) @ curve)))


def cross_fitted(said: Claims, fitted_to: Claims | None = None) -> Floats:
    """Confidences of the claims about one half of the images, by the curve fitted to the other half's.

    Args:
        said: The claims.
        fitted_to: Other claims about the same images, which the curve is fitted to.
    """
    confidence = np.zeros(len(said.right))
    source = said if fitted_to is None else fitted_to
    for half in (0, 1):
        mine = said.picture % 2 == half
        confidence[mine] = confidences(said.take(mine), fit(source.take(source.picture % 2 != half)))
    return confidence


def _design(evidence: Floats) -> Floats:
    return np.concatenate([evidence, np.ones((len(evidence), 1))], axis=1)


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
    """All claims about both sets of images."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self._engine = engine
        self._classes = next(model.labels for model in engine.models if model.name == _CLASSIFIER)
        self._named = frozenset(map(label_of, self._classes))
        self._box_curves = of_boxes(["nanodet", "ssdlite"])
        self._judged = tomllib.loads(_JUDGED.read_text(encoding="utf-8"))
        self._boxes: list[Said] = []
        self._present: list[Said] = []
        # By set.
        self._tags: dict[str, list[Said]] = {_COCO: [], _IMAGENET: []}
        self._ancestors: dict[str, list[Said]] = {_COCO: [], _IMAGENET: []}
        # How sure an ancestor is by boxes alone.
        self._by_boxes: dict[str, list[float]] = {_COCO: [], _IMAGENET: []}
        self._served: dict[str, list[tuple[float, bool]]] = {_COCO: [], _IMAGENET: []}
        self._surest: list[Said] = []
        self._scenes: list[tuple[float, bool]] = []
        self._read_coco(data / "coco128_val2017")
        self._read_imagenet(data / "imagenet_1perclass")

    def _read_coco(self, folder: Path) -> None:
        from pycocotools.coco import COCO

        truth: Any = COCO(str(folder / "instances.json"))
        categories = sorted(truth.getCatIds())
        names = self._engine.object_names
        for place, identifier in enumerate(sorted(truth.getImgIds())):
            file = truth.loadImgs(identifier)[0]["file_name"]
            image = _open(folder / "images" / file)
            found = self._engine.analysis(image).labels
            annotations = truth.imgToAnns[identifier]
            kinds = np.array([categories.index(each["category_id"]) for each in annotations], np.intp)
            sides = np.array([each["bbox"] for each in annotations], np.float64).reshape(-1, 4)
            boxes = np.concatenate([sides[:, :2], sides[:, :2] + sides[:, 2:]], axis=1)
            right = matched(found, boxes, kinds)
            scores = (found.objects.confidence, right)
            self._boxes += [
                ((_before(float(c), self._box_curves.box),), bool(r), place) for c, r in zip(*scores, strict=True)
            ]
            there = {names[kind] for kind in kinds}
            curve = self._box_curves.present
            self._present += [((_before(c, curve),), name in there, place) for name, c in found.present]
            picture = Path(file).stem
            good = {*map(label_of, there), *self._judged["tags"].get(picture, ())}
            self._say(_COCO, found, _with_ancestors(good), self._judged["ancestors"].get(picture, ()), place)
            self._say_scenes(found, image, picture)

    def _read_imagenet(self, folder: Path) -> None:
        files = sorted(folder.glob("n*"))
        step = len(self._classes) // len(files)
        for place, file in enumerate(files):
            # One image each of every fourth class: the files sort as the classes do.
            good = _with_ancestors([label_of(self._classes[place * step])])
            self._say(_IMAGENET, self._engine.analysis(_open(file)).labels, good, (), place)

    def _say(self, source: str, found: Labels, right: set[str], ancestors: Sequence[str], place: int) -> None:
        """Labels that the classifier has words for are tags, the others ancestors."""
        known = of_tags(_CLASSIFIER)
        energy = (found.curve.unseen.offset - known.offset) / known.energy
        above = right | _with_ancestors(ancestors)
        boxes: dict[str, float] = {}
        for word, confidence in found.present:
            for name in _with_ancestors([label_of(word)]):
                boxes[name] = max(boxes.get(name, 0.0), confidence)
        tags = []
        for name, each in gather(found).items():
            if each.share < _MIN_SHARE:
                continue
            evidence = float(logit(np.array(each.share))), energy, each.support
            served = found.curve.of(each.share, each.support)
            if name in self._named:
                tags.append((each.share, (evidence, name in right, place)))
                self._served[source].append((served, name in right))
            else:
                self._ancestors[source].append((evidence, name in above, place))
                self._by_boxes[source].append(boxes.get(name, 0.0))
        self._tags[source] += [said for _, said in tags]
        if source == _IMAGENET:
            self._surest.append(max(tags)[1])

    def _say_scenes(self, found: Labels, image: Frame, picture: str) -> None:
        names = {rule.scene for rule in rules()} - {COUNTED}
        for label in render(found, image, 0.0):
            if label["Name"] in names:
                right = picture in self._judged["scenes"].get(label["Name"], ())
                self._scenes.append((label["Confidence"] / 100, right))

    def tags(self) -> Claims:
        """Of both sets; COCO's count twice as much, being more like the images that people have."""
        return joined(claims(self._tags[_COCO], _EVERYDAY), claims(self._tags[_IMAGENET]))

    def rows(self) -> Iterator[Row]:
        """The figures."""
        coco = "COCO val2017 subset, 128 images, of the half that the curve was not fitted to"
        for name, said in (
            ("boxes, matched at IoU 0.5", claims(self._boxes)),
            ("labels with boxes, present or not", claims(self._present)),
        ):
            yield f"calibration error of {name}", _by_level(cross_fitted(said), said.right), coco
        tags = self.tags()
        by_boxes = np.array([*self._by_boxes[_COCO], *self._by_boxes[_IMAGENET]])
        for name, kind in (("tags", self._tags), ("ancestors of tags, boxes counted", self._ancestors)):
            said = joined(claims(kind[_COCO]), claims(kind[_IMAGENET]))
            confidence = cross_fitted(said, tags)
            if kind is self._ancestors:
                confidence = np.maximum(confidence, by_boxes)
            first = len(kind[_COCO])
            for source, part in ((_IMAGENET, slice(first, None)), (_COCO, slice(first))):
                what = f"{_SETS[source]}, with a share of 0.1, of the half that the curve was not fitted to"
                yield f"calibration error of {name}", _by_level(confidence[part], said.right[part]), what
        for source in (_IMAGENET, _COCO):
            scores, right = (np.array(each) for each in zip(*self._served[source], strict=True))
            returned = scores >= _DEFAULT
            good = (right & returned).sum()
            value = f"{good} of {returned.sum()} right, {good} of {right.sum()} found"
            yield "tags returned by default", value, f"{_SETS[source]}, with a share of 0.1"
        best = claims(self._surest)
        padded = joined(claims(self._tags[_COCO]), best)
        confidence = cross_fitted(padded, tags)[len(self._tags[_COCO]) :]
        yield "calibration error of the top tag", _by_level(confidence, best.right), _SETS[_IMAGENET]
        scores, right = (np.array(each) for each in zip(*self._scenes, strict=True))
        yield "calibration error of scenes, as served", _by_level(scores, right), _SETS[_COCO]

    def parameters(self) -> Iterator[str]:
        """Lines for calibration.toml."""
        for name, said in (("box", claims(self._boxes)), ("present", claims(self._present))):
            slope, offset = fit(said)
            yield f"{name} = {{ slope = {slope:.3f}, offset = {offset:.3f} }}"
        for name, value in zip(("share", "energy", "witness", "offset"), fit(self.tags()), strict=True):
            yield f"{name} = {value:.3f}"


def _with_ancestors(names: Iterable[str]) -> set[str]:
    return {each for name in names for each in (name, *entry(name).parents)}


def _before(confidence: float, curve: Curve) -> float:
    """The logit of a score before a curve that it went through."""
    return float((logit(np.array(confidence)) - curve.offset) / curve.slope)


def _by_level(confidence: Floats, right: Bools) -> str:
    """Of all, of those of at least 5 %, and of those that DetectLabels returns by default."""
    parts = []
    for least in (0.0, 0.05, _DEFAULT):
        chosen = confidence >= least
        error = calibration_error(confidence[chosen], right[chosen])
        parts.append(f"{error:.3f} of {chosen.sum()}" + (f" from {least:.0%}" if least else ""))
    return ", ".join(parts) + f"; of the last {right[confidence >= _DEFAULT].mean():.3f} are right"


def _open(path: Path) -> EncodedFrame:
    return EncodedFrame.open(path.read_bytes(), _ANY_SIZE)
