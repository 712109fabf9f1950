"""What correcting a collection reads and changes, on both databases."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.collection_rows import add_faces, associate, people

from openrek.compose import compose
from openrek.config import Settings
from openrek.errors import InvalidParameterError, QuotaExceededError, ResourceNotFoundError
from openrek.state import Repositories


@pytest.fixture
def resources(state_settings: Settings) -> Iterator[Repositories]:
    with compose(state_settings) as system:
        system.repositories.collections.create("staff", "dlib-1")
        yield system.repositories


def alike(one: "np.ndarray", others: "np.ndarray") -> "np.ndarray":
    return np.ones(len(others), np.float32)


def test_faces_of_nobody_and_users_with_theirs(resources: Repositories) -> None:
    vectors = people(3, 2)
    faces = add_faces(resources, "staff", vectors)
    associate(resources, "staff", "anh", faces[2:4])
    resources.users.create("staff", "binh")
    staff, curation = resources.collections.get("staff"), resources.curation
    unknown = curation.unknown(staff, 0, 3)
    assert [face.id for face in unknown] == [*faces[:2], faces[4]]
    assert [face.id for face in curation.unknown(staff, unknown[-1].number, 3)] == [faces[5]]
    assert [(user.user_id, user.face_ids) for user in curation.users(staff, 0, 10)] == [
        ("anh", tuple(faces[2:4])),
        ("binh", ()),
    ]
    ids, found = curation.unknown_vectors(staff, 3)
    assert ids == [faces[5], faces[4], faces[1]]
    assert np.allclose(found, vectors[[5, 4, 1]], atol=1e-3)
    pair = curation.with_vectors(staff, (faces[3], faces[0]))
    assert [(face.id, face.user_id) for face, _ in pair] == [(faces[3], "anh"), (faces[0], None)]
    with pytest.raises(ResourceNotFoundError, match="no-such-face"):
        curation.with_vectors(staff, (faces[0], "no-such-face"))


def test_merged_users_are_one_in_one_transaction(resources: Repositories) -> None:
    vectors = people(2, 60)
    faces = add_faces(resources, "staff", vectors)
    associate(resources, "staff", "anh", faces[:60])
    associate(resources, "staff", "anh-2", faces[60:90])
    associate(resources, "staff", "binh", faces[90:])
    staff, curation = resources.collections.get("staff"), resources.curation
    assert curation.merge(staff, "anh", "anh-2", alike).face_ids == tuple(faces[:90])
    _, vector = resources.users.vector(staff, "anh")
    mean = vectors[:90].astype(np.float16).astype(np.float64).mean(axis=0)
    assert vector is not None
    assert np.allclose(vector, mean / np.linalg.norm(mean), atol=1e-3)
    for user, other, error in (
        ("anh", "binh", QuotaExceededError),
        ("anh", "anh", InvalidParameterError),
        ("anh", "anh-2", ResourceNotFoundError),
        ("nobody", "binh", ResourceNotFoundError),
    ):
        with pytest.raises(error):
            curation.merge(staff, user, other, alike)
    assert [(user.user_id, len(user.face_ids)) for user in curation.users(staff, 0, 10)] == [("anh", 90), ("binh", 30)]
    assert resources.collections.get("staff").user_count == 2
