"""Whether what is said of faces is as sure as it says: a part of accuracy.py.

    python benchmarks/face_confidence.py --shared ../shared [--fit]

`--fit` prints the parameters of src/openrek/vision/calibration.toml, fitted anew to all images. The figures are of
one half of the images, by parameters fitted to the other; those "as served" are of images that nothing was fitted
to.
"""

import argparse
import csv
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from label_confidence import Bools, Claims, Floats, calibration_error, claims, cross_fitted, fit
from openrek.config import usable_cores
from openrek.vision import EncodedFrame, Engine, Limits, RuntimeOptions, load_packs
from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.architectures.face_expression import FaceExpression
from openrek.vision.calibration import logit, tempered
from openrek.vision.faces.attribute_results import EMOTIONS
from openrek.vision.runtime.session_cache import SessionCache

Row = tuple[str, str, str]
_JUDGED = Path(__file__).with_name("faces_judged.toml")
# Boxes below this were not judged.
_MIN = 0.4
# Pixels within which a box's middle is the one that was judged.
_NEAR = 3
_REPORTED = 0.5
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_LABELS: Mapping[str, str] = {
    "neutral": "neutral",
    "happiness": "happy",
    "sadness": "sad",
    "anger": "angry",
    "fear": "fearful",
    "disgust": "disgusted",
    "surprise": "surprised",
}
_TEMPERATURES = np.arange(0.5, 6, 0.05)


def face_claims(sessions: SessionCache, data: Path) -> Claims:
    """The boxes of CenterFace, and whether they show faces."""
    detector = CenterFace(sessions["centerface"])
    judged = tomllib.loads(_JUDGED.read_text(encoding="utf-8"))["no_face"]
    files = [
        *sorted((data / "coco128_val2017" / "images").glob("*.jpg")),
        *sorted((data / "imagenet_1perclass").glob("n*")),
        *sorted((data / "face_mask").rglob("*.*g")),
        *sorted((data / "faces_misc").glob("*.jpg")),
    ]
    rows = []
    for place, file in enumerate(files):
        boxes, scores, _ = detector.detect(_open(file).pixels(), _MIN)
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2
        for middle, score in zip(middles, scores, strict=True):
            wrong = any(np.abs(middle - other).max() <= _NEAR for other in judged.get(file.stem, ()))
            rows.append(((float(logit(score)),), not wrong, place))
    return claims(rows)


class Expressions:
    """What the network says of the faces whose emotions people have named."""

    def __init__(self, engine: Engine, sessions: SessionCache, data: Path) -> None:
        network = FaceExpression(sessions["face_expression"])
        folder = data / "lfw_gray_pairs"
        with (folder / "emotion_legend.csv").open(encoding="utf-8") as stream:
            labels = {row["image"]: row["emotion"].lower() for row in csv.DictReader(stream)}
        said, right = [], []
        confidences = []
        for file in sorted(folder.glob("*.jpg")):
            image = _open(file)
            face = engine.analysis(image).faces.largest(1)
            if not len(face):
                continue
            confidences.append(float(face.confidence[0]))
            if labels.get(file.name) in _LABELS:
                said.append(network.read(image.pixels(), face.xyxy[0]))
                right.append(EMOTIONS.index(_LABELS[labels[file.name]]))
        self.said, self.right = np.array(said, np.float32), np.array(right)
        self.smiles = claims(
            [
                ((float(logit(happy)),), bool(smiles), place)
                for place, (happy, smiles) in enumerate(
                    zip(self.said[:, EMOTIONS.index("happy")], self.right == EMOTIONS.index("happy"), strict=True)
                )
            ]
        )
        self.confidences = np.array(confidences)
        """Of the faces themselves, as served."""

    def tempered(self, temperature: float) -> Floats:
        """(N, emotions)"""
        return np.array([tempered(each, temperature) for each in self.said], np.float64)

    def temperature(self, chosen: Bools) -> float:
        """That which makes the people's words likeliest."""
        places = np.flatnonzero(chosen)
        likely = [np.log(self.tempered(each)[places, self.right[places]]).mean() for each in _TEMPERATURES]
        return float(_TEMPERATURES[int(np.argmax(likely))])

    def cross_tempered(self) -> Floats:
        """(N, emotions): of one half by the temperature of the other."""
        half = np.arange(len(self.right)) % 2 == 0
        one, other = (self.tempered(self.temperature(chosen)) for chosen in (half, ~half))
        return np.where(half[:, None], other, one)


def confidences(engine: Engine, sessions: SessionCache, data: Path) -> Iterator[Row]:
    """Calibration errors of faces, of the surest emotion, of smiles."""
    found = face_claims(sessions, data)
    scores = found.evidence[:, 0]
    reported = scores >= np.log(_REPORTED / (1 - _REPORTED))
    before = 1 / (1 + np.exp(-scores))
    images = int(found.picture.max()) + 1
    source = (
        f"{reported.sum()} faces found in {images} images of COCO, of ImageNet, of portraits with and without masks"
    )
    for name, said in (("", cross_fitted(found)), (", scores as they are", before)):
        yield f"calibration error of faces{name}", _error(said[reported], found.right[reported]), source
    expressions = Expressions(engine, sessions, data)
    count = len(expressions.confidences)
    shares = [float((expressions.confidences >= minimum).mean()) for minimum in (0.9, 0.99)]
    yield "faces at 90 or more, at 99", f"{shares[0]:.3f}, {shares[1]:.3f}", f"LFW, gray, {count} faces, as served"
    source = f"LFW, gray, {len(expressions.right)} faces, by people's words"
    for name, shown in (("", expressions.cross_tempered()), (", network as it is", expressions.tempered(1))):
        right = shown.argmax(axis=1) == expressions.right
        yield f"calibration error of the top emotion{name}", _error(shown.max(axis=1), right), source
    smiles = expressions.smiles
    for name, said in (("", cross_fitted(smiles)), (", network as it is", 1 / (1 + np.exp(-smiles.evidence[:, 0])))):
        right = (said >= 0.5) == smiles.right
        yield f"calibration error of Smile{name}", _error(np.maximum(said, 1 - said), right), source


def parameters(engine: Engine, sessions: SessionCache, data: Path) -> Iterator[str]:
    """Lines for calibration.toml."""
    expressions = Expressions(engine, sessions, data)
    for name, said in (("centerface", face_claims(sessions, data)), ("smile", expressions.smiles)):
        slope, offset = fit(said)
        yield f"{name} = {{ slope = {slope:.3f}, offset = {offset:.3f} }}"
    yield f"temperature = {expressions.temperature(np.ones(len(expressions.right), np.bool_)):.2f}"


def _error(confidence: Floats, right: Bools) -> str:
    error = calibration_error(confidence, right)
    return f"{error:.3f}; {confidence.mean():.3f} sure, {right.mean():.3f} right"


def _open(path: Path) -> EncodedFrame:
    return EncodedFrame.open(path.read_bytes(), _ANY_SIZE)


def main() -> None:
    """Prints the figures, or the parameters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--fit", action="store_true", help="print the parameters, fitted anew")
    arguments = parser.parse_args()
    packs = load_packs()
    with Engine(packs, RuntimeOptions(usable_cores())) as engine:
        sessions = SessionCache(packs)
        data = arguments.shared / "data"
        if arguments.fit:
            print("\n".join(parameters(engine, sessions, data)))
            return
        for row in confidences(engine, sessions, data):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
