"""CLIP's tokenizer: byte-level byte-pair encoding with a mark at the end of words.

Sennrich et al. 2016, https://arxiv.org/abs/1508.07909, in the form of
https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py. Needs the extra `openrek[tokenizers]`.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

START, END = "<|startoftext|>", "<|endoftext|>"
LONGEST = 77
"""Maximum tokens of a sentence, including its start and end."""
_END_OF_WORD = "</w>"
# Letters together, digits one by one, punctuation together.
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"


class ClipTokens:
    """Turns sentences into token ids."""

    def __init__(self, vocabulary: Path, merges: Path) -> None:
        """
        Args:
            vocabulary: JSON object: the id of each token.
            merges: One pair of tokens a line, highest priority first, after a first line with the version.

        Raises:
            LookupError: a file has another format.
            ImportError: the extra is not installed.
        """
        from tokenizers import Regex, Tokenizer, models, pre_tokenizers

        try:
            ids: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))
            lines = merges.read_text(encoding="utf-8").split("\n")
            pairs = [(first, second) for first, second in map(str.split, _without_version(lines))]
            self._start, self._end = ids[START], ids[END]
            self._tokenizer = Tokenizer(
                models.BPE(vocab=ids, merges=pairs, unk_token=END, end_of_word_suffix=_END_OF_WORD)
            )
        # The library raises a plain Exception for merges that do not fit the vocabulary.
        except Exception as error:
            raise LookupError(f"{vocabulary} and {merges} are not CLIP's vocabulary and merges: {error}") from None
        self._tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )

    def encode(self, sentence: str) -> NDArray[np.int64]:
        """(T,): token ids of a sentence between start and end, at most 77; a longer sentence is truncated."""
        ids = self._tokenizer.encode(" ".join(sentence.lower().split())).ids
        return np.array([self._start, *ids[: LONGEST - 2], self._end], np.int64)


def _without_version(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith("#version")]
