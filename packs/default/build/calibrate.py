"""Measures the ranges that networks are quantized by: int8_ranges.npz.

    python packs/default/build/calibrate.py --data ../shared/data      writes int8_ranges.npz beside this file

Needs openrek and the pack's models in floats, and public images: the 128 of COCO's train2017 and 337 photos of
data/breadth, of which each network sees those that CALIBRATIONS names, chosen with a seed. Nothing of the images is in
the result but the lowest and highest value that each channel of each layer had. build_pack.py quantizes by it.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Limits, ModelDescriptor, load_packs
from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.architectures.nanodet import NanoDet
from openrek.vision.runtime.session import Array, OnnxSession, Session
from openrek_pack_build.int8 import RANGES
from openrek_pack_build.ranges import load_ranges, observe, save_ranges
from openrek_pack_build.simplify import simplify

SEED = 0
IMAGES = 96
"""For each network."""
_FOLDERS = ("breadth/coco128_train2017/images", "breadth/photos_by_eye")
# Faces as sure and as large as this are cut out, and so many times as high as they are.
_SURE, _MIN_FACE, _CLOSE = 0.5, 40, (1.3, 2.0, 3.0)
_SUFFIXES = {".jpg", ".jpeg", ".png"}

Pixels = NDArray[np.uint8]
Feed = Callable[[Session, Pixels], object]

CALIBRATIONS: Mapping[str, Feed] = {
    "centerface": lambda session, pixels: CenterFace(session).detect(pixels, 0.5),
    "nanodet": lambda session, pixels: NanoDet(session).detect(pixels, 0.5),
}
"""How each network is fed, by the model's name."""


class _FedError(Exception):
    """Ends a run once its input is known."""


@dataclass
class _Inputs(Session):
    """Takes the input that a model is given, and runs nothing."""

    descriptor: ModelDescriptor
    tensor: Array | None = None

    def run(self, inputs: Sequence[Array]) -> Mapping[str, Array]:
        """See Session.run."""
        (self.tensor,) = inputs
        raise _FedError


def main() -> None:
    """Writes the ranges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="*", choices=sorted(CALIBRATIONS), help="networks; the others' ranges stay")
    arguments = parser.parse_args()
    data = arguments.data
    models = {model.name: model for pack in load_packs() for model in pack.models}
    images = list(_images(data, _FOLDERS))
    workers = _images(data, ("breadth/construction/images",))
    faces = list(_close_ups(CenterFace(OnnxSession(models["centerface"])), [*images, *workers]))
    ranges = {}
    for name in arguments.only or CALIBRATIONS:
        model, feed = simplify(onnx.load(models[name].file)), CALIBRATIONS[name]
        shown = [*images, *faces] if name == "centerface" else images
        ranges[name] = observe(model, (_input(feed, models[name], pixels) for pixels in shown))
        print(f"{name}: {len(ranges[name])} values of {len(shown)} images", flush=True)
    others = {name: load_ranges(RANGES, name) for name in CALIBRATIONS if name not in ranges}
    save_ranges(RANGES, {name: (ranges | others)[name] for name in CALIBRATIONS})


def _images(data: Path, folders: Sequence[str]) -> Iterator[Pixels]:
    chance = np.random.default_rng(SEED)
    for folder in folders:
        files = sorted(file for file in (data / folder).rglob("*") if file.suffix.lower() in _SUFFIXES)
        for place in sorted(chance.permutation(len(files))[: IMAGES // len(folders)].tolist()):
            yield EncodedFrame.open(files[place].read_bytes(), Limits(max_bytes=1 << 30, min_side=0)).pixels()


def _close_ups(finder: CenterFace, images: Sequence[Pixels]) -> Iterator[Pixels]:
    """Faces as portraits show them: of the largest one of each image, so many times its size, around it.

    Values far from any that the images as a whole bring about occur where a face fills the image.
    """
    for pixels in images:
        boxes, _, _ = finder.detect(pixels, _SURE)
        if not len(boxes):
            continue
        left, top, right, bottom = max(boxes.tolist(), key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
        if right - left < _MIN_FACE:
            continue
        for times in _CLOSE:
            half = times * (bottom - top) / 2
            x, y = (left + right) / 2, (top + bottom) / 2
            rows, columns = (slice(max(0, int(middle - half)), int(middle + half)) for middle in (y, x))
            yield np.ascontiguousarray(pixels[rows, columns])


def _input(feed: Feed, model: ModelDescriptor, pixels: Pixels) -> NDArray[np.float32]:
    session = _Inputs(model)
    try:
        feed(session, pixels)
    except _FedError:
        assert session.tensor is not None
        return session.tensor
    raise AssertionError(f"{model.name} was not run")


if __name__ == "__main__":
    main()
