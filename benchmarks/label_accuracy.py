"""How good the served labels are: parts of accuracy.py.

    python benchmarks/label_accuracy.py --shared ../shared [--fit]

`--fit` prints the curves of src/openrek/vision/calibration.toml, fitted anew to all images.
"""

import argparse
import contextlib
import io
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from breadth_accuracy import breadth
from label_confidence import COUNTED, Confidences
from openrek.rekognition.operations.images.labels import render
from openrek.rekognition.render.scenes import rules
from openrek.vision import Detections, EncodedFrame, Engine, Frame, Limits, RuntimeOptions, load_packs
from openrek.vision.architectures.nanodet import NanoDet
from openrek.vision.architectures.ssdlite import SsdLite
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.objects import ObjectDetector
from openrek.vision.tiles import DETAIL_SIDE

Row = tuple[str, str, str]
Pixels = NDArray[np.uint8]
_MIN = 0.05
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_COCO = "coco128_val2017"
_IMAGENET = "imagenet_1perclass"
_DEFAULT = 55.0
# Images along a side of a mosaic, and its size.
_MOSAICS = ((3, (1920, 1440)), (4, (2560, 1920)))
_GREY = 114


def objects(engine: Engine, sessions: SessionCache, data: Path) -> Iterator[Row]:
    """COCO's mean average precision: of all images, of both halves, of the models alone; of large images."""
    folder = data / _COCO
    truth = _truth(folder)
    nanodet, ssdlite = NanoDet(sessions["nanodet"]), SsdLite(sessions["ssdlite"])
    finders: dict[str, Callable[[Frame], Detections]] = {
        "objects, fused": (served := lambda image: engine.analysis(image).objects),
        "objects, NanoDet alone": lambda image: nanodet.detect(image.pixels(), _MIN),
        "objects, SSDLite alone": lambda image: ssdlite.detect(image.pixels(), _MIN),
    }
    pictures = sorted(truth.getImgIds())
    source = f"COCO val2017 subset, {len(pictures)} images, {len(truth.anns)} boxes"
    for name, find in finders.items():
        found = {each: find(_open(folder / "images" / truth.loadImgs(each)[0]["file_name"])) for each in pictures}
        yield name, _average_precision(truth, found, pictures), source
        if find is served:
            for half, count in enumerate(("first", "second")):
                chosen = pictures[half::2]
                yield (
                    f"{name}, {count} half",
                    _average_precision(truth, found, chosen),
                    f"{len(chosen)} of these images",
                )
    yield from tiled(sessions, truth, folder / "images")


def _truth(folder: Path) -> Any:
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(folder / "instances.json"))


def _average_precision(truth: Any, found: dict[int, Detections], pictures: Sequence[int]) -> str:
    from pycocotools.cocoeval import COCOeval

    categories = sorted(truth.getCatIds())
    rows = []
    for identifier, detections in found.items():
        parts = detections.xyxy.tolist(), detections.confidence.tolist(), detections.class_id.tolist()
        for (left, top, right, bottom), score, kind in zip(*parts, strict=True):
            rows.append(
                {
                    "image_id": identifier,
                    "category_id": categories[kind],
                    "bbox": [left, top, right - left, bottom - top],
                    "score": score,
                }
            )
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(rows), "bbox")
        evaluation.params.imgIds = list(pictures)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return f"mAP {evaluation.stats[0]:.3f}, mAP50 {evaluation.stats[1]:.3f}"


def tiled(sessions: SessionCache, truth: Any, folder: Path) -> Iterator[Row]:
    """Large images made of many, looked at as a whole and in tiles; and each image enlarged."""
    pool = InferencePool(2)
    finder = ObjectDetector(sessions, pool)
    pictures = sorted(truth.getImgIds())
    for along, size in (*_MOSAICS, (1, (2400, 1800))):
        groups = [pictures[start : start + along**2] for start in range(0, len(pictures) - along**2 + 1, along**2)]
        made = _mosaics(truth, folder, groups, size)
        what = f"mosaics of {along} × {along} images of COCO" if along > 1 else "images of COCO enlarged"
        source = f"{len(groups)} {what}, {size[0]} × {size[1]}"
        for name, in_tiles in (("whole", False), ("and in tiles", True)):
            found, seconds = {}, 0.0
            for place, group in enumerate(groups):
                canvas, _ = _mosaic(truth, folder, group, size)
                pixels, detail = _decoded(canvas, 960), _decoded(canvas, DETAIL_SIDE)
                started = time.perf_counter()
                objects_found = finder.find(pixels, detail if in_tiles else None)
                seconds += time.perf_counter() - started
                scale = size[0] / pixels.shape[1], size[1] / pixels.shape[0]
                found[place] = objects_found.scaled(scale, *size)
            value = f"{_average_precision(made, found, range(len(groups)))}, {1000 * seconds / len(groups):.0f} ms"
            yield f"objects of large images, {name}", value, source
    pool.close()


