"""Tesseract's LSTM recogniser for lines of one language. https://github.com/tesseract-ocr/tesseract"""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

HEIGHT = 48
"""Pixels of a line's height that the model reads best (its training height is 48)."""


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word and where it stands along the line, 0 to 1."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How the lines of a language are prepared and written."""

    height: int = HEIGHT
    """Pixels of a line's height that the model reads best."""
    smooth: bool = False
    """Whether noise is smoothed first."""
    right_to_left: bool = False


class Tesseract:
    """Reads one line at a time, with an instance of the library for each thread."""

    def __init__(self, data: Path, style: LineStyle = LineStyle(), preload: bool = True) -> None:
        """
        Args:
            data: The file `<language>.traineddata`.
            style: How the language's lines are prepared and written.
            preload: Whether to load the file now; otherwise the first line does.

        Raises:
            ImportError: tesserocr is not installed.
            LookupError: the file cannot be loaded.
        """
        # Tesseract's own threads would fight the pool's for the cores; OpenMP reads this when the library loads.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tesserocr

        self._library = tesserocr
        self._folder, self._language = str(data.parent), data.stem
        self._style = style
        self._local = threading.local()
        if preload:
            self._api()

    def read(self, line: NDArray[np.uint8]) -> tuple[ReadWord, ...]:
        """The words of a line's upright crop, (H, W, 3) RGB, in logical order: the first word read is the first."""
        prepared, margin = _prepare(line, self._style)
        api = self._api()
        api.SetImage(Image.fromarray(prepared))
        words = self._words(prepared.shape[1], margin)
        if not words and self._style.right_to_left:
            # The search for a text line often sees none in a short word of joined letters.
            api.SetPageSegMode(self._library.PSM.RAW_LINE)
            words = self._words(prepared.shape[1], margin)
            api.SetPageSegMode(self._library.PSM.SINGLE_LINE)
        api.Clear()
        return tuple(_apart(words) if self._style.right_to_left else words)

    def _words(self, full: int, margin: int) -> list[ReadWord]:
        """The words of the image that was set, `full` pixels wide."""
        api = self._api()
        api.Recognize()
        level = self._library.RIL.WORD
        iterator = api.GetIterator()
        words: list[ReadWord] = []
        if iterator is None:
            return words
        logical = api.GetUTF8Text() if self._style.right_to_left else ""
        width = max(1, full - 2 * margin)
        for word in self._library.iterate_level(iterator, level):
            if word.Empty(level):
                continue
            text = _in_order(word.GetUTF8Text(level).strip(), logical)
            box = word.BoundingBox(level)
            if text and box:
                start, end = ((edge - margin) / width for edge in (box[0], box[2]))
                words.append(ReadWord(text, word.Confidence(level) / 100, min(max(start, 0), 1), min(max(end, 0), 1)))
        return words

    def _api(self) -> Any:
        api = getattr(self._local, "api", None)
        if api is None:
            try:
                api = self._library.PyTessBaseAPI(
                    path=self._folder,
                    lang=self._language,
                    psm=self._library.PSM.SINGLE_LINE,
                    oem=self._library.OEM.LSTM_ONLY,
                )
            except RuntimeError as error:
                raise LookupError(f"Tesseract cannot load {self._language} from its pack: {error}") from None
            self._local.api = api
        return api


def _in_order(text: str, logical: str) -> str:
    """The word in logical order.

    The library's word iterator gives letters that run from right to left as they stand, but its whole
    line in logical order.
    """
    backwards = text[::-1]
    return backwards if text not in logical and backwards in logical else text


def _apart(words: list[ReadWord]) -> list[ReadWord]:
    """Words from right to left, each ending where the one before it starts: some boxes reach over the whole line."""
    apart: list[ReadWord] = []
    edge = 1.0
    for word in words:
        end = min(word.end, edge) if word.start < edge else word.end
        apart.append(ReadWord(word.text, word.confidence, word.start, end))
        edge = word.start
    return apart


def _prepare(line: NDArray[np.uint8], style: LineStyle) -> tuple[NDArray[np.uint8], int]:
    """Dark text on light ground, of the style's height, with a margin: as the model was trained."""
    edge = line.shape[0] // 4
    luma = cv2.cvtColor(cv2.copyMakeBorder(line, edge, edge, edge, edge, cv2.BORDER_REPLICATE), cv2.COLOR_RGB2GRAY)
    if np.median(luma) < 110:
        luma = 255 - luma
    if style.smooth:
        luma = cv2.GaussianBlur(luma, (3, 3), 0)
    scale = style.height / line.shape[0]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=interpolation)
    return np.asarray(resized, np.uint8), round(edge * scale)
