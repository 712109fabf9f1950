"""PP-OCR's recogniser: a line of text to characters, by connectionist temporal classification.

Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf; PP-OCR: https://arxiv.org/abs/2009.09941
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.vision.session import Session

HEIGHT = 48
WIDTHS = (320, 480, 640, 960, 1280, 1920, 2560)
"""Lines are filled up to one of these widths: few shapes, so memory stays steady."""

_BLANK = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one line."""

    text: str
    confidence: float
    """Mean over the characters, 0 to 1."""
    characters: tuple[tuple[str, float, float], ...]
    """(character, confidence, place): the place is the middle of the character along the line, 0 to 1."""


class CtcReader:
    """Reads Latin, Chinese and Japanese lines; it lacks most of Vietnamese's letters."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # Class 0 is the blank, the last one the space.
        self._characters = ("", *session.descriptor.labels, " ")
        self.known = frozenset(self._characters)

    def read(self, line: NDArray[np.uint8]) -> Reading:
        """A line's upright crop, (H, W, 3) RGB."""
        natural = max(1, int(np.ceil(HEIGHT * line.shape[1] / line.shape[0])))
        filled = next((width for width in WIDTHS if width >= natural), WIDTHS[-1])
        width = min(natural, filled)
        resized = cv2.resize(line, (width, HEIGHT))[..., ::-1].astype(np.float32) / 127.5 - 1
        tensor = np.zeros((1, 3, HEIGHT, filled), np.float32)
        tensor[0, :, :, :width] = resized.transpose(2, 0, 1)
        (scores,) = self._session.run([tensor]).values()
        return self._decode(scores[0], filled / width)

    def _decode(self, scores: NDArray[np.float32], stretch: float) -> Reading:
        """The likeliest class of each step, repeats merged, blanks dropped."""
        classes = scores.argmax(axis=1)
        starts = np.flatnonzero((classes != _BLANK) & np.concatenate([[True], classes[1:] != classes[:-1]]))
        characters = []
        for start in starts:
            end = start
            while end + 1 < len(classes) and classes[end + 1] == classes[start]:
                end += 1
            place = (start + end + 1) / 2 / len(classes) * stretch
            characters.append(
                (
                    self._characters[classes[start]],
                    float(scores[start, classes[start]]),
                    min(1.0, float(place)),
                )
            )
        text = "".join(character for character, _, _ in characters)
        confidence = float(np.mean([score for _, score, _ in characters])) if characters else 0.0
        return Reading(text.strip(), confidence, tuple(characters))
