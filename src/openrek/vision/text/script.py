"""Which recogniser a line needs."""

import unicodedata
from difflib import SequenceMatcher

import numpy as np

from openrek.vision.architectures.ctc import Reading
from openrek.vision.architectures.tesseract import ReadWord

_MIN_SURE = 0.55
_MAX_SURE = 0.9
_ALIKE = 0.7


def may_be_vietnamese(reading: Reading) -> bool:
    """Whether a second look can pay: at least two letters, all of them Latin.

    Nothing more is known beforehand: letters that the first recogniser does not know leave no trace in its reading
    ("Giới thiệu" comes out as "Gii thiu") nor in its confidence.
    """
    letters = [character for character in reading.text if character.isalpha()]
    return len(letters) > 1 and all(_is_latin(letter) for letter in letters)


def is_vietnamese(words: tuple[ReadWord, ...], reading: Reading) -> bool:
    """Whether to use the Vietnamese recognizer's reading.

    It is when it is sure, sees letters with marks, and both agree on the letters beneath the marks: on other lines it
    guesses marks at random or reads something else altogether. Where the first recogniser surely read every letter,
    and read it without marks, there are none.
    """
    if not words or float(np.mean([word.confidence for word in words])) < _MIN_SURE:
        return False
    text = " ".join(word.text for word in words)
    if not _marks(text):
        return False
    ours, theirs = plain(reading.text), plain(text)
    if ours == theirs and not _marks(reading.text) and reading.confidence > _MAX_SURE:
        return False
    return SequenceMatcher(None, theirs, ours, autojunk=False).ratio() >= _ALIKE


def plain(text: str) -> str:
    """Lower-case letters and digits without marks: what both recognisers can write."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")).casefold()
    return "".join(character for character in bare if character.isalnum())


def _is_latin(letter: str) -> bool:
    return "LATIN" in unicodedata.name(letter, "")


def _marks(text: str) -> int:
    """How many letters carry marks."""
    return sum(unicodedata.normalize("NFD", letter) != letter or letter in "đĐ" for letter in text)
