"""How often nudity is reported where there is none, and how steadily: a part of accuracy.py.

    python benchmarks/nudity_accuracy.py --shared ../shared

Every image of the shared folder counts; none of them shows nudity. Those with the highest scores are saved anew, in
five ways, to see how much their confidences move.
"""

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from openrek.config import usable_cores
from openrek.vision import EncodedFrame, Engine, Limits, Moderation, RuntimeOptions, load_packs

Row = tuple[str, str, str]
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_DEFAULT = 0.5
_STEADINESS_OF = 50
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_SETS = {
    "COCO val2017 subset": "coco128_val2017/images",
    "COCO train2017 subset": "breadth/coco128_train2017/images",
    "ImageNet sample": "imagenet_1perclass",
    "portraits with and without masks": "face_mask",
    "portraits and groups": "faces_misc",
    "LFW, gray": "lfw_gray_pairs",
    "clothing": "breadth/clothing",
    "construction sites": "breadth/construction/images",
    "handguns": "breadth/handguns",
    "photos and wallpapers": "breadth/photos_by_eye",
    "ICDAR 2015 sample": "icdar2015_test",
    "rendered Vietnamese lines": "vietnamese_render",
}


def nudity(engine: Engine, data: Path) -> Iterator[Row]:
    """Rows of the page."""
    scores: dict[Path, float] = {}
    alarms: list[Path] = []
    for name, folder in _SETS.items():
        files = sorted(file for file in (data / folder).rglob("*") if file.suffix.lower() in _SUFFIXES)
        found = {file: _judged(engine, file.read_bytes()) for file in files}
        scores |= {file: max(judged.explicit, judged.suggestive) for file, judged in found.items()}
        explicit, suggestive = (
            sum(getattr(judged, kind) >= _DEFAULT for judged in found.values()) for kind in ("explicit", "suggestive")
        )
        alarms += [file for file in files if scores[file] >= _DEFAULT]
        yield (
            "nudity reported where there is none",
            f"{explicit} explicit, {suggestive} suggestive",
            f"{name}, {len(files)} images",
        )
    rate = f"{len(alarms)} of {len(scores)}, {len(alarms) / len(scores):.5f}"
    yield "nudity reported where there is none, in all", rate, ", ".join(sorted(file.name for file in alarms)) or "none"
    yield from _steadiness(engine, sorted(scores, key=lambda file: -scores[file])[:_STEADINESS_OF])


def _steadiness(engine: Engine, files: list[Path]) -> Iterator[Row]:
    ranges, changed = [], 0
    for file in files:
        judged = [_judged(engine, image) for image in (file.read_bytes(), *_saved_anew(file))]
        scores = np.array([(one.explicit, one.suggestive) for one in judged])
        ranges.append(float((scores.max(axis=0) - scores.min(axis=0)).max()))
        bars = scores >= _DEFAULT
        changed += int((bars != bars[0]).any())
    value = f"by {np.mean(ranges):.2f} on average, {np.max(ranges):.2f} at most; other labels in {changed}"
    source = f"the {len(files)} images with the highest scores, as JPEG of quality 95, 75, 50, as PNG, and at 90 % size"
    yield "confidence of nudity moves when an image is saved anew", value, source


def _saved_anew(file: Path) -> Iterator[bytes]:
    with Image.open(file) as opened:
        image = opened.convert("RGB")
    smaller = image.resize((round(image.width * 0.9), round(image.height * 0.9)), Image.Resampling.LANCZOS)
    for pixels, kind, quality in (
        (image, "JPEG", 95),
        (image, "JPEG", 75),
        (image, "JPEG", 50),
        (image, "PNG", 0),
        (smaller, "JPEG", 90),
    ):
        buffer = io.BytesIO()
        pixels.save(buffer, kind, **({"quality": quality} if quality else {}))
        yield buffer.getvalue()


def _judged(engine: Engine, image: bytes) -> Moderation:
    return engine.analysis(EncodedFrame.open(image, _ANY_SIZE)).moderation


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    data = parser.parse_args().shared / "data"
    with Engine(load_packs(), RuntimeOptions(usable_cores())) as engine:
        for row in nudity(engine, data):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
