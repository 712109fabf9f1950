"""SigLIP: sentences as their likeliest pieces, pictures judged for each label by itself."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import graphs
from tests.graphs import described

from openrek.vision.architectures.siglip import SigLip, SigLipText
from openrek.vision.architectures.siglip_tokens import LENGTH, SigLipTokens
from openrek.vision.runtime.session import OnnxSession

# As SigLIP's: padding, end, unknown, then pieces with the logarithms of their probabilities.
PIECES = [
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -2.0),
    ("▁a", -1.5),
    ("▁cat", -4.0),
    ("c", -3.0),
    ("a", -2.5),
    ("t", -2.5),
    ("at", -3.5),
    ("ca", -6.0),
    ("s", -1.0),
]
NUMBER = {piece: place for place, (piece, _) in enumerate(PIECES)}


def tokenizer(folder: Path) -> SigLipTokens:
    """With these pieces."""
    file = folder / "tokenizer.json"
    file.write_text(json.dumps({"model": {"type": "Unigram", "unk_id": 2, "vocab": PIECES}}))
    return SigLipTokens(file)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> SigLipTokens:
    """With these pieces."""
    return tokenizer(tmp_path_factory.mktemp("tokens"))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("cat", ["▁cat"]),
        ("A Cat!", ["▁a", "▁cat"]),
        ("  cat's \n", ["▁cat", "s"]),
        ("tat", ["▁", "t", "at"]),
        ("ca", ["▁", "c", "a"]),
        ("cat-cat", ["▁cat", "c", "at"]),
        ("zz", ["▁", "<unk>"]),
        ("mèo a", ["▁", "<unk>", "▁a"]),
        ("", []),
    ],
)
def test_a_sentence_is_its_likeliest_pieces(tokens: SigLipTokens, sentence: str, expected: list[str]) -> None:
    found = tokens.encode(sentence)
    assert found.dtype == np.int64
    assert found.tolist() == [NUMBER[piece] for piece in expected] + [1] * (LENGTH - len(expected))


@given(st.text("cats", min_size=1, max_size=9))
def test_no_other_pieces_are_likelier(tokens: SigLipTokens, word: str) -> None:
    """Against all ways to divide it."""
    scores = dict(PIECES)
    text = "▁" + word
    best = -np.inf
    for cuts in range(1 << (len(text) - 1)):
        places = [0, *(place for place in range(1, len(text)) if cuts >> (place - 1) & 1), len(text)]
        pieces = [text[start:end] for start, end in pairwise(places)]
        if all(piece in scores for piece in pieces):
            best = max(best, sum(scores[piece] for piece in pieces))
    numbers = [number for number in tokens.encode(word).tolist() if number != 1]
    assert "".join(PIECES[number][0] for number in numbers) == text
    assert sum(PIECES[number][1] for number in numbers) == pytest.approx(best)


def test_a_long_sentence_is_cut_and_still_ends(tokens: SigLipTokens) -> None:
    assert tokens.encode("cat " * 200).tolist() == [NUMBER["▁cat"]] * (LENGTH - 1) + [1]


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"model": {"vocab": {"a": 1}, "unk_id": 0}}', '{"model": {"vocab": []}}']
)
def test_a_file_that_is_no_unigram_model_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(LookupError, match=r"tokenizer\.json is not a unigram model"):
        SigLipTokens(tmp_path / "tokenizer.json")


def test_a_sentence_is_a_vector_of_length_one(tmp_path: Path, tokens: SigLipTokens) -> None:
    vectors = np.zeros((len(PIECES), 3), np.float32)
    vectors[NUMBER["▁a"]], vectors[NUMBER["▁cat"]] = (3, 0, 0), (0, 4, 0)
    file = graphs.siglip_text(tmp_path / "t.onnx", vectors.tolist())
    model = SigLipText(OnnxSession(described(file, "siglip_text", "build")))
    assert model.embed(tokens.encode("a cat")) == pytest.approx([0.6, 0.8, 0])


def opened(folder: Path, vectors: list[list[float]], labels: tuple[str, ...], **fed: object) -> SigLip:
    """A SigLIP whose picture's vector is the mean colour, from -1 to 1."""
    file = folder / "vectors.npy"
    np.save(file, np.array(vectors, np.float32))
    known = described(file, "siglip_labels", "label_vectors", labels)
    fed = {"size": [16, 16], "vectors": "vectors", "scale": 100.0, "bias": -50.0, **fed}
    image = described(graphs.siglip_image(folder / "i.onnx", 16), "siglip", "labels", labels, **fed)
    return SigLip(OnnxSession(image), {known.name: known})


def test_each_label_is_judged_by_itself(tmp_path: Path) -> None:
    root = 3**-0.5
    model = opened(tmp_path, [[root, root, root], [-root, -root, -root], [1, 0, 0]], ("Light", "Dark", "Red"))
    assert not model.exclusive
    white, black = np.full((20, 40, 3), 255, np.uint8), np.zeros((20, 40, 3), np.uint8)
    assert model.classify(white) == pytest.approx([50, -150, 100 * root - 50], abs=1e-3)
    assert model.classify(black) == pytest.approx([-150, 50, -100 * root - 50], abs=1e-3)


def test_the_whole_picture_is_looked_at(tmp_path: Path) -> None:
    model = opened(tmp_path, [[1, 0, 0]], ("Red",))
    wide = np.full((32, 96, 3), 255, np.uint8)
    wide[:, :16] = (255, 0, 0)
    even = np.full((32, 32, 3), 255, np.uint8)
    assert model.classify(wide)[0] > model.classify(even)[0] + 1


def test_a_descriptor_without_scale_or_bias_is_refused(tmp_path: Path) -> None:
    image = described(graphs.siglip_image(tmp_path / "i.onnx", 16), "siglip", "labels", ("Red",), size=[16, 16])
    with pytest.raises(LookupError, match="needs the vectors of its labels"):
        SigLip(OnnxSession(image), {})
    file = tmp_path / "vectors.npy"
    np.save(file, np.eye(1, 3, dtype=np.float32))
    known = described(file, "siglip_labels", "label_vectors", ("Red",))
    fed = {"size": [16, 16], "vectors": "vectors", "scale": 100.0}
    image = described(tmp_path / "i.onnx", "siglip", "labels", ("Red",), **fed)
    with pytest.raises(LookupError, match="must say its 'bias' as input"):
        SigLip(OnnxSession(image), {"vectors": known})
