"""The vectors of a pack's labels, made once from the text half of its network."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.clip import ClipText
from openrek.vision.architectures.clip_tokens import ClipTokens
from openrek.vision.architectures.siglip import SigLipText
from openrek.vision.architectures.siglip_tokens import SigLipTokens
from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.session import OnnxSession

Floats = NDArray[np.float32]
Embedding = Callable[[str], Floats]
"""(D,), of length 1, of a sentence."""


def make_label_vectors(
    wanted: ModelDescriptor, models: Mapping[str, ModelDescriptor], progress: Callable[[int, int], None]
) -> None:
    """Writes (labels, D) of length 1 each: NumPy's own format, so that equal labels give equal bytes.

    Args:
        wanted: What is made; its input names the text model, the files of its tokens, and the prompt with {} for a
            label.
        models: The pack's models by name; their files are known to be the right ones.
        progress: Called with the number of labels done and in total.

    Raises:
        LookupError: the descriptor lacks something, or a file is not what it should be.
    """
    opened = _clip if wanted.architecture == "clip_labels" else _siglip
    try:
        prompt: str = wanted.input["prompt"]
        text = models[wanted.input["text"]]
        files = {part: models[name].file for part, name in wanted.input.items() if part not in ("prompt", "text")}
        embedding = opened(files)
    except KeyError as error:
        raise LookupError(f"the model {wanted.name} is made from others, and {error} is not among them") from None
    if not wanted.labels:
        raise LookupError(f"the model {wanted.name} has no labels")
    vectors = []
    try:
        embed = embedding(OnnxSession(text))
        for index, label in enumerate(wanted.labels):
            vectors.append(embed(prompt.replace("{}", label)))
            progress(index + 1, len(wanted.labels))
    # ONNX Runtime raises what it likes where a graph is not the one expected.
    except Exception as error:
        name = "CLIP" if wanted.architecture == "clip_labels" else "SigLIP"
        raise LookupError(f"the model {text.name} does not work as the text half of {name}: {error}") from error
    _save(wanted.file, np.stack(vectors))


def _clip(files: Mapping[str, Path]) -> Callable[[OnnxSession], Embedding]:
    tokens = ClipTokens(files["vocabulary"], files["merges"])

    def opened(session: OnnxSession) -> Embedding:
        model = ClipText(session)
        return lambda sentence: model.embed(tokens.encode(sentence))

    return opened


def _siglip(files: Mapping[str, Path]) -> Callable[[OnnxSession], Embedding]:
    tokens = SigLipTokens(files["tokenizer"])

    def opened(session: OnnxSession) -> Embedding:
        model = SigLipText(session)
        return lambda sentence: model.embed(tokens.encode(sentence))

    return opened


def _save(path: Path, vectors: Floats) -> None:
    with path.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
