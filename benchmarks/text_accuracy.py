"""How well the served engine reads: parts of accuracy.py.

    python benchmarks/text_accuracy.py --shared ../shared

Scene text is read twice, image by image in turn, so that both times are of the same machine in the same minute:
as served, and with one look at all of an image at 1,280 pixels in place of a small look and closer ones.
"""

import argparse
import difflib
import io
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from openrek.vision import EncodedFrame, Engine, Frame, Limits, RuntimeOptions, Text, load_packs
from openrek.vision.architectures.dbnet import DbNet, line_quads
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.text.detection import FirstLook, TextDetector
from openrek.vision.text.recognition import TextRecognizer
from peer_figures import READERS, VIETNAMESE_READERS, Beside, Comparison

Row = tuple[str, str, str]
Pixels = NDArray[np.uint8]
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)
_TURNS = {"90 degrees clockwise": -90, "90 degrees counter-clockwise": 90, "180 degrees": 180}
_TURNS |= {"15 degrees clockwise": -15, "15 degrees counter-clockwise": 15}
_ONE_LOOK = 1280
_PICTURES = range(1, 61)


class OneLook(TextDetector):
    """Looks at all of an image at one scale, as PP-OCR does by itself."""

    def __init__(self, detector: DbNet, pool: InferencePool) -> None:
        super().__init__(detector, pool)
        self._whole, self._workers = detector, pool

    def find(
        self, pixels: Pixels, frame: Frame | None = None, started: FirstLook | None = None
    ) -> tuple[Pixels, NDArray[np.float32]]:
        """See TextDetector.find."""
        scale = min(1.0, _ONE_LOOK / max(pixels.shape[:2]))
        shown = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale), np.uint8) if scale < 1 else pixels
        return shown, line_quads(self._workers.submit(self._whole.look, shown).result())


@dataclass(slots=True)
class Count:
    """Words of the truth, those of them that were read, all words that were read, and the time it took."""

    truth: int = 0
    right: int = 0
    read: int = 0
    seconds: float = 0.0


def vietnamese(engine: Engine, data: Path, beside: Beside) -> Iterator[Row]:
    """Share of words and lines read right, marks and all: as rendered, and turned."""
    folder = data / "vietnamese_render"
    truth: dict[str, str] = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    expected = [line.split() for line in truth.values()]
    for turn, degrees in {"": 0, **_TURNS}.items():
        images = [_turned(folder / name, degrees) for name in truth]
        texts = (engine.analysis(EncodedFrame.open(picture, _ANY_SIZE)).text for picture in images)
        served = _right(expected, [[line.text for line in text.lines] for text in texts])
        theirs = {
            name: _right(expected, [answer["lines"] for answer in beside.peers.ask_all(peer, images)])
            for peer, name in beside.peers.among(VIETNAMESE_READERS).items()
        }
        source = f"rendered Vietnamese lines, {len(truth)} images, {sum(map(len, expected))} words"
        source += f", turned by {turn}" if turn else ""
        for place, what in enumerate(("words", "lines")):
            shares = {name: share[place] for name, share in theirs.items()}
            yield from beside.rows(Comparison(f"Vietnamese {what} right", source, served[place], shares))


def _right(expected: list[list[str]], read: list[list[str]]) -> tuple[float, float]:
    """The shares of words and of whole images that are right: of each image its words, and the lines as read."""
    found = [" ".join(lines).split() for lines in read]
    words = sum(_matched(truth, said) for truth, said in zip(expected, found, strict=True))
    whole = sum(truth == said for truth, said in zip(expected, found, strict=True))
    return words / sum(map(len, expected)), whole / len(expected)


