"""Faces are grouped by person."""

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.rekognition.curation.grouping import group_faces

Floats = NDArray[np.float32]


def people(count: int, images: int, seed: int = 1) -> Floats:
    """Vectors whose cosines are near those of real faces: .85 for strangers, .955 for one person."""
    random = np.random.default_rng(seed)
    means = np.sqrt(0.85) * np.eye(1, 128, dtype=np.float32) + 0.33 * _unit(random.standard_normal((count, 128)))
    return _unit(np.repeat(means, images, axis=0) + 0.2 * _unit(random.standard_normal((count * images, 128))))


def _unit(vectors: NDArray[np.floating]) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("count", [1, 3, 300])
def test_each_person_is_a_group(count: int) -> None:
    groups = group_faces(people(count, 5), 0.92)
    assert sorted(sorted(group.tolist()) for group in groups) == [
        list(range(first, first + 5)) for first in range(0, count * 5, 5)
    ]


def test_many_people_are_not_one_group_however_many_there_are() -> None:
    """Means of large groups are alike; the mean over pairs is not."""
    groups = group_faces(people(1500, 2), 0.92)
    assert max(map(len, groups)) == 2


def test_the_largest_group_comes_first_and_strangers_are_in_none() -> None:
    vectors = np.concatenate([people(1, 1, 5), people(1, 3, 6), people(1, 4, 7)])
    groups = group_faces(vectors, 0.92)
    assert [len(group) for group in groups] == [4, 3]
    assert 0 not in np.concatenate(groups)


def test_the_most_typical_face_of_a_group_comes_first() -> None:
    vectors = people(1, 4)
    vectors[2] = _unit(vectors.mean(axis=0)[None])[0]
    assert group_faces(vectors, 0.9)[0][0] == 2


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_group(count: int) -> None:
    assert group_faces(people(1, count) if count else np.zeros((0, 128), np.float32), 0.9) == []
