"""Text: find the lines, turn them upright, read each with the recogniser that can."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import Reading
from openrek.vision.architectures.dbnet import DbNet
from openrek.vision.architectures.tesseract import Tesseract
from openrek.vision.frame import Frame
from openrek.vision.results import Line, Text
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.task import TEXT_RECOGNITION
from openrek.vision.text.detection import FirstLook, TextDetector
from openrek.vision.text.lines import crop
from openrek.vision.text.orientation import (
    DOWN,
    LYING,
    OVER,
    SURE,
    TRUSTED,
    UP,
    longest,
    reversed_is_better,
    score,
    standing,
    stubby,
    together,
    turned,
)
from openrek.vision.text.other_scripts import CYRILLIC, ScriptReaders, may_be_another_script, may_be_cyrillic
from openrek.vision.text.reading_order import reading_order
from openrek.vision.text.script import is_vietnamese, may_be_vietnamese
from openrek.vision.text.words import PPOCR, TESSERACT, ppocr_line, tesseract_line

_MIN = 0.7
"""Lines read with less confidence than this are dropped."""
_MIN_TURNED = 32
"""Pixels of height from which a line in another script is also read upside down."""

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A line as read one way round."""

    quad: Floats
    upright: Pixels
    reading: Reading
    score: float


class TextRecognizer:
    """PP-OCR, or the model chosen, reads most of the lines that PP-OCR finds; Tesseract reads those in Vietnamese.

    PP-OCR's dictionary lacks 44 of the 67 letters that Vietnamese adds to the Latin alphabet.
    """

    def __init__(
        self,
        sessions: SessionCache,
        pool: InferencePool,
        finder: Callable[[DbNet, InferencePool], TextDetector] = TextDetector,
    ) -> None:
        self._pool = pool
        self._detector = DbNet(sessions["ppocr_det"])
        self._finder = finder(self._detector, pool)
        session = sessions.chosen("text_recognition") or sessions["ppocr_rec"]
        self._reader = TEXT_RECOGNITION.open(session, sessions.models)
        self._vietnamese = _open_tesseract(sessions)
        self._others = ScriptReaders(sessions)
        vietnamese = () if self._vietnamese is None else (TESSERACT,)
        self.recognisers = (PPOCR, *vietnamese, *self._others.recognisers)
        """By the names that lines give of who read them."""

    def start(self, pixels: Pixels, frame: Frame | None = None) -> FirstLook:
        """Begins what `read` does first: the search for lines."""
        return self._finder.start(pixels, frame)

    def read(self, pixels: Pixels, frame: Frame | None = None, started: FirstLook | None = None) -> Text:
        """Lines of (H, W, 3) RGB in its pixels, in reading order.

        Args:
            pixels: (H, W, 3) RGB.
            frame: The frame that these are of, if it may have more of them: small text is then read in those.
            started: What `start` returned for these; it is called here if left out.
        """
        shown, quads = self._finder.find(pixels, frame, started)
        looks = self._upright(shown, quads)
        lines = [line for line in self._lookalikes(looks, self._lines(shown, quads, looks)) if line is not None]
        order = reading_order(np.array([line.polygon for line in lines], np.float32).reshape(-1, 4, 2))
        scale = np.array([pixels.shape[1] / shown.shape[1], pixels.shape[0] / shown.shape[0]], np.float32)
        return Text(tuple(_moved(lines[index], scale) for index in order))

    def warm(self) -> None:
        """Runs both models once."""
        self._detector.look(np.full((480, 640, 3), 255, np.uint8))
        self._reader.read(np.full((48, 160, 3), 255, np.uint8))

    def _upright(self, pixels: Pixels, quads: Floats) -> list[_Look]:
        """Each line read the way round that reads best."""
        stands = standing(quads)
        best = self._looks(pixels, [turned(quads[index], DOWN if up else LYING) for index, up in enumerate(stands)])
        lying, upright = np.flatnonzero(~stands).tolist(), np.flatnonzero(stands).tolist()
        self._turn_over(pixels, quads, best, lying, OVER)
        both_ways = self._turn_over(pixels, quads, best, upright, UP)
        unsure = [index for index in upright if best[index].score < SURE]
        again = [(index, UP) for index in unsure if index not in both_ways]
        again += [(index, LYING) for index in unsure if stubby(quads[index])]
        _improve(best, again, self._looks(pixels, [turned(quads[index], way) for index, way in again]))
        return best

    def _turn_over(self, pixels: Pixels, quads: Floats, best: list[_Look], indices: list[int], way: int) -> set[int]:
        """Reads lines of one axis the other way round, too, if a few of them say so; which ones."""
        if not indices or together([best[index].score for index in indices], quads[indices]) >= TRUSTED:
            return set()
        sample = [indices[index] for index in longest(quads[indices])]
        if not sample:
            return set()
        others = self._looks(pixels, [turned(quads[index], way) for index in sample])
        as_is = together([best[index].score for index in sample], quads[sample])
        if not reversed_is_better(as_is, together([look.score for look in others], quads[sample])):
            return set(sample)
        rest = [index for index in indices if index not in sample]
        others += self._looks(pixels, [turned(quads[index], way) for index in rest])
        _improve(best, [(index, way) for index in sample + rest], others)
        return set(indices)

    def _looks(self, pixels: Pixels, quads: Iterable[Floats]) -> list[_Look]:
        runs = [self._pool.submit(self._look, pixels, quad) for quad in quads]
        return [run.result() for run in runs]

    def _look(self, pixels: Pixels, quad: Floats) -> _Look:
        upright = crop(pixels, quad)
        reading = self._reader.read(upright)
        return _Look(quad, upright, reading, score(reading, quad))

    def _lookalikes(self, looks: list[_Look], lines: list[Line | None]) -> list[Line | None]:
        """The lines, those that only look Latin read as Cyrillic where most of the image's other lines are."""
        cyrillic = sum(line is not None and line.recogniser == CYRILLIC.recogniser for line in lines)
        alike = [line is not None and may_be_cyrillic(look.reading) for look, line in zip(looks, lines, strict=True)]
        others = sum(line is not None and not same for line, same in zip(lines, alike, strict=True))
        if not any(alike) or 2 * cyrillic <= others:
            return lines
        runs = [
            self._pool.submit(self._cyrillic, look) if same else None for look, same in zip(looks, alike, strict=True)
        ]
        return [line if run is None else run.result() or line for run, line in zip(runs, lines, strict=True)]

    def _cyrillic(self, look: _Look) -> Line | None:
        reading = self._others.read(look.upright, (CYRILLIC,))
        return None if reading is None else tesseract_line(reading.words, look.quad, CYRILLIC.recogniser)

    def _lines(self, pixels: Pixels, quads: Floats, looks: list[_Look]) -> list[Line | None]:
        """Each look's line, if it can be read."""
        doubtful = [
            index
            for index, look in enumerate(looks)
            if may_be_another_script(look.reading, look.score, *look.upright.shape[:2])
        ]
        # Photos have many lines too blurred for any recognizer; the largest shows whether a second look can pay.
        doubtful.sort(key=lambda index: -looks[index].upright.size)

        def submit(indices: Iterable[int]) -> dict[int, Future[Line | None]]:
            return {
                index: self._pool.submit(self._other_script, pixels, quads[index], looks[index]) for index in indices
            }

        others = submit(doubtful[:1])
        usual = {index: self._pool.submit(self._line, looks[index]) for index in set(range(len(looks))) - set(doubtful)}
        if any(run.result() is not None for run in others.values()):
            others |= submit(doubtful[1:])
        lines = {index: run.result() for index, run in others.items()}
        usual |= {index: self._pool.submit(self._line, looks[index]) for index in doubtful if lines.get(index) is None}
        lines |= {index: run.result() for index, run in usual.items()}
        return [lines[index] for index in range(len(looks))]

    def _other_script(self, pixels: Pixels, quad: Floats, look: _Look) -> Line | None:
        """The line in a script that the first recognizer does not know.

        That one cannot determine the way round of such a line, so one that it turned is read the other way round, too.
        """
        reading = self._others.read(look.upright)
        turned_over = not np.array_equal(look.quad, quad) and look.upright.shape[0] >= _MIN_TURNED
        if turned_over and (reading is None or reading.confidence < SURE):
            back = turned(look.quad, OVER)
            other = self._others.read(crop(pixels, back))
            if other is not None and (reading is None or other.confidence > reading.confidence):
                return tesseract_line(other.words, back, other.script.recogniser)
        return None if reading is None else tesseract_line(reading.words, look.quad, reading.script.recogniser)

    def _line(self, look: _Look) -> Line | None:
        if self._vietnamese is not None and may_be_vietnamese(look.reading):
            words = self._vietnamese.read(look.upright)
            if is_vietnamese(words, look.reading):
                return tesseract_line(words, look.quad)
        if not look.reading.text or look.reading.confidence < _MIN:
            return None
        return ppocr_line(look.reading, look.quad)


def _improve(best: list[_Look], again: Iterable[tuple[int, int]], looks: Iterable[_Look]) -> None:
    """Puts what reads better in its place."""
    for (index, _), look in zip(again, looks, strict=True):
        if look.score > best[index].score:
            best[index] = look


def _moved(line: Line, scale: Floats) -> Line:
    words = tuple(replace(word, polygon=word.polygon * scale) for word in line.words)
    return replace(line, polygon=line.polygon * scale, words=words)


def _open_tesseract(sessions: SessionCache) -> Tesseract | None:
    descriptor = sessions.models.get("tesseract_vie")
    if descriptor is None:
        return None
    try:
        return Tesseract(descriptor.verify())
    except ImportError:  # no wheel for this system: Vietnamese lines then come without their marks
        return None
