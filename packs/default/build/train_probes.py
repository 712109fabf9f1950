"""Trains face_probes.npz: attributes of a face from faceres' features and the mesh's ratios.

    python packs/default/build/train_probes.py --data ../shared/data        writes face_probes.npz beside this file

Needs openrek and the pack's other models, and the public pictures that face_labels.toml names: Labeled Faces in the
Wild as cut out by muxspace/facial_expressions (1,088 gray pictures) and chandrikadeb7/Face-Mask-Detection (300 in
colour). Nothing of the pictures is in the result but the weights. build_pack.py copies the file into the pack.
"""

import argparse
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Limits, load_packs
from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.architectures.faceres import FaceRes
from openrek.vision.architectures.linear_probes import INPUTS
from openrek.vision.faces.finder import FaceDetector
from openrek.vision.faces.mesh_ratios import eye_ratio, mouth_ratio
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek_pack_build.probes import Probe, fit_probe

HERE = Path(__file__).resolve().parent
LABELS = HERE / "face_labels.toml"
PROBES = HERE / "face_probes.npz"
SHARES = {
    "eyeglasses": 0.1,
    "sunglasses": 0.1,
    "beard": 0.1,
    "mustache": 0.1,
    "occluded": 0.1,
    "eyes_open": 0.9,
    "mouth_open": 0.5,
}
"""How many of the faces that will be judged have the attribute, assumed; in the order of the file's rows, which is that
of the model's labels in models.toml."""
FOLDERS = ("lfw_gray_pairs", "face_mask/without_mask", "face_mask/with_mask")
# One ratio stands beside 1,024 features: trusted as one of them it would not be heard.
_EYE_GAIN = 8.0
# Where it stands alone, the ridge should hardly bend it.
_MOUTH_GAIN = 100.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """The largest face of a picture, as the probes are given it."""

    folder: str
    name: str
    inputs: Floats
    """(1026,)"""

    @property
    def group(self) -> int:
        """Whom it shows, where file names say so; else which picture it is."""
        person = self.name.rsplit("_", 1)[0] if self.folder == FOLDERS[0] else self.name
        return zlib.crc32(f"{self.folder}/{person}".encode())


def faces(data: Path) -> Iterator[Face]:
    """One for each picture in which a face is found; of colour pictures one more, in gray.

    Most pictures have no colour, and colour must not tell from which folder one is.
    """
    pool = InferencePool(1)
    sessions = SessionCache(load_packs())
    finder, mesh, faceres = FaceDetector(sessions, pool), FaceMesh(sessions["facemesh"]), FaceRes(sessions["faceres"])
    for folder in FOLDERS:
        for file in sorted((data / folder).iterdir()):
            if file.suffix not in {".jpg", ".jpeg", ".png"}:
                continue
            pixels = EncodedFrame.open(file.read_bytes(), Limits(max_bytes=1 << 30, min_side=0)).pixels()
            found = finder.find(pixels).largest(1)
            gray = np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
            for shown in (pixels,) if np.array_equal(pixels, gray) else (pixels, gray):
                for box, landmarks in zip(found.xyxy, found.landmarks, strict=True):
                    points, _ = mesh.lay(shown, box, landmarks)
                    ratios = eye_ratio(points), mouth_ratio(points)
                    features = faceres.judge(shown, box).features
                    yield Face(folder, file.name, np.append(features, ratios).astype(np.float64))
    pool.close()


def judged(labels: dict[str, Any], name: str, known: list[Face]) -> dict[tuple[str, str], bool]:
    """Whether the attribute is to be seen, by folder and picture, where that was judged and is certain."""
    if name == "mouth_open":
        kinds = labels["mouth_ratio"]
        return {(FOLDERS[0], file): kind == "open" for kind in ("open", "closed") for file in kinds[kind]}
    answers = {}
    for face in known:
        label = labels[face.folder].get("eyes_closed" if name == "eyes_open" else name)
        if label is not None and face.name not in label["unsure"]:
            seen = label["seen"] == ["*"] or face.name in label["seen"]
            answers[face.folder, face.name] = seen != (name == "eyes_open")
    return answers


def train(known: list[Face]) -> Iterator[Probe]:
    """A probe for each attribute; prints how good it is."""
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    print("| attribute | AUC | found | false | faces with | without |\n|---|---|---|---|---|---|")
    for name, share in SHARES.items():
        gain = np.ones(INPUTS)
        gain[-2:] = _EYE_GAIN * (name == "eyes_open"), 0
        if name == "mouth_open":
            gain = np.append(np.zeros(INPUTS - 1), _MOUTH_GAIN)
        answers = judged(labels, name, known)
        used = [face for face in known if (face.folder, face.name) in answers]
        seen = np.array([answers[face.folder, face.name] for face in used])
        group = np.array([face.group for face in used])
        probe = fit_probe(np.array([face.inputs for face in used]), seen, group, gain, share)
        figures = f"{probe.auc:.4f} | {probe.found:.3f} | {probe.false:.3f}"
        print(f"| {name} | {figures} | {sum(answers.values())} | {len(answers) - sum(answers.values())} |", flush=True)
        yield probe


def main() -> None:
    """Trains and writes; the same pictures give the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the pictures' folders")
    parser.add_argument("--output", type=Path, default=PROBES)
    arguments = parser.parse_args()
    probes = list(train(list(faces(arguments.data))))
    np.savez(
        arguments.output,
        weights=np.array([probe.weights for probe in probes], np.float16),
        offsets=np.array([probe.offset for probe in probes], np.float32),
    )


if __name__ == "__main__":
    main()