def scenes(engine: Engine, sessions: SessionCache, data: Path, workers: int, beside: Beside) -> Iterator[Row]:
    """Share of English words on signs and packages that are read, whatever their case and marks."""
    pool = InferencePool(workers)
    alone = TextRecognizer(sessions, pool, OneLook)
    readers: dict[str, tuple[Count, Callable[[Frame], Text]]] = {
        "": (served := Count(), lambda image: engine.analysis(image).text),
        ", one look at 1,280 pixels": (reference := Count(), lambda picture: alone.read(picture.pixels())),
    }
    theirs = {peer: Count() for peer in beside.peers.among(READERS)}
    for peer in theirs:  # opened, and its memory laid out
        beside.peers.ask(peer, (data / "icdar2015_test" / "img_1.jpg").read_bytes())
    for number in _PICTURES:
        file = data / "icdar2015_test" / f"img_{number}.jpg"
        image = _open(file)
        legible = _legible(data / "icdar2015_test" / f"gt_img_{number}.txt")
        image.pixels()
        for count, read in readers.values():
            started = time.perf_counter()
            found = read(image)
            seconds = time.perf_counter() - started
            _add(count, [word.text for line in found.lines for word in line.words], legible, seconds)
        for peer, count in theirs.items():
            answer = beside.peers.ask(peer, file.read_bytes())
            _add(count, " ".join(answer["lines"]).split(), legible, answer["seconds"])
    pool.close()
    source = f"ICDAR 2015 sample, {len(_PICTURES)} images, {served.truth} legible words"
    peers = {READERS[peer]: count for peer, count in theirs.items()}
    for name, (count, _) in readers.items():
        shown = peers if count is served else {}
        yield from beside.rows(_recalled(name, source, count, shown))
        yield f"words read in a scene image{name}", f"{count.read / len(_PICTURES):.1f}", source
        yield from beside.rows(_timed(name, f"{source}, {workers} threads", count, shown))
    other = {"one look at 1,280 pixels": reference.right / reference.truth}
    beside.keep(Comparison("English scene words recalled", source, served.right / served.truth, other))
    yield "time a scene image, part of one look's", f"{served.seconds / reference.seconds:.2f}", source


def _recalled(name: str, source: str, count: Count, peers: Mapping[str, Count]) -> Comparison:
    shares = {peer: other.right / other.truth for peer, other in peers.items()}
    return Comparison(f"English scene words recalled{name}", source, count.right / count.truth, shares)


def _timed(name: str, source: str, count: Count, peers: Mapping[str, Count]) -> Comparison:
    each = {peer: 1000 * other.seconds / len(_PICTURES) for peer, other in peers.items()}
    served = 1000 * count.seconds / len(_PICTURES)
    return Comparison(f"time a scene image{name}", source, served, each, shown="{:.0f} ms", less=True)


def _add(count: Count, found: list[str], legible: list[str], seconds: float) -> None:
    words = [_bare(word) for word in found]
    count.seconds += seconds
    count.truth += len(legible)
    count.read += len(words)
    for word in legible:
        if word in words:
            words.remove(word)
            count.right += 1


def _legible(file: Path) -> list[str]:
    """The words of ICDAR's file; "###" stands for one that people cannot read."""
    entries = (line.split(",", 8) for line in file.read_text(encoding="utf-8-sig").splitlines() if line)
    return [_bare(entry[8]) for entry in entries if entry[8] != "###"]


def _bare(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())


def _matched(expected: list[str], found: list[str]) -> int:
    matcher = difflib.SequenceMatcher(None, expected, found, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def _open(file: Path) -> EncodedFrame:
    return EncodedFrame.open(file.read_bytes(), _ANY_SIZE)


def _turned(file: Path, degrees: float) -> bytes:
    """The file's image turned: whole, on a ground of its edge's colour."""
    if not degrees:
        return file.read_bytes()
    with Pillow.open(file) as opened:
        picture = opened.convert("RGB")
    pixels = np.asarray(picture)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = tuple(int(shade) for shade in np.median(edge, axis=0))
    buffer = io.BytesIO()
    picture.rotate(degrees, Pillow.Resampling.BICUBIC, expand=True, fillcolor=ground).save(buffer, "PNG")
    return buffer.getvalue()


def main() -> None:
    """Prints the rows."""
    from openrek.config import usable_cores

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    data = parser.parse_args().shared / "data"
    packs, workers = load_packs(), usable_cores()
    with Engine(packs, RuntimeOptions(workers)) as engine:
        engine.pin()
        sessions = SessionCache(packs)
        for rows in (scenes(engine, sessions, data, workers, Beside()), vietnamese(engine, data, Beside())):
            for row in rows:
                print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
