"""Mean average precision of objects on indoor images that no detector of the pack was trained on.

    git clone https://github.com/Cartucho/mAP; python benchmarks/indoor_accuracy.py mAP/input

The folder holds `images-optional` and `ground-truth`: a text file an image, with a line `class left top right bottom`
a box. Boxes of classes that COCO does not have are left out.
"""

import argparse
import contextlib
import io
from pathlib import Path
from typing import Any

from openrek.rekognition.render.taxonomy import label_of
from openrek.vision import EncodedFrame, Engine, Limits, RuntimeOptions, load_packs

_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_NAMES = {
    "diningtable": "Dining Table",
    "pottedplant": "Potted Plant",
    "remote": "Remote Control",
    "sofa": "Couch",
    "tvmonitor": "TV",
}


def main() -> None:
    """Prints the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds images-optional/ and ground-truth/")
    folder = parser.parse_args().folder
    files = sorted((folder / "images-optional").glob("*.jpg"))
    with Engine(load_packs(), RuntimeOptions(2)) as engine:
        names = [label_of(name) for name in engine.object_names]
        truth, found = _truth(files, folder / "ground-truth", names), _found(engine, files)
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": number} for number in range(len(files))],
            "categories": [{"id": number + 1, "name": name} for number, name in enumerate(names)],
            "annotations": truth,
        }
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    print(f"mAP {evaluation.stats[0]:.3f}, mAP50 {evaluation.stats[1]:.3f}; {len(files)} images, {len(truth)} boxes")


def _truth(files: list[Path], folder: Path, names: list[str]) -> list[dict[str, Any]]:
    boxes: list[dict[str, Any]] = []
    for number, file in enumerate(files):
        for line in (folder / f"{file.stem}.txt").read_text().splitlines():
            word, *sides = line.split()
            name = _NAMES.get(word, word.title())
            if name in names:
                left, top, right, bottom = map(float, sides[:4])
                size = right - left, bottom - top
                boxes.append(
                    {
                        "id": len(boxes) + 1,
                        "image_id": number,
                        "category_id": names.index(name) + 1,
                        "bbox": [left, top, *size],
                        "area": size[0] * size[1],
                        "iscrowd": 0,
                    }
                )
    return boxes


def _found(engine: Engine, files: list[Path]) -> list[dict[str, Any]]:
    boxes = []
    for number, file in enumerate(files):
        objects = engine.analysis(EncodedFrame.open(file.read_bytes(), _ANY_SIZE)).objects
        parts = objects.xyxy.tolist(), objects.confidence.tolist(), objects.class_id.tolist()
        for (left, top, right, bottom), confidence, kind in zip(*parts, strict=True):
            boxes.append(
                {
                    "image_id": number,
                    "category_id": kind + 1,
                    "bbox": [left, top, right - left, bottom - top],
                    "score": confidence,
                }
            )
    return boxes


if __name__ == "__main__":
    main()
