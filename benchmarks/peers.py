"""What other recognisers find in an image: a process of another Python environment, asked by accuracy.py.

    peers/bin/python -I benchmarks/peers.py --vietnamese FOLDER --threads 2

docs/accuracy.md says how such an environment is made. Nothing of openrek is imported, and nothing is scored: answers
are raw, so that all are scored by the same functions. The first line that is written tells the versions of what is
installed. Then each line that is read asks a peer about an image, and the line written for it answers:

    {"peer": "opencv", "image": "<the file, base64>"}     {"faces": 1}

Each peer answers with what it gives: `faces`, their number; `vector`, the largest face's, or null; `lines`, the text
as read, and `seconds`, the time from decoded pixels to text. `error` stands for all of these if a peer fails.
"""

import argparse
import base64
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module, metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.uint8]
Answer = dict[str, Any]
Peer = Callable[[Pixels], Answer]
Opener = Callable[[argparse.Namespace], Peer]
PACKAGES = ("dlib-bin", "face-recognition", "opencv-python-headless", "rapidocr", "tesserocr", "onnxruntime")
_SMALL = 300
"""Images with a shorter side are enlarged twice for the neural finder: it was trained for faces of 80 pixels."""


def hog(_: argparse.Namespace) -> Peer:
    """face_recognition's finder, as it is by default."""
    import face_recognition

    return lambda pixels: {"faces": len(face_recognition.face_locations(pixels))}


def neural(_: argparse.Namespace) -> Peer:
    """face_recognition's neural finder, the better one and by far the slower."""
    import face_recognition

    def find(pixels: Pixels) -> Answer:
        enlarged = int(min(pixels.shape[:2]) < _SMALL)
        return {"faces": len(face_recognition.face_locations(pixels, enlarged, "cnn"))}

    return find


def cascade(file: str) -> Opener:
    """A cascade of OpenCV 4's wheel, with OpenCV's defaults."""

    def open_cascade(_: argparse.Namespace) -> Peer:
        # By name: the types of OpenCV 5, which has no cascades, know nothing of them.
        cv2: Any = import_module("cv2")
        finder = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / file))
        return lambda pixels: {"faces": len(finder.detectMultiScale(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)))}

    return open_cascade


def embedding(_: argparse.Namespace) -> Peer:
    """face_recognition's 128 numbers of the largest face that its default finder finds."""
    import face_recognition

    def embed(pixels: Pixels) -> Answer:
        boxes = face_recognition.face_locations(pixels)
        if not boxes:
            return {"vector": None}
        # Boxes are top, right, bottom, left.
        largest = max(boxes, key=lambda box: (box[2] - box[0]) * (box[1] - box[3]))
        return {"vector": face_recognition.face_encodings(pixels, [largest])[0].tolist()}

    return embed


def rapidocr(arguments: argparse.Namespace) -> Peer:
    """RapidOCR with its defaults but for the number of threads."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as openrek itself does, which is not installed here
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": arguments.threads for kind in ("intra", "inter")}
    reader = RapidOCR(params={"Global.log_level": "error", **threads})
    # It takes arrays for BGR.
    return lambda pixels: _read(lambda: reader(np.ascontiguousarray(pixels[..., ::-1])).txts or ())


def tesseract(language: str, mode: str) -> Opener:
    """Tesseract reads a whole image, in one of its ways to look at a page."""

    def open_tesseract(arguments: argparse.Namespace) -> Peer:
        # Read by OpenMP when the library loads.
        os.environ["OMP_THREAD_LIMIT"] = str(arguments.threads)
        import tesserocr

        mode_of_page = getattr(tesserocr.PSM, mode)
        reader = tesserocr.PyTessBaseAPI(path=str(arguments.languages), lang=language, psm=mode_of_page)

        def read(pixels: Pixels) -> Answer:
            reader.SetImage(Image.fromarray(pixels))
            return _read(lambda: reader.GetUTF8Text().splitlines())

        return read

    return open_tesseract


def _read(reading: Callable[[], Iterable[str]]) -> Answer:
    started = time.perf_counter()
    lines = [line for line in reading() if line.strip()]
    return {"lines": lines, "seconds": time.perf_counter() - started}


OPENERS: Mapping[str, Opener] = {
    "hog": hog,
    "neural": neural,
    "cascade": cascade("haarcascade_frontalface_default.xml"),
    "cascade_alt2": cascade("haarcascade_frontalface_alt2.xml"),
    "embedding": embedding,
    "rapidocr": rapidocr,
    "tesseract_eng": tesseract("eng", "SPARSE_TEXT"),
    "tesseract_vie": tesseract("vie", "SINGLE_BLOCK"),
    "tesseract_vie_sparse": tesseract("vie", "SPARSE_TEXT_OSD"),
}


def versions() -> dict[str, str]:
    """The version of each package that is installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def serve(questions: Iterable[str], answers: TextIO, open_peer: Callable[[str], Peer]) -> None:
    """Answers line by line. A peer is opened when it is first asked."""
    peers: dict[str, Peer] = {}
    for line in questions:
        question = json.loads(line)
        name = question["peer"]
        try:
            if name not in peers:
                peers[name] = open_peer(name)
            answer = peers[name](decode(base64.b64decode(question["picture"])))
        except Exception as error:  # whatever a library raises: told to whoever asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        except SystemExit as error:  # face_recognition ends the process where its models are missing
            answer = {"error": f"ended: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def decode(image: bytes) -> Pixels:
    """(H, W, 3) RGB of an encoded image, upright."""
    with Image.open(io.BytesIO(image)) as opened:
        return np.array(ImageOps.exif_transpose(opened).convert("RGB"))


def gather(folder: Path, vietnamese: Path) -> Path:
    """Links what Tesseract reads into one folder: it finds orientations only beside the language."""
    installed = (Path(sys.prefix) / "share" / "tessdata").glob("*.traineddata")
    for file in {each.name: each for each in (*installed, vietnamese / "vie.traineddata")}.values():
        (folder / file.name).symlink_to(file.absolute())
    return folder


def main() -> None:
    """Tells the versions, then answers until no more is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vietnamese", type=Path, required=True, help="folder of vie.traineddata")
    parser.add_argument("--threads", type=int, default=1, help="threads of each reader")
    arguments = parser.parse_args()
    # Whatever a library prints must not stand among the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"versions": versions()}), file=answers, flush=True)
    with TemporaryDirectory() as folder:
        arguments.languages = gather(Path(folder), arguments.vietnamese)
        serve(sys.stdin, answers, lambda name: OPENERS[name](arguments))


if __name__ == "__main__":
    main()
