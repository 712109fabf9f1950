"""SigLIP's tokens: the pieces whose probabilities multiply to the most.

Kudo 2018, Subword regularization, https://arxiv.org/abs/1804.10959, section 3.2; as SentencePiece's unigram model does
it, https://github.com/google/sentencepiece. Sentences are prepared as SigLIP's were in training: in small letters,
without punctuation.
"""

import json
import string
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LENGTH = 64
"""Tokens of a sentence: filled up with end marks, as in training."""
_SPACE = "▁"
_END = "</s>"
# What SentencePiece makes a letter cost that it does not know, beside its least likely piece.
_UNKNOWN_PENALTY = 10.0
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class SigLipTokens:
    """Turns sentences into tokens."""

    def __init__(self, tokenizer: Path) -> None:
        """
        Args:
            tokenizer: `tokenizer.json`, with the pieces and their log probabilities as a unigram model.

        Raises:
            LookupError: the file is not of this kind.
        """
        try:
            model = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]
            pieces = [(str(piece), float(score)) for piece, score in model["vocab"]]
            self._unknown = int(model["unk_id"])
            self._pieces = {piece: (number, score) for number, (piece, score) in enumerate(pieces)}
            self._end = self._pieces[_END][0]
            self._longest = max(len(piece) for piece, _ in pieces)
            self._unknown_score = min(score for _, score in pieces) - _UNKNOWN_PENALTY
        except (ValueError, KeyError, TypeError) as error:
            raise LookupError(f"{tokenizer} is no unigram model: {error}") from None

    def encode(self, sentence: str) -> NDArray[np.int64]:
        """(64,): tokens of a sentence, then end marks; what is longer is cut off."""
        words = sentence.lower().translate(_NO_PUNCTUATION).split()
        numbers = self._best("".join(_SPACE + word for word in words))[: LENGTH - 1]
        return np.array(numbers + [self._end] * (LENGTH - len(numbers)), np.int64)

    def _best(self, text: str) -> list[int]:
        """Viterbi: the likeliest way to each place, from the likeliest ways to the places before."""
        scores = [0.0] + [-np.inf] * len(text)
        back = [(0, self._unknown)] * (len(text) + 1)
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - self._longest), end):
                known = self._pieces.get(text[start:end])
                if known is None and end - start > 1:
                    continue
                number, score = known or (self._unknown, self._unknown_score)
                if scores[start] + score > scores[end]:
                    scores[end], back[end] = scores[start] + score, (start, number)
        numbers: list[int] = []
        place = len(text)
        while place:
            place, number = back[place]
            # Letters in a row that are not known are one unknown piece.
            if number != self._unknown or numbers[-1:] != [number]:
                numbers.append(number)
        return numbers[::-1]
