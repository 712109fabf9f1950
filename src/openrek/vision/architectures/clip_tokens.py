"""CLIP's tokens: pairs of letters that occur often, merged again and again.

Sennrich et al. 2016, https://arxiv.org/abs/1508.07909; on bytes and with a mark at the ends of words, as in
https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py
"""

import json
import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

START, END = "<|startoftext|>", "<|endoftext|>"
LONGEST = 77
"""Tokens of a sentence at the most, its start and end among them."""
_END_OF_WORD = "</w>"
# Letters together, digits one by one, signs together.
_WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+", re.IGNORECASE)


class ClipTokens:
    """Turns sentences into tokens."""

    def __init__(self, vocabulary: Path, merges: Path) -> None:
        """
        Args:
            vocabulary: JSON: the number of each token.
            merges: A pair of tokens a line, the one that is merged first first; a first line with the version.

        Raises:
            LookupError: a file is not of this kind.
        """
        try:
            self._numbers: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))
            lines = merges.read_text(encoding="utf-8").split("\n")
            pairs = [tuple(line.split()) for line in lines if line and not line.startswith("#version")]
            self._ranks = {pair: rank for rank, pair in enumerate(pairs)}
            self._start, self._end = self._numbers[START], self._numbers[END]
        except (ValueError, KeyError, TypeError) as error:
            raise LookupError(f"{vocabulary} and {merges} are not CLIP's vocabulary and merges: {error}") from None
        self._bytes = _letters_of_bytes()

    def encode(self, sentence: str) -> NDArray[np.int64]:
        """(T,): tokens of a sentence between its start and its end, at most 77; what is longer is cut off."""
        numbers = [self._start]
        for word in _WORDS.findall(" ".join(sentence.lower().split())):
            letters = "".join(self._bytes[byte] for byte in word.encode())
            numbers += [self._numbers.get(token, self._end) for token in self._merged(letters)]
        return np.array([*numbers[: LONGEST - 1], self._end], np.int64)

    def _merged(self, letters: str) -> list[str]:
        tokens = [*letters[:-1], letters[-1] + _END_OF_WORD]
        while len(tokens) > 1:
            first = min(pairwise(tokens), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if first not in self._ranks:
                break
            merged: list[str] = []
            for token in tokens:
                if merged and (merged[-1], token) == first:
                    merged[-1] += token
                else:
                    merged.append(token)
            tokens = merged
        return tokens


@lru_cache
def _letters_of_bytes() -> dict[int, str]:
    """A printable letter for every byte: itself where it is one, else one of those from U+0100 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}
