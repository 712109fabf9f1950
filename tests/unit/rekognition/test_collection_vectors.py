"""Copies of vectors in memory follow what other processes do."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from openrek.compose import compose
from openrek.config import Settings
from openrek.rekognition.collection_vectors import CollectionVectors
from openrek.state import NewFace, Repositories

ONE = "11111111-2222-3333-4444-555555555555"
OTHER = "22222222-2222-3333-4444-555555555555"
MODEL = "dlib_resnet-1"
VECTOR = np.full(128, 128**-0.5, np.float32)


def face(face_id: str) -> NewFace:
    return NewFace(face_id, face_id, None, (0, 0, 1, 1), 1.0, VECTOR)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Repositories, Repositories]]:
    """The state as two processes have it."""
    with compose(Settings(tmp_path)) as here, compose(Settings(tmp_path)) as there:
        here.repositories.collections.create("staff", MODEL)
        yield here.repositories, there.repositories


def found(vectors: CollectionVectors, resources: Repositories) -> list[int]:
    collection = resources.collections.get("staff")
    return [int(number) for number in vectors.search("faces", collection, VECTOR, 9).numbers]


def test_what_one_process_stores_another_finds_at_once(two: tuple[Repositories, Repositories]) -> None:
    here, there = two
    vectors = CollectionVectors(there)
    (one,) = here.faces.add("staff", MODEL, [face(ONE)])
    assert found(vectors, there) == [one.number]
    (other,) = here.faces.add("staff", MODEL, [face(OTHER)])
    assert found(vectors, there) == [one.number, other.number]
    here.faces.delete("staff", [ONE])
    assert found(vectors, there) == [other.number]


def test_deleted_vectors_leave_memory_without_a_search(two: tuple[Repositories, Repositories]) -> None:
    here, there = two
    vectors = CollectionVectors(there)
    vectors.follow()  # nothing was searched yet
    here.faces.add("staff", MODEL, [face(ONE), face(OTHER)])
    before = there.collections.get("staff")
    assert len(found(vectors, there)) == 2
    here.faces.delete("staff", [ONE])
    vectors.follow()
    # As of before the deletion: only what is in memory counts.
    assert len(vectors.search("faces", before, VECTOR, 9).numbers) == 1
    here.collections.delete("staff")
    vectors.follow()
    assert len(vectors.search("faces", before, VECTOR, 9).numbers) == 0


def test_a_new_collection_of_an_old_name_is_empty(two: tuple[Repositories, Repositories]) -> None:
    here, there = two
    vectors = CollectionVectors(there)
    here.faces.add("staff", MODEL, [face(ONE)])
    assert len(found(vectors, there)) == 1
    here.collections.delete("staff")
    here.collections.create("staff", MODEL)
    assert found(vectors, there) == []
