"""Readings of a line as a line of words."""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import Reading
from openrek.vision.architectures.tesseract import ReadWord
from openrek.vision.results import Line, Word
from openrek.vision.text.lines import part

PPOCR = "ppocr"
TESSERACT = "tesseract-vie"

Floats = NDArray[np.float32]


def tesseract_line(words: tuple[ReadWord, ...], quad: Floats, recogniser: str = TESSERACT) -> Line:
    """What Tesseract read in the line with these (4, 2) corners."""
    return Line(
        " ".join(word.text for word in words),
        float(np.mean([word.confidence for word in words])),
        quad,
        tuple(Word(word.text, word.confidence, part(quad, word.start, word.end)) for word in words),
        recogniser,
    )


def ppocr_line(reading: Reading, quad: Floats) -> Line:
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
    return Line(reading.text, reading.confidence, quad, tuple(words), PPOCR)
