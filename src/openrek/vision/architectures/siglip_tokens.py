"""SigLIP's tokenizer: a SentencePiece unigram model.

Kudo 2018, Subword regularization, https://arxiv.org/abs/1804.10959, section 3.2. Sentences are normalised as in
SigLIP's training: lower case, no punctuation. Needs the extra `openrek[tokenizers]`.
"""

import json
import string
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LENGTH = 64
"""Tokens of a sentence: padded with end tokens, as in training."""
_SPACE = "▁"
_END = "</s>"
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class SigLipTokens:
    """Turns sentences into token ids."""

    def __init__(self, tokenizer: Path) -> None:
        """
        Args:
            tokenizer: `tokenizer.json` with a unigram model: its pieces and their log probabilities.

        Raises:
            LookupError: the file has another format.
            ImportError: the extra is not installed.
        """
        from tokenizers import Tokenizer, models, pre_tokenizers

        try:
            model = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]
            pieces = [(str(piece), float(score)) for piece, score in model["vocab"]]
            self._end = [piece for piece, _ in pieces].index(_END)
            self._tokenizer = Tokenizer(models.Unigram(pieces, int(model["unk_id"]), False))
        # The library raises a plain Exception for a vocabulary without its unknown token.
        except Exception as error:
            raise LookupError(f"{tokenizer} is not a unigram model: {error}") from None
        self._tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")

    def encode(self, sentence: str) -> NDArray[np.int64]:
        """(64,): token ids of a sentence, then end tokens; a longer sentence is truncated."""
        words = " ".join(sentence.lower().translate(_NO_PUNCTUATION).split())
        ids = self._tokenizer.encode(words).ids[: LENGTH - 1]
        return np.array(ids + [self._end] * (LENGTH - len(ids)), np.int64)