def _mosaic(truth: Any, folder: Path, group: Sequence[int], size: tuple[int, int]) -> tuple[Pixels, list[Any]]:
    """Images side by side on grey, and their boxes."""
    along = round(len(group) ** 0.5)
    cell = size[0] // along, size[1] // along
    canvas = np.full((size[1], size[0], 3), _GREY, np.uint8)
    boxes = []
    for place, identifier in enumerate(group):
        pixels = _open(folder / truth.loadImgs(identifier)[0]["file_name"]).pixels()
        scale = min(cell[0] / pixels.shape[1], cell[1] / pixels.shape[0])
        width, height = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
        left, top = place % along * cell[0], place // along * cell[1]
        method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        canvas[top : top + height, left : left + width] = cv2.resize(pixels, (width, height), interpolation=method)
        for each in truth.imgToAnns[identifier]:
            x, y, wide, high = (value * scale for value in each["bbox"])
            boxes.append((each["category_id"], [x + left, y + top, wide, high]))
    return canvas, boxes


def _mosaics(truth: Any, folder: Path, groups: Sequence[Sequence[int]], size: tuple[int, int]) -> Any:
    """The mosaics' boxes, as COCO has them."""
    from pycocotools.coco import COCO

    made = COCO()
    listed = [(place, *box) for place, group in enumerate(groups) for box in _mosaic(truth, folder, group, size)[1]]
    made.dataset = {
        "images": [{"id": place, "width": size[0], "height": size[1]} for place in range(len(groups))],
        "categories": truth.dataset["categories"],
        "annotations": [
            {
                "id": number,
                "image_id": place,
                "category_id": category,
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": 0,
            }
            for number, (place, category, box) in enumerate(listed, 1)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        made.createIndex()
    return made


def _decoded(canvas: Pixels, side: int) -> Pixels:
    """As Image.pixels would give it."""
    longest = max(canvas.shape)
    scale = next((scale for scale in (8, 4, 2) if longest // scale >= side), 1)
    size = canvas.shape[1] // scale, canvas.shape[0] // scale
    return np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)


def labels(engine: Engine, data: Path) -> Iterator[Row]:
    """ImageNet's top-1 and top-5; scenes; what confidences mean."""
    files = sorted((data / _IMAGENET).glob("n*"))
    classes = next(model.labels for model in engine.models if model.name == "efficientnet_lite0")
    one = five = 0
    for place, file in enumerate(files):
        # The files sort as the classes do, and are one each of every so manieth.
        name = classes[place * (len(classes) // len(files))]
        tags = [tag for tag, _ in engine.analysis(_open(file)).labels.shares[:5]]
        one += tags[0] == name
        five += name in tags
    source = f"ImageNet sample, {len(files)} images of as many classes"
    yield "whole-image labels", f"top-1 {one / len(files):.3f}, top-5 {five / len(files):.3f}", source
    yield from scenes(engine, data / _COCO / "images")
    with contextlib.redirect_stdout(io.StringIO()):
        confidences = Confidences(engine, data)
    yield from confidences.rows()
    yield from breadth(engine, data)


def scenes(engine: Engine, folder: Path) -> Iterator[Row]:
    """Of the scenes returned by default, how many a person sees; of those that a person sees, how many are returned."""
    judged = tomllib.loads(Path(__file__).with_name("coco_judged.toml").read_text(encoding="utf-8"))["scenes"]
    truth = {(name, picture) for name, pictures in judged.items() for picture in pictures}
    names = {rule.scene for rule in rules()} - {COUNTED}
    returned = set()
    files = sorted(folder.glob("*.jpg"))
    for file in files:
        image = _open(file)
        found = {label["Name"] for label in render(engine.analysis(image).labels, image, _DEFAULT)}
        returned |= {(name, file.stem) for name in found & names}
    right = len(returned & truth)
    value = f"{right} of {len(returned)} right, {right} of {len(truth)} found"
    yield "scenes returned by default", value, f"COCO val2017 subset, {len(files)} images, judged by eye"
    for name, picture in sorted(returned - truth):
        yield "scene returned by default, wrong", name, picture


def _open(path: Path) -> EncodedFrame:
    return EncodedFrame.open(path.read_bytes(), _ANY_SIZE)


def main() -> None:
    """Prints the figures, or the curves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--fit", action="store_true", help="print the curves, fitted anew")
    arguments = parser.parse_args()
    data = arguments.shared / "data"
    packs = load_packs()
    with Engine(packs, RuntimeOptions(2)) as engine:
        if arguments.fit:
            with contextlib.redirect_stdout(io.StringIO()):
                confidences = Confidences(engine, data)
            print("\n".join(confidences.parameters()))
            return
        sessions = SessionCache(packs)
        for row in (*objects(engine, sessions, data), *labels(engine, data)):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
