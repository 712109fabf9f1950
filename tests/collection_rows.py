"""Collections whose rows are written without images: faces with vectors like real ones."""

from collections.abc import Sequence
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from openrek.state import Repositories
from openrek.state.face_rows import NewFace

Floats = NDArray[np.float32]
BOX = (0.25, 0.25, 0.5, 0.5)


def people(count: int, images: int, seed: int = 1) -> Floats:
    """(count × images, 128): vectors whose cosines are about .95 for one person and .86 for strangers."""
    random = np.random.default_rng(seed)
    base = np.sqrt(0.86) * np.eye(1, 128, dtype=np.float32)
    means = base + np.sqrt(0.09) * unit(random.standard_normal((count, 128)))
    return unit(np.repeat(means, images, axis=0) + np.sqrt(0.05) * unit(random.standard_normal((count * images, 128))))


def unit(vectors: "NDArray[np.floating]") -> Floats:
    """Rows of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def add_faces(resources: Repositories, collection: str, vectors: Floats) -> list[str]:
    """FaceIds of new faces with these vectors; the collection exists."""
    model = resources.collections.get(collection).model
    added = [
        NewFace(str(uuid4()), str(uuid4()), f"image:{row}.jpg", BOX, 0.99, vectors[row]) for row in range(len(vectors))
    ]
    return [face.id for face in resources.faces.add(collection, model, added)]


def associate(resources: Repositories, collection: str, user: str, face_ids: Sequence[str]) -> None:
    """Create a user with faces."""
    resources.users.create(collection, user)
    resources.users.associate(collection, user, face_ids, lambda one, others: np.ones(len(others), np.float32), 0.0)
