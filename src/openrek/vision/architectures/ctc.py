"""PP-OCR's recogniser: a line of text to characters, by connectionist temporal classification.

Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf; PP-OCR: https://arxiv.org/abs/2009.09941
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.runtime.session import ModelSession, Session

HEIGHT = 48
_LONGEST = 2560
_STEP = 32
# Lines are filled up to whole steps, and by a step at least: letters that touch the end are lost. Up to a few hundred
# pixels the time that a line takes is that of its width, filled up or not.
_SHORTEST = 96
# A blank between two characters that was this likely a space is one. Words on signs stand so close that a space is
# seldom the likeliest reading of what is between them.
_SPACE = 0.05

_BLANK = 0
_CHARACTERS = "character"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one line."""

    text: str
    confidence: float
    """Mean over the characters, 0 to 1."""
    characters: tuple[tuple[str, float, float], ...]
    """(character, confidence, place): the place is the middle of the character along the line, 0 to 1."""


class CtcReader:
    """Reads lines of the characters that its model knows."""

    def __init__(self, session: Session, characters: Sequence[str] = ()) -> None:
        """
        Args:
            session: The model.
            characters: What its classes are; by default its descriptor's labels.
        """
        self._session = session
        # Class 0 is the blank, the last one the space.
        self._characters = ("", *(characters or session.descriptor.labels), " ")

    def read(self, line: NDArray[np.uint8]) -> Reading:
        """A line's upright crop, (H, W, 3) RGB."""
        natural = max(1, int(np.ceil(HEIGHT * line.shape[1] / line.shape[0])))
        filled = min(_LONGEST, max(_SHORTEST, -(-(natural + _STEP) // _STEP) * _STEP))
        width = min(natural, filled)
        resized = np.asarray(cv2.resize(line, (width, HEIGHT)), np.uint8)
        tensor = np.zeros((1, 3, HEIGHT, filled), np.float32)
        channels_first(resized, 127.5, 127.5, reverse=True, out=tensor[..., :width])
        (scores,) = self._session.run([tensor]).values()
        if scores.shape[-1] != len(self._characters):
            raise LookupError(
                f"the model {self._session.descriptor.name} tells {scores.shape[-1]} characters apart, with the blank "
                f"and the space, and has names for {len(self._characters)}"
            )
        return self._decode(scores[0], filled / width)

    @classmethod
    def opened(cls, session: ModelSession) -> "CtcReader":
        """Of a model whose characters are its labels or, where it has none, lie in its file, where RapidOCR puts them.

        Raises:
            LookupError: it has neither.
        """
        characters = session.descriptor.labels or tuple(session.metadata.get(_CHARACTERS, "").split("\n"))
        if characters == ("",):
            raise LookupError(f"the model {session.descriptor.name} has no labels, and no {_CHARACTERS} in its file")
        return cls(session, characters)

    def _decode(self, scores: NDArray[np.float32], stretch: float) -> Reading:
        """The likeliest class of each step, repeats merged, blanks dropped, likely spaces between them added."""
        classes = scores.argmax(axis=1)
        changes = np.flatnonzero(np.diff(classes)) + 1
        runs = zip([0, *changes.tolist()], [*changes.tolist(), len(classes)], strict=True)
        read: list[tuple[str, float, float]] = []
        for start, end in runs:
            place = min(1.0, (start + end) / 2 / len(classes) * stretch)
            if classes[start] != _BLANK:
                read.append((self._characters[classes[start]], float(scores[start, classes[start]]), place))
            elif (space := float(scores[start:end, -1].max())) > _SPACE:
                read.append((" ", space, place))
        sure = [score for character, score, _ in read if character != " "]
        text = "".join(character for character, _, _ in read)
        return Reading(" ".join(text.split()), float(np.mean(sure)) if sure else 0.0, tuple(read))
