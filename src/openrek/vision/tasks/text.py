"""Text: find the lines, read each with the recogniser that can."""

from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import CtcReader, Reading
from openrek.vision.architectures.dbnet import DbNet
from openrek.vision.architectures.tesseract import ReadWord, Tesseract
from openrek.vision.pool import InferencePool
from openrek.vision.results import Line, Text, Word
from openrek.vision.script import is_vietnamese, may_be_vietnamese
from openrek.vision.sessions import Sessions
from openrek.vision.text_lines import crop, part, reading_order

PPOCR = "ppocr"
TESSERACT = "tesseract-vie"
_LEAST = 0.5
"""Lines read with less confidence than this are no text."""

Floats = NDArray[np.float32]


class TextReader:
    """PP-OCR finds the lines and reads most; Tesseract reads those that are Vietnamese.

    PP-OCR's dictionary lacks 44 of the 67 letters that Vietnamese adds to the Latin alphabet.
    """

    def __init__(self, sessions: Sessions, pool: InferencePool) -> None:
        self._pool = pool
        self._detector = DbNet(sessions["ppocr_det"])
        self._reader = CtcReader(sessions["ppocr_rec"])
        self._vietnamese = _open_tesseract(sessions)

    def read(self, pixels: NDArray[np.uint8]) -> Text:
        """Lines of (H, W, 3) RGB in its pixels, in reading order."""
        quads = self._pool.submit(self._detector.detect, pixels).result()
        quads = quads[reading_order(quads)]
        runs: list[Future[Line | None]] = [self._pool.submit(self._read_line, pixels, quad) for quad in quads]
        lines = [run.result() for run in runs]
        return Text(tuple(line for line in lines if line is not None))

    def warm(self) -> None:
        """Runs both models once."""
        self._detector.detect(np.full((480, 640, 3), 255, np.uint8))
        self._reader.read(np.full((48, 160, 3), 255, np.uint8))

    def _read_line(self, pixels: NDArray[np.uint8], quad: Floats) -> Line | None:
        upright, quad = crop(pixels, quad)
        reading = self._reader.read(upright)
        if self._vietnamese is not None and may_be_vietnamese(reading):
            words = self._vietnamese.read(upright)
            if is_vietnamese(words, reading):
                return _vietnamese_line(words, quad)
        if not reading.text or reading.confidence < _LEAST:
            return None
        return Line(reading.text, reading.confidence, quad, _words(reading, quad), PPOCR)


def _open_tesseract(sessions: Sessions) -> Tesseract | None:
    descriptor = sessions.models.get("tesseract_vie")
    if descriptor is None:
        return None
    try:
        return Tesseract(descriptor.verify())
    except ImportError:  # no wheel for this system: Vietnamese lines then come without their marks
        return None


def _vietnamese_line(words: tuple[ReadWord, ...], quad: Floats) -> Line:
    return Line(
        " ".join(word.text for word in words),
        float(np.mean([word.confidence for word in words])),
        quad,
        tuple(Word(word.text, word.confidence, part(quad, word.start, word.end)) for word in words),
        TESSERACT,
    )


def _words(reading: Reading, quad: Floats) -> tuple[Word, ...]:
    """The reading cut at its spaces; a word reaches half a character beyond its outer characters' middles."""
    groups: list[list[tuple[str, float, float]]] = [[]]
    for character in reading.characters:
        if character[0].isspace():
            groups.append([])
        else:
            groups[-1].append(character)
    places = [place for _, _, place in reading.characters]
    half = float(np.median(np.diff(places))) / 2 if len(places) > 1 else 0.5
    words = []
    for group in groups:
        if group:
            start, end = max(0.0, group[0][2] - half), min(1.0, group[-1][2] + half)
            text = "".join(character for character, _, _ in group)
            words.append(Word(text, float(np.mean([score for _, score, _ in group])), part(quad, start, end)))
    return tuple(words)
