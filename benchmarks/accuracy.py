"""How good the default pack is, as served by the engine.

    python benchmarks/accuracy.py --shared ../shared [--only objects,labels,faces,attributes,comparing,text,moderation]
        [--write FILE]

Prints a Markdown table: figure, value, data set and size; beside each fused or gated figure that of the models alone.
`--write docs/accuracy.md` puts it into the page. Nothing of the data is copied.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import face_accuracy
import label_accuracy
import moderation_accuracy
import text_accuracy
from openrek.vision import Engine, Image, Limits, load_packs
from openrek.vision.architectures.blazeface import BlazeFace
from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.pool import InferencePool
from openrek.vision.sessions import Sessions

Row = tuple[str, str, str]
ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_PAGE = """# Accuracy

What the default pack reaches, as the engine serves it, and beside it what its models reach alone. Written by

```sh
python benchmarks/accuracy.py --shared ../shared --write docs/accuracy.md
```

The pictures are public research data that may not be passed on, so they are not part of this repository: a subset of
COCO val2017 and its boxes, one picture each of 250 ImageNet classes, Labeled Faces in the Wild (gray), portraits with
and without face masks, ICDAR 2015 scene text, and Vietnamese phrases rendered with noise. They are small sets; a
figure may move by some hundredths on others. ImageNet pictures and COCO's may have been among those the models were
trained on. There is no set of explicit pictures, so of explicit and suggestive ones only false alarms are counted. What
faces wear and grow is judged by probes that were trained on the same portraits, labelled by eye: their figures are
cross-validated, divided by person.

"""


def open_image(path: Path) -> Image:
    """A picture of the data, whatever its size."""
    return Image.open(path.read_bytes(), ANY_SIZE)


class Models:
    """The served engine, and its models one by one."""

    def __init__(self) -> None:
        from openrek.config import usable_cores

        packs = load_packs()
        self.workers = usable_cores()
        self.engine = Engine(packs, workers=self.workers, queue=1000)
        self.sessions = Sessions(packs, InferencePool(1, 1))


def objects(models: Models, data: Path) -> Iterator[Row]:
    """COCO's mean average precision."""
    return label_accuracy.objects(models.engine, models.sessions, data)


def labels(models: Models, data: Path) -> Iterator[Row]:
    """Labels of the whole picture, scenes, and what confidences mean."""
    return label_accuracy.labels(models.engine, data)


def faces(models: Models, data: Path) -> Iterator[Row]:
    """Share of portraits in which a face is found."""
    alone: dict[str, CenterFace | BlazeFace] = {
        "CenterFace": CenterFace(models.sessions["centerface"]),
        "BlazeFace": BlazeFace(models.sessions["blazeface_back"]),
    }
    sets = {
        "LFW crops, gray": sorted((data / "lfw_gray_pairs").glob("*.jpg"))[:400],
        "photos with face masks": sorted((data / "face_mask" / "with_mask").iterdir()),
        "photos without face masks": sorted((data / "face_mask" / "without_mask").iterdir()),
    }
    for name, files in sets.items():
        images = [open_image(file) for file in files]
        served = sum(len(models.engine.faces(image)) > 0 for image in images)
        yield f"faces found, {name}", f"{served / len(files):.3f}", f"{len(files)} pictures"
        for model, finder in alone.items():
            single = sum(len(finder.detect(image.pixels(), 0.5)[0]) > 0 for image in images)
            yield f"faces found, {name}, {model} alone", f"{single / len(files):.3f}", f"{len(files)} pictures"
    nobody = face_accuracy.without_people(data / "coco128_val2017")
    seen = sum(len(models.engine.faces(open_image(file))) > 0 for file in nobody)
    source = f"COCO val2017 subset, {len(nobody)} pictures without people"
    yield "pictures without people in which a face is seen", f"{seen / len(nobody):.3f}", source


def attributes(models: Models, data: Path) -> Iterator[Row]:
    """What is said of faces."""
    return face_accuracy.attributes(models.engine, models.sessions, data)


def comparing(models: Models, data: Path) -> Iterator[Row]:
    """Whether two pictures show one person."""
    return face_accuracy.comparing(models.engine, data)


def text(models: Models, data: Path) -> Iterator[Row]:
    """How much of what is written is read right."""
    yield from text_accuracy.vietnamese(models.engine, data)
    yield from text_accuracy.scenes(models.engine, models.sessions, data, models.workers)


def moderation(models: Models, data: Path) -> Iterator[Row]:
    """False alarms on harmless pictures; what is told of the few of weapons, drinks and the like."""
    return moderation_accuracy.moderation(models.engine, models.sessions, data)


PARTS: dict[str, Callable[[Models, Path], Iterator[Row]]] = {
    "objects": objects,
    "labels": labels,
    "faces": faces,
    "attributes": attributes,
    "comparing": comparing,
    "text": text,
    "moderation": moderation,
}


def main() -> None:
    """Prints the table, and writes the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--write", type=Path, help="the page to write the table into")
    arguments = parser.parse_args()
    models = Models()
    lines = []
    for line in _table(models, arguments.only.split(","), arguments.shared / "data"):
        print(line, flush=True)
        lines.append(line)
    models.engine.close()
    if arguments.write is not None:
        arguments.write.write_text(_PAGE + "\n".join(lines) + "\n", encoding="utf-8")


def _table(models: Models, parts: list[str], data: Path) -> Iterator[str]:
    yield "| figure | value | data |"
    yield "|---|---|---|"
    for part in parts:
        for row in PARTS[part](models, data):
            yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    main()
