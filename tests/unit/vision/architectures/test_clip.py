"""CLIP: sentences as tokens and vectors, pictures as the labels nearest to them."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests import graphs
from tests.graphs import described

from openrek.vision.architectures.clip import Clip, ClipText
from openrek.vision.architectures.clip_tokens import END, LONGEST, START, ClipTokens
from openrek.vision.runtime.session import OnnxSession

VOCABULARY = [
    "c",
    "a",
    "t",
    "s</w>",
    "t</w>",
    "a</w>",
    "at</w>",
    "cat</w>",
    "ca",
    "!</w>",
    "1</w>",
    "Ã",
    "¨</w>",
    START,
    END,
]


@pytest.fixture
def tokens(tmp_path: Path) -> ClipTokens:
    """Knows of merges: a+t, then c+at, then c+a."""
    (tmp_path / "vocab.json").write_text(json.dumps({token: place for place, token in enumerate(VOCABULARY)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\na t</w>\nc at</w>\nc a\n")
    return ClipTokens(tmp_path / "vocab.json", tmp_path / "merges.txt")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("cat", ["cat</w>"]),
        ("  A \n CAT", ["a</w>", "cat</w>"]),
        ("cats", ["ca", "t", "s</w>"]),
        ("cat's", ["cat</w>", None]),
        ("cat11!", ["cat</w>", "1</w>", "1</w>", "!</w>"]),
        ("è", ["Ã", "¨</w>"]),
        ("", []),
    ],
)
def test_words_are_merged_from_the_pair_that_is_commonest(
    tokens: ClipTokens, sentence: str, expected: list[str | None]
) -> None:
    # What the vocabulary lacks is its end mark.
    numbers = [VOCABULARY.index(token or END) for token in expected]
    if sentence == "cat's":
        numbers = [VOCABULARY.index("cat</w>"), VOCABULARY.index(END), VOCABULARY.index("s</w>")]
    assert tokens.encode(sentence).tolist() == [VOCABULARY.index(START), *numbers, VOCABULARY.index(END)]


def test_a_long_sentence_is_cut_and_still_ends(tokens: ClipTokens) -> None:
    numbers = tokens.encode("cat " * 200)
    assert len(numbers) == LONGEST
    assert numbers[-1] == VOCABULARY.index(END)


def test_files_that_are_no_vocabulary_are_named(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_text("[]")
    (tmp_path / "merges.txt").write_text("")
    with pytest.raises(LookupError, match=r"vocab\.json and .*merges\.txt are not CLIP's"):
        ClipTokens(tmp_path / "vocab.json", tmp_path / "merges.txt")


def test_a_sentence_is_a_vector_of_length_one(tmp_path: Path) -> None:
    session = OnnxSession(
        described(graphs.clip_text(tmp_path / "t.onnx", [[0, 0, 0], [3, 0, 0], [0, 4, 0]]), "clip_text")
    )
    assert ClipText(session).embed(np.array([0, 1, 2], np.int64)) == pytest.approx([0.6, 0.8, 0])


def opened(folder: Path, vectors: list[list[float]], labels: tuple[str, ...], name: str = "vectors") -> Clip:
    """A CLIP whose picture's vector is the mean colour."""
    file = folder / "vectors.npy"
    np.save(file, np.array(vectors, np.float32))
    known = described(file, "clip_labels", "label_vectors", labels)
    image = described(
        graphs.clip_image(folder / "i.onnx", 16), "clip", "labels", labels, size=[16, 16], vectors=name, scale=100.0
    )
    return Clip(OnnxSession(image), {known.name: known})


def test_the_label_nearest_to_the_picture_is_the_surest(tmp_path: Path) -> None:
    model = opened(tmp_path, [[1, 0, 0], [0, 1, 0], [0, 0, 1]], ("Red", "Green", "Blue"))
    for place in range(3):
        picture = np.zeros((20, 40, 3), np.uint8)
        picture[..., place] = 255
        scores = model.classify(picture)
        assert scores.shape == (3,)
        assert scores.argmax() == place
        # 100 times cosines, of which each label's vector is as far as from the others.
        assert scores[place] > scores.sum() - scores[place] + 100


def test_the_picture_s_middle_is_looked_at(tmp_path: Path) -> None:
    model = opened(tmp_path, [[1, 0, 0], [0, 0, 1]], ("Red", "Blue"))
    wide = np.zeros((32, 96, 3), np.uint8)
    wide[:, :32] = wide[:, 64:] = (255, 0, 0)
    wide[:, 32:64] = (0, 0, 255)
    assert model.classify(wide).argmax() == 1
    assert model.classify(wide.transpose(1, 0, 2).copy()).argmax() == 1


def test_vectors_of_other_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="vectors of 1 labels and the model i 2 labels; pull its pack again"):
        opened(tmp_path, [[1, 0, 0]], ("Red", "Blue"))
    with pytest.raises(LookupError, match="needs the vectors of its labels"):
        opened(tmp_path, [[1, 0, 0]], ("Red",), name="others")
