"""Trains pooled_heads.npz: a hard hat on a head, a handgun in an image, from EfficientNet-lite0's pooled features.

    python packs/default/build/train_pooled_heads.py --data ../shared/data      writes pooled_heads.npz beside this file

Needs openrek, SciPy, the pack's other models, and the images of data/breadth, whose SOURCES.txt has their terms.
Nothing of the images is in the result but the weights. build_pack.py copies the file into the pack. The same images
give the same bytes.
"""

import argparse
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Engine, Frame, Limits, RuntimeOptions, load_packs
from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.architectures.protocols import Observation
from openrek.vision.faces.head_crops import head_square, square
from openrek_pack_build.heads import fit_penalised

HERE = Path(__file__).resolve().parent
LABELS = ("hard_hat", "handgun")
STRENGTHS = {"hard_hat": 1e-2, "handgun": 3e-2}
"""Inverse strength of the penalty; by cross-validation over the collections that the images come from."""
HARD_HAT, NO_HARD_HAT = 0, 2
FOLDS = 5
_EVERYDAY = -1
"""Fold of what is always trained on."""
_HEAD_TIMES = 1.3
_MIN_SIDE = 16

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sources:
    """The images, and what looks at them."""

    breadth: Path
    engine: Engine
    classifier: EfficientNetLite

    def heads(self) -> Iterator[tuple[Floats, bool, int]]:
        """Features of each labelled head of the construction sites, whether it wears a hard hat, and its fold.

        Images of one collection, whose names begin alike, are in one fold.
        """
        for file in sorted((self.breadth / "construction/images").glob("*.jpg")):
            labels = self.breadth / "construction/labels" / f"{file.stem}.txt"
            if not labels.is_file():
                continue
            fold = zlib.crc32(re.sub(r"[-_ ]?\d+.*$", "", file.name).encode()) % FOLDS
            pixels = _opened(file).pixels()
            height, width = pixels.shape[:2]
            for line in labels.read_text().splitlines():
                kind, across, down, wide, high = (float(value) for value in line.split()[:5])
                side = max(wide * width, high * height)
                if kind in (HARD_HAT, NO_HARD_HAT) and side >= _MIN_SIDE:
                    side *= _HEAD_TIMES
                    crop = square(pixels, across * width, down * height - side / 2, side)
                    if crop is not None:
                        yield _pooled(self.classifier.observe_whole(crop)), kind == HARD_HAT, fold

    def everyday_heads(self) -> Iterator[Floats]:
        """Features of the heads of every face in images of anything else."""
        for folder in ("coco128_train2017/images", "handguns"):
            for file in sorted((self.breadth / folder).glob("*.jpg")):
                image = _opened(file)
                pixels, faces = image.pixels(), self.engine.analysis(image).faces
                scale = np.float32(pixels.shape[1] / image.width)
                for box in faces.xyxy * scale:
                    crop = head_square(pixels, box)
                    if crop is not None and min(box[2:] - box[:2]) >= _MIN_SIDE:
                        yield _pooled(self.classifier.observe_whole(crop))

    def handguns(self) -> Iterator[tuple[Floats, bool, int]]:
        """Features of whole images, whether they show a handgun, and their fold."""
        garments = sorted((self.breadth / "clothing/train").rglob("*.jpg"))
        others = [
            *sorted((self.breadth / "photos_by_eye").rglob("*.jpg")),
            *sorted((self.breadth / "coco128_train2017/images").glob("*.jpg")),
            *sorted((self.breadth / "construction/images").glob("*.jpg"))[::2],
            *garments[::6],
        ]
        for seen, files in ((True, sorted((self.breadth / "handguns").glob("*.jpg"))), (False, others)):
            for index, file in enumerate(files):
                features = _pooled(self.classifier.observe(_opened(file).pixels()))
                yield features, seen, index * FOLDS // len(files)


def _opened(file: Path) -> Frame:
    return EncodedFrame.open(file.read_bytes(), Limits(max_bytes=1 << 30, min_side=0))


def _pooled(observed: Observation) -> Floats:
    if observed.features is None:
        raise LookupError("the pack's EfficientNet-lite0 returns no features; rebuild it")
    return np.asarray(observed.features.mean(axis=(0, 1)), np.float64)


def _left_out(features: Floats, seen: NDArray[np.bool_], folds: NDArray[np.intp], strength: float) -> str:
    """Precision and recall at .8 of the folds, each by a head that was trained on the others."""
    reached = np.zeros(len(seen), np.bool_)
    for fold in range(FOLDS):
        rest = folds != fold
        head = fit_penalised(features[rest], seen[rest].astype(np.float64), strength)
        reached[~rest] = features[~rest] @ head[:-1] + head[-1] >= np.log(0.8 / 0.2)
    judged = folds != _EVERYDAY
    right, all_reached = int((reached & seen).sum()), int((reached & judged).sum())
    return f"left out, from .8: {right} of {all_reached} right, {right} of {seen.sum()} found"


def main() -> None:
    """Trains and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds breadth/")
    parser.add_argument("--output", type=Path, default=HERE / "pooled_heads.npz")
    parser.add_argument("--check", action="store_true", help="print figures of folds that were left out, write nothing")
    arguments = parser.parse_args()
    with Engine(load_packs(), RuntimeOptions(2)) as engine:
        classifier = EfficientNetLite(engine.sessions["efficientnet_lite0"])
        sources = Sources(arguments.data / "breadth", engine, classifier)
        heads, guns, everyday = list(sources.heads()), list(sources.handguns()), list(sources.everyday_heads())
    sets = {
        "hard_hat": [*heads, *((features, False, _EVERYDAY) for features in everyday)],
        "handgun": guns,
    }
    weights, offsets = [], []
    for name in LABELS:
        features, seen, folds = (np.array(part) for part in zip(*sets[name], strict=True))
        found = fit_penalised(features, seen.astype(np.float64), STRENGTHS[name])
        weights.append(found[:-1])
        offsets.append(found[-1])
        print(f"{name}: {int(seen.sum())} with, {int((~seen).sum())} without", flush=True)
        if arguments.check:
            print(_left_out(features, seen, folds, STRENGTHS[name]), flush=True)
    if arguments.check:
        return
    np.savez(
        arguments.output,
        weights=np.stack(weights, axis=1).astype(np.float16),
        offsets=np.array(offsets, np.float32),
    )


if __name__ == "__main__":
    main()
