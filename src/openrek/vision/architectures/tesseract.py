"""Tesseract's LSTM recogniser for Vietnamese lines. https://github.com/tesseract-ocr/tesseract"""

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


class Tesseract:
    """Reads one line at a time, with an instance of the library for each thread."""

    def __init__(self, data: Path) -> None:
        """
        Args:
            data: The file `<language>.traineddata`.

        Raises:
            ImportError: tesserocr is not installed.
            LookupError: the file cannot be loaded.
        """
        # Tesseract's own threads would fight the pool's for the cores; OpenMP reads this when the library loads.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tesserocr

        self._library = tesserocr
        self._folder, self._language = str(data.parent), data.stem
        self._local = threading.local()
        self._api()

    def read(self, line: NDArray[np.uint8]) -> tuple[ReadWord, ...]:
        """The words of a line's upright crop, (H, W, 3) RGB."""
        prepared, margin = _prepare(line)
        api = self._api()
        api.SetImage(Image.fromarray(prepared))
        api.Recognize()
        level = self._library.RIL.WORD
        iterator = api.GetIterator()
        words: list[ReadWord] = []
        if iterator is None:
            return ()
        width = max(1, prepared.shape[1] - 2 * margin)
        for word in self._library.iterate_level(iterator, level):
            if word.Empty(level):
                continue
            text = word.GetUTF8Text(level).strip()
            box = word.BoundingBox(level)
            if text and box:
                start, end = ((edge - margin) / width for edge in (box[0], box[2]))
                words.append(ReadWord(text, word.Confidence(level) / 100, min(max(start, 0), 1), min(max(end, 0), 1)))
        api.Clear()
        return tuple(words)

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


def _prepare(line: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Dark text on light ground, 48 pixels of line, with a margin: as the model was trained."""
    edge = line.shape[0] // 4
    luma = cv2.cvtColor(cv2.copyMakeBorder(line, edge, edge, edge, edge, cv2.BORDER_REPLICATE), cv2.COLOR_RGB2GRAY)
    if np.median(luma) < 110:
        luma = 255 - luma
    scale = HEIGHT / line.shape[0]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=interpolation)
    return np.asarray(resized, np.uint8), round(edge * scale)
