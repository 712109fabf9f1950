"""The vectors of a pack's labels, made once from the text half of its network."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from openrek.vision.architectures.clip import ClipText
from openrek.vision.architectures.clip_tokens import ClipTokens
from openrek.vision.pack import ModelDescriptor
from openrek.vision.session import OnnxSession


def make_label_vectors(
    wanted: ModelDescriptor, models: Mapping[str, ModelDescriptor], progress: Callable[[int, int], None]
) -> None:
    """Writes (labels, D) of length 1 each: NumPy's own format, so that equal labels give equal bytes.

    Args:
        wanted: What is made; its input names the text model, vocabulary and merges, and the prompt with {} for a label.
        models: The pack's models by name; their files are known to be the right ones.
        progress: Is told how many labels of how many are done.

    Raises:
        LookupError: the descriptor lacks something, or a file is not what it should be.
    """
    try:
        text, vocabulary, merges = (models[wanted.input[part]] for part in ("text", "vocabulary", "merges"))
        prompt: str = wanted.input["prompt"]
    except KeyError as error:
        raise LookupError(f"the model {wanted.name} is made from others, and {error} is not among them") from None
    if not wanted.labels:
        raise LookupError(f"the model {wanted.name} has no labels")
    tokens = ClipTokens(vocabulary.file, merges.file)
    vectors = []
    try:
        model = ClipText(OnnxSession(text))
        for place, label in enumerate(wanted.labels):
            vectors.append(model.embed(tokens.encode(prompt.replace("{}", label))))
            progress(place + 1, len(wanted.labels))
    # ONNX Runtime raises what it likes where a graph is not the one expected.
    except Exception as error:
        raise LookupError(f"the model {text.name} does not work as the text half of CLIP: {error}") from error
    _save(wanted.file, np.stack(vectors))


def _save(path: Path, vectors: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> None:
    with path.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
