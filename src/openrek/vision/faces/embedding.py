"""Embedding: faces as unit vectors, and how similar two of them are."""

from collections.abc import Mapping
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.position import FacePosition
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.task import FACE_EMBEDDING

Floats = NDArray[np.float32]

DLIB_RESNET = "dlib_resnet"
# Cosine → similarity by architecture. Between are straight lines.
_SCALES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    # 0.80 and 0.99 stand at the cosines that 1 % and 0.01 % of the pairs of different people exceed, measured over
    # 590,798 such pairs of 1,088 gray images of Labeled Faces in the Wild.
    DLIB_RESNET: ((0.75, 0.8880, 0.9149, 0.9318, 0.9450, 1.0), (0.0, 0.50, 0.80, 0.95, 0.99, 1.0)),
    # 0.363 is the cosine from which OpenCV calls two faces the same person's; nothing else is published of it.
    # https://docs.opencv.org/4.x/d0/dd4/tutorial_dnn_face.html
    "sface": ((0.0, 0.363, 1.0), (0.0, 0.80, 1.0)),
}


class FaceEmbedder:
    """Embeds faces."""

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        session = sessions.chosen("face_embedding") or sessions["face_embedding"]
        self._model = FACE_EMBEDDING.open(session, sessions.models)
        self._architecture = session.descriptor.architecture
        self.needs_mesh = self._model.aligned_by_mesh
        """Whether a mesh of the face, where one can be laid, is to be given to `start`."""
        self.length = self._model.length
        """Of the vectors."""
        self.version = f"{session.descriptor.architecture}-{session.descriptor.sha256[:8]}"
        if self.needs_mesh:
            # Vectors of faces that were aligned otherwise are a little off these.
            self.version += f"-{sessions['facemesh'].descriptor.sha256[:8]}"

    def start(self, pixels: NDArray[np.uint8], face: FacePosition, mesh: Floats | None) -> "Future[Floats]":
        """Begins the embedding of a face of (H, W, 3) RGB: (length,), of length 1.

        Args:
            pixels: The image.
            face: The face, in its pixels.
            mesh: (468, 3) points of the mesh in the same; None where none could be laid or is needed.
        """
        return self._pool.submit(self._model.embed, pixels, face.landmarks, mesh)

    def similarity(self, one: Floats, others: Floats) -> Floats:
        """How surely (D,) and each of (N, D) are the same person, (N,), 0 to 1."""
        return similarity(one, others, self._architecture)

    def min_cosine(self, wanted: float) -> float:
        """The cosine from which two faces are at least this similar; 0 < `wanted` <= 1."""
        cosines, similarities = _SCALES[self._architecture]
        return float(np.interp(wanted, similarities, cosines))


def similarity(one: Floats, others: Floats, architecture: str = DLIB_RESNET) -> Floats:
    """How surely (D,) and each of (N, D), which this architecture made, are the same person, (N,), 0 to 1.

    Of the default pack's, 0.80 is exceeded by 1 % of the pairs of different people, 0.99 by 0.01 %.
    """
    return _scaled(others @ one, architecture)


def face_similarity(one: Floats, others: Floats, model: str) -> Floats:
    """How surely (D,) and each of (N, D) are the same person, (N,), 0 to 1; `model` is the version that made both."""
    return similarity_of(others @ one, model)


def similarity_of(cosines: Floats, model: str) -> Floats:
    """How surely two faces are the same person, by the cosine of their vectors, (N,), 0 to 1.

    Args:
        cosines: (N,), -1 to 1.
        model: Version of the model that made the vectors, see `FaceEmbedder.version`.
    """
    return _scaled(cosines, model.partition("-")[0])


def _scaled(cosines: Floats, architecture: str) -> Floats:
    known, similarities = _SCALES[architecture]
    return np.asarray(np.interp(cosines, known, similarities), np.float32)
