"""Matches come in the order of the cosine, also where the similarity, which ends at 0 and 100, has none."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.compose import compose
from openrek.config import Settings
from openrek.rekognition import Client, Services
from openrek.s3 import MemoryObjectStore
from openrek.state import NewFace
from openrek.vision import EncodedFrame, Faces, similarity

MODEL = "dlib_resnet-1"
COSINES = (0.1, 0.6, -0.4, 0.3)
"""All of similarity 0."""


def vector(cosine: float) -> NDArray[np.float32]:
    """Of this cosine to the first axis."""
    found = np.zeros(128, np.float32)
    found[:2] = cosine, (1 - cosine**2) ** 0.5
    return found


def in_a_row(count: int) -> Faces:
    left = np.arange(count, dtype=np.float32) * 20
    return Faces(
        np.stack([left, left * 0, left + 16, left * 0 + 16], axis=1),
        np.ones(count, np.float32),
        np.zeros((count, 5, 2), np.float32),
        np.zeros((count, 3), np.float32),
        np.full(count, 50, np.float32),
        np.full(count, 50, np.float32),
    )


class Engine:
    """An engine that detects one face in the first image, and four in the second, as far from the first as COSINES."""

    face_model = MODEL

    def __init__(self) -> None:
        self._vectors = [np.stack([vector(1)]), np.stack([vector(cosine) for cosine in COSINES])]

    def analysis(self, frame: EncodedFrame) -> Any:
        vectors = self._vectors.pop(0)
        faces = in_a_row(len(vectors))
        return SimpleNamespace(frame=frame, faces=faces, embeddings=lambda _: vectors, start=lambda *_: None)

    def similarity(self, one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
        return similarity(one, others)


def test_compare_faces(tmp_path: Path, cat: bytes) -> None:
    engine: Any = Engine()
    with compose(Settings(tmp_path)) as system:
        client = Client(Services(engine, MemoryObjectStore(), system.repositories))
        image = {"Bytes": cat}
        answer = client.compare_faces(SourceImage=image, TargetImage=image, SimilarityThreshold=0)
    assert [match["Similarity"] for match in answer["FaceMatches"]] == [0, 0, 0, 0]
    places = [match["Face"]["BoundingBox"]["Left"] for match in answer["FaceMatches"]]
    assert np.argsort(places).argsort().tolist() == [1, 3, 0, 2]


def test_search_faces(tmp_path: Path) -> None:
    engine: Any = Engine()
    with compose(Settings(tmp_path)) as system:
        repositories = system.repositories
        repositories.collections.create("staff", MODEL)
        ids = [f"{number}1111111-2222-3333-4444-555555555555" for number in range(5)]
        rows = [
            NewFace(face, face, None, (0, 0, 1, 1), 1.0, vector(cosine))
            for face, cosine in zip(ids, (1.0, *COSINES), strict=True)
        ]
        repositories.faces.add("staff", MODEL, rows)
        client = Client(Services(engine, MemoryObjectStore(), repositories))
        matches = client.search_faces(CollectionId="staff", FaceId=ids[0], FaceMatchThreshold=0)["FaceMatches"]
    assert [match["Similarity"] for match in matches] == [0, 0, 0, 0]
    assert [match["Face"]["FaceId"] for match in matches] == [ids[2], ids[4], ids[1], ids[3]]
