"""What is found in large images and panoramas made of ordinary ones: a part of accuracy.py.

    python benchmarks/large_accuracy.py --shared ../shared

The truth is what is found in each of the ordinary images by itself, as it lies in the large one. "Whole" is the
image looked at once, shrunk as the models want it.
"""

import argparse
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from openrek.config import usable_cores
from openrek.vision import EncodedFrame, Engine, Frame, Limits, RuntimeOptions, load_packs
from openrek.vision.boxes import iou
from openrek.vision.faces.finder import FaceDetector
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.objects import ObjectDetector

Row = tuple[str, str, str]
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Finder = Callable[[Frame], tuple[Floats, NDArray[np.int32]]]
"""Boxes and classes of what is surely in an image."""
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_GREY = 114
_MOSAICS = ((3, (1920, 1440)), (4, (3840, 2880)))
_HEIGHT = 480
_WIDTHS = (1920, 3840, 6400, 9600)
_STRIPS = 2
# Objects that DetectLabels returns by default.
_MIN = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A large image, and where in it the ordinary ones lie: the image, left, top and times as large."""

    image: Frame
    parts: list[tuple[Frame, float, float, float]]


def large(engine: Engine, sessions: SessionCache, data: Path) -> Iterator[Row]:
    """Faces of mosaics and panoramas, objects of panoramas."""
    files = sorted((data / "coco128_val2017" / "images").glob("*.jpg"))
    images = [EncodedFrame.open(file.read_bytes(), _ANY_SIZE) for file in files]
    with_faces = [image for image in images if len(engine.analysis(image).faces)]
    pool = InferencePool(usable_cores())
    faces, objects = FaceDetector(sessions, pool), ObjectDetector(sessions, pool)

    def served_faces(image: Frame) -> tuple[Floats, NDArray[np.int32]]:
        boxes = engine.analysis(image).faces.xyxy
        return boxes, np.zeros(len(boxes), np.int32)

    def whole_faces(image: Frame) -> tuple[Floats, NDArray[np.int32]]:
        boxes = faces.find(image.pixels()).scaled(*_scale(image)).xyxy
        return boxes, np.zeros(len(boxes), np.int32)

    def served_objects(image: Frame) -> tuple[Floats, NDArray[np.int32]]:
        found = engine.analysis(image).objects
        return found.xyxy[found.confidence >= _MIN], found.class_id[found.confidence >= _MIN]

    def whole_objects(image: Frame) -> tuple[Floats, NDArray[np.int32]]:
        found = objects.find(image.pixels()).scaled(_scale(image), image.width, image.height)
        return found.xyxy[found.confidence >= _MIN], found.class_id[found.confidence >= _MIN]

    for along, size in _MOSAICS:
        count = along**2
        starts = range(0, len(with_faces) - count + 1, count)
        made = [_mosaic(with_faces[start : start + count], along, size) for start in starts]
        source = f"{len(made)} mosaics of {along} × {along} images of COCO with faces, {size[0]} × {size[1]}"
        yield from _rows("faces of large images", made, whole_faces, served_faces, source)
    for width in _WIDTHS:
        made = [_strip(images[40 * place :], width) for place in range(_STRIPS)]
        source = f"{len(made)} panoramas of images of COCO side by side, {width} × {_HEIGHT}"
        yield from _rows("objects of panoramas", made, whole_objects, served_objects, source)
        made = [_strip(with_faces[20 * place :], width) for place in range(_STRIPS)]
        source = f"{len(made)} panoramas of images of COCO with faces side by side, {width} × {_HEIGHT}"
        yield from _rows("faces of panoramas", made, whole_faces, served_faces, source)
    pool.close()


def _rows(figure: str, made: Sequence[Made], whole: Finder, served: Finder, source: str) -> Iterator[Row]:
    for name, find in (("whole", whole), ("in tiles", served)):
        right = wrong = of = 0
        seconds = 0.0
        for each in made:
            each.image.pixels()
            started = time.perf_counter()
            boxes, kinds = find(each.image)
            seconds += time.perf_counter() - started
            free = np.ones(len(boxes), np.bool_)
            for image, left, top, times in each.parts:
                alone, classes = served(image)
                of += len(alone)
                for box, kind in zip(alone * np.float32(times) + np.tile([left, top], 2), classes, strict=True):
                    overlap = iou(box.astype(np.float32), boxes) * (free & (kinds == kind))
                    if len(overlap) and overlap.max() >= 0.5:
                        free[overlap.argmax()] = False
                        right += 1
            wrong += int(free.sum())
        value = f"{right} of {of} found, {wrong} others, {1000 * seconds / len(made):.0f} ms"
        yield f"{figure}, {name}", value, source


def _mosaic(images: Sequence[Frame], along: int, size: tuple[int, int]) -> Made:
    cell = size[0] // along, size[1] // along
    canvas, parts = np.full((size[1], size[0], 3), _GREY, np.uint8), []
    for place, image in enumerate(images):
        times = min(cell[0] / image.width, cell[1] / image.height)
        left, top = place % along * cell[0], place // along * cell[1]
        _paste(canvas, image, left, top, times)
        parts.append((image, float(left), float(top), times))
    return Made(_encoded(canvas), parts)


def _strip(images: Sequence[Frame], width: int) -> Made:
    canvas, parts, left = np.full((_HEIGHT, width, 3), _GREY, np.uint8), [], 0
    for image in images:
        times = _HEIGHT / image.height
        if left + round(image.width * times) > width:
            break
        _paste(canvas, image, left, 0, times)
        parts.append((image, float(left), 0.0, times))
        left += round(image.width * times)
    return Made(_encoded(canvas), parts)


def _paste(canvas: Pixels, image: Frame, left: int, top: int, times: float) -> None:
    size = round(image.width * times), round(image.height * times)
    method = cv2.INTER_CUBIC if times > 1 else cv2.INTER_AREA
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(image.pixels(), size, interpolation=method)


def _encoded(canvas: Pixels) -> EncodedFrame:
    buffer = io.BytesIO()
    Pillow.fromarray(canvas).save(buffer, "JPEG", quality=92)
    return EncodedFrame.open(buffer.getvalue(), _ANY_SIZE)


def _scale(image: Frame) -> tuple[float, float]:
    pixels = image.pixels()
    return image.width / pixels.shape[1], image.height / pixels.shape[0]


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    data = parser.parse_args().shared / "data"
    packs = load_packs()
    with Engine(packs, RuntimeOptions(usable_cores())) as engine:
        for row in large(engine, SessionCache(packs), data):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
