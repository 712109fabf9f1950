"""In how many images the first face run finds nobody, what the further runs find there, and whether a person is seen.

    python benchmarks/face_candidates.py --shared ../shared [--count 160]

The further runs cost several times the first one. They are left out where the object detectors do not see a person with
at least `openrek.vision.faces.turned._PERSON_MIN`, which was chosen from this table.
"""

import argparse
import io
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

from openrek.errors import RequestError
from openrek.vision import EncodedFrame, Engine, RuntimeOptions, load_packs
from openrek.vision.faces import turned

_SETS = ("face_mask", "faces_misc", "coco128_val2017", "breadth")
_TURNED = {"faces_misc": (0, 90, 180)}
_BARS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)


def images(data: Path, count: int) -> Iterator[bytes]:
    """At most `count` images of each set, chosen by a fixed seed; group photos also turned."""
    for name in _SETS:
        files = sorted(path for path in (data / name).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
        random.Random(1).shuffle(files)
        for path in files[:count]:
            with Image.open(path) as opened:
                image = ImageOps.exif_transpose(opened).convert("RGB")
            for degrees in _TURNED.get(name, (0,)):
                buffer = io.BytesIO()
                image.rotate(degrees, expand=True).save(buffer, "JPEG", quality=95)
                yield buffer.getvalue()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--count", type=int, default=160, help="images of each set")
    arguments = parser.parse_args()
    chosen, turned._PERSON_MIN = turned._PERSON_MIN, 0.0
    engine = Engine(load_packs(), RuntimeOptions(2))
    looked_at = 0
    found: list[tuple[bool, float]] = []
    for data in images(arguments.shared / "data", arguments.count):
        try:
            analysis = engine.analysis(EncodedFrame.open(data))
        except RequestError:  # smaller than allowed
            continue
        looked_at += 1
        first = analysis._models.faces._search._locator.confident(analysis._face_run().result())
        if not len(first[0]):
            found.append((len(analysis.faces) > 0, analysis._person_confidence()))
    engine.close()
    with_face = [person for has_face, person in found if has_face]
    without = [person for has_face, person in found if not has_face]
    print(f"{looked_at} images; no face in the first run: {len(found)}, one in the further runs: {len(with_face)}")
    print("| a person with at least | where a face is found later | where none is |")
    print("|---|---|---|")
    for bar in _BARS:
        mark = " (chosen)" if bar == chosen else ""
        above = [sum(person >= bar for person in each) for each in (with_face, without)]
        print(f"| {bar}{mark} | {above[0]} of {len(with_face)} | {above[1]} of {len(without)} |")


if __name__ == "__main__":
    main()
