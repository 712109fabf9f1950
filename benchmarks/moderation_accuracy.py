"""How good the moderation labels are: a part of accuracy.py.

    python benchmarks/moderation_accuracy.py --shared ../shared

There is no set of explicit images, so of those only false alarms are counted. What the classifier tells is counted
on the few images of such things, too, and its false alarms on all others.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from drawings import drawings
from openrek.config import usable_cores
from openrek.rekognition.operations.images.moderation import render, taxonomy
from openrek.vision import EncodedFrame, Engine, Limits, RuntimeOptions, load_packs
from openrek.vision.architectures.nsfwjs import NsfwJs
from openrek.vision.architectures.open_nsfw import OpenNsfw
from openrek.vision.runtime.session_cache import SessionCache

Row = tuple[str, str, str]
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_DEFAULT = 50.0
_ALONE = ("explicit, NSFWJS alone", "explicit, Open NSFW alone", "Illustrated, NSFWJS alone")
# Not of its class, but looked at: a man in swimming trunks who holds up two fishes.
_LOOKED_AT = {"n01494475_hammerhead.jpg": "Male Swimwear or Underwear"}


def moderation(engine: Engine, sessions: SessionCache, data: Path) -> Iterator[Row]:
    """False alarms on harmless images, of each kind; what is reported for images of weapons, drinks, slot machines."""
    kinds, gate = NsfwJs(sessions["nsfw_mobilenet_v2"]), OpenNsfw(sessions["open_nsfw"])
    sets = {
        "COCO val2017 subset": sorted((data / "coco128_val2017" / "images").glob("*.jpg")),
        "ImageNet sample": sorted((data / "imagenet_1perclass").glob("n*")),
        "portraits with and without masks, groups": [
            *sorted((data / "face_mask").rglob("*.jpg")),
            *sorted((data / "faces_misc").glob("*.jpg")),
        ],
    }
    told = {label.name: label.seen for label in taxonomy().values() if label.seen}
    right: dict[str, list[bool]] = {name: [] for name in told}
    for name, files in sets.items():
        judged: list[tuple[bool, ...]] = []
        wrong = dict.fromkeys(told, 0)
        others = dict.fromkeys(told, 0)
        seconds = 0.0
        for file in files:
            image = _open(file)
            started = time.process_time()
            found = engine.analysis(image).moderation
            seconds += time.process_time() - started
            scores = kinds.classify(image.pixels())
            first = scores["porn"] + scores["hentai"]
            second = gate.classify(image.pixels())
            drawn = scores["drawing"] + scores["hentai"]
            bars = (found.explicit, found.suggestive, found.illustrated, first, second, drawn)
            judged.append(tuple(score >= 0.5 for score in bars))
            labels = {label["Name"] for label in render(found, _DEFAULT)}
            for label, seen in told.items():
                if _shows(file, label, seen):
                    right[label].append(label in labels)
                else:
                    others[label] += 1
                    wrong[label] += label in labels
        source = f"{name}, {len(files)} images"
        what = ("explicit", "suggestive", "Illustrated", *_ALONE)
        for kind, rate in zip(what, np.mean(judged, axis=0), strict=True):
            yield f"false alarms, {kind}", f"{rate:.3f}", source
        for label, count in wrong.items():
            yield f"false alarms, {label}", f"{count / others[label]:.3f}", f"{name}, {others[label]} images"
        yield "moderation, CPU time an image", f"{1000 * seconds / len(files):.0f} ms", source
    yield from _drawings(engine, kinds)
    for label, hits in right.items():
        if hits:
            yield f"detected, {label}", f"{sum(hits)} of {len(hits)}", "ImageNet sample, images of that"


def _drawings(engine: Engine, kinds: NsfwJs) -> Iterator[Row]:
    """Stars, heads and houses drawn here: of how many it is told that they are drawn."""
    pictures = list(drawings())
    served = sum(
        engine.analysis(EncodedFrame.open(picture, _ANY_SIZE)).moderation.illustrated >= 0.5 for picture in pictures
    )
    alone = 0
    for picture in pictures:
        scores = kinds.classify(EncodedFrame.open(picture, _ANY_SIZE).pixels())
        alone += scores["drawing"] + scores["hentai"] >= 0.5
    source = "drawn by benchmarks/drawings.py in plain colours with outlines, JPEG"
    yield "detected, Illustrated", f"{served} of {len(pictures)}", source
    yield "detected, Illustrated, NSFWJS alone", f"{alone} of {len(pictures)}", source


def _shows(file: Path, label: str, seen: tuple[str, ...]) -> bool:
    """Whether an image of ImageNet, as "n04090263_rifle.jpg", is of that."""
    named = file.stem.partition("_")[2].replace("_", " ")
    return named in {name.lower() for name in seen} or _LOOKED_AT.get(file.name) == label


def _open(path: Path) -> EncodedFrame:
    return EncodedFrame.open(path.read_bytes(), _ANY_SIZE)


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    data = parser.parse_args().shared / "data"
    packs = load_packs()
    with Engine(packs, RuntimeOptions(usable_cores())) as engine:
        for row in moderation(engine, SessionCache(packs), data):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
