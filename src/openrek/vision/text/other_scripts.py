"""Lines in scripts that the first recognizer does not know: Cyrillic and Arabic."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.ctc import Reading
from openrek.vision.architectures.tesseract import LineStyle, ReadWord, Tesseract
from openrek.vision.runtime.session_cache import SessionCache

_POOR_SCORE = 0.45
_POOR_CONFIDENCE = 0.7
_WIDE_GAP = 1.5
_MIN_HEIGHT = 14
_MIN_SLIMNESS = 2.2
_SMALL = 28
_MIN_SMALL_SLIMNESS = 4
_MAX_DENSITY = 2
_MIN_SURE = 0.75
_MIN_WORD = 0.3
_MIN_LETTERS = 3
_MIN_SHARE = 0.8
# Latin capitals and small letters that look like Cyrillic ones.
_LOOKALIKES = frozenset("ABCEHKMOPTXYaceopxy")


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and who reads it."""

    letters: str
    """What the Unicode names of its letters begin with."""
    model: str
    """The descriptor's name."""
    style: LineStyle

    @property
    def recogniser(self) -> str:
        """The name that lines give of it."""
        return self.model.replace("_", "-")


CYRILLIC = Script("CYRILLIC", "tesseract_rus", LineStyle(height=36, smooth=True))
ARABIC = Script("ARABIC", "tesseract_ara", LineStyle(height=36, smooth=True, right_to_left=True))
SCRIPTS = (CYRILLIC, ARABIC)


@dataclass(frozen=True, slots=True)
class ScriptReading:
    """A line as read by one script's recognizer."""

    script: Script
    words: tuple[ReadWord, ...]
    confidence: float
    """The words' mean by their lengths, 0 to 1."""


class ScriptReaders:
    """The recognizers of the other scripts, each loaded with the first line that needs it."""

    def __init__(self, sessions: SessionCache) -> None:
        """
        Args:
            sessions: Of the packs; without a script's model, or without tesserocr, that script is not read.
        """
        self._readers = {script: reader for script in SCRIPTS if (reader := _open(sessions, script)) is not None}

    @property
    def recognisers(self) -> tuple[str, ...]:
        """By the names that lines give of who read them."""
        return tuple(script.recogniser for script in self._readers)

    def read(self, line: NDArray[np.uint8], scripts: Iterable[Script] = SCRIPTS) -> ScriptReading | None:
        """The reading with the highest confidence of a line's upright crop, (H, W, 3) RGB, if one is sure enough."""
        best: ScriptReading | None = None
        for script in scripts:
            reader = self._readers.get(script)
            if reader is None:
                continue
            reading = accepted(script, reader.read(line))
            if reading is not None and (best is None or reading.confidence > best.confidence):
                best = reading
        return best


def may_be_another_script(reading: Reading, score: float, height: int, width: int) -> bool:
    """Whether a second look at a line can pay, by how the first recognizer read it.

    It leaves out letters that it does not know: little is read, with gaps, or it sees Greek letters in Cyrillic ones.
    A line that it reads well costs nothing more. Nor does a small short word: signs in photos have many, blurred, and
    the second look is seldom sure of one.

    Args:
        reading: Of the first recognizer.
        score: See `orientation.score`.
        height: Of the upright line, in pixels.
        width: Of the upright line, in pixels.
    """
    if height < _MIN_HEIGHT or width < height * (_MIN_SMALL_SLIMNESS if height < _SMALL else _MIN_SLIMNESS):
        return False
    if sum(not character.isspace() for character in reading.text) * height > _MAX_DENSITY * width:
        return False  # as many characters as a Latin or Chinese line has
    if score < _POOR_SCORE or reading.confidence < _POOR_CONFIDENCE:
        return True
    places = [0.0, *(place for _, _, place in reading.characters), 1.0]
    if float(np.diff(places).max()) * width / height > _WIDE_GAP:
        return True
    return any(unicodedata.name(character, "").startswith("GREEK") for character in reading.text)


def accepted(script: Script, words: tuple[ReadWord, ...]) -> ScriptReading | None:
    """The words as a reading, without those guessed at, if the rest are sure and in the script.

    Recognizers read letters of their own script into anything; they are seldom sure of it.
    """
    kept = tuple(word for word in words if word.confidence >= _MIN_WORD)
    text = "".join(word.text for word in kept)
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _MIN_LETTERS or sum(map(len, (word.text for word in words))) > 2 * len(text):
        return None
    if sum(unicodedata.name(letter, "").startswith(script.letters) for letter in letters) < _MIN_SHARE * len(letters):
        return None
    confidence = float(np.average([word.confidence for word in kept], weights=[len(word.text) for word in kept]))
    return ScriptReading(script, kept, confidence) if confidence >= _MIN_SURE else None


def may_be_cyrillic(reading: Reading) -> bool:
    """Whether every letter read looks like a Cyrillic one: "PECTOPAH"."""
    letters = [character for character in reading.text if character.isalpha()]
    return bool(letters) and all(letter in _LOOKALIKES for letter in letters)


def _open(sessions: SessionCache, script: Script) -> Tesseract | None:
    descriptor = sessions.models.get(script.model)
    if descriptor is None:
        return None
    try:
        return Tesseract(descriptor.verify(), script.style, preload=False)
    except ImportError:  # no wheel for this system
        return None
