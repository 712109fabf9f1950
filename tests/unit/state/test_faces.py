"""Faces and users as rows: counted, numbered, followed by a feed of changes, and erased."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from openrek.compose import System, compose
from openrek.config import Settings
from openrek.errors import ConflictError, InvalidParameterError, QuotaExceededError, ResourceNotFoundError
from openrek.state import Face, NewFace, Repositories
from openrek.state import faces as faces_module
from openrek.vectors import VectorReplica

MODEL = "m-1"
_RANDOM = np.random.default_rng(12)


@pytest.fixture
def repositories(state_settings: Settings) -> Iterator[Repositories]:
    with compose(state_settings) as system:
        system.repositories.collections.create("staff", MODEL)
        yield system.repositories


def unit() -> NDArray[np.float32]:
    vector = _RANDOM.normal(size=128).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def new_face(vector: NDArray[np.float32] | None = None, face_id: str = "") -> NewFace:
    identifier = face_id or str(uuid.uuid4())
    vector = unit() if vector is None else vector
    return NewFace(identifier, str(uuid.uuid4()), "lan:1.jpg", (0.1, 0.2, 0.3, 0.4), 0.99, vector)


def cosines(one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(others @ one, np.float32)


def add(repositories: Repositories, count: int) -> list[Face]:
    return repositories.faces.add("staff", MODEL, [new_face() for _ in range(count)])


def test_faces_are_stored_with_all_they_have(repositories: Repositories) -> None:
    face = new_face()
    (stored,) = repositories.faces.add("staff", MODEL, [face])
    collection = repositories.collections.get("staff")
    assert repositories.faces.page(collection, 0, 10) == [stored]
    assert (stored.id, stored.image_id, stored.external_image_id) == (face.id, face.image_id, "lan:1.jpg")
    assert (stored.box, stored.confidence, stored.model, stored.user_id) == (face.box, 0.99, MODEL, None)
    number, vector = repositories.faces.vector(collection, face.id)
    assert number == stored.number
    np.testing.assert_array_equal(vector, face.vector.astype(np.float16))
    assert repositories.faces.numbered(collection, [number, 999]) == {number: stored}
    ((one, kept),) = repositories.faces.all(collection)
    assert one == stored
    np.testing.assert_array_equal(kept, vector)


def test_a_face_with_a_known_id_is_added_once(repositories: Repositories) -> None:
    face = new_face()
    (first,) = repositories.faces.add("staff", MODEL, [face])
    again = repositories.faces.add("staff", MODEL, [new_face(), new_face(face_id=face.id), new_face(face_id=face.id)])
    assert again[1] == again[2] == first
    collection = repositories.collections.get("staff")
    assert collection.face_count == 2
    assert len(repositories.faces.page(collection, 0, 10)) == 2


def test_faces_of_another_model_are_refused(repositories: Repositories) -> None:
    with pytest.raises(InvalidParameterError, match=r"embedded by m-1, this service embeds faces by m-2; .*reindex"):
        repositories.faces.add("staff", "m-2", [new_face()])
    assert repositories.collections.get("staff").face_count == 0


def test_a_collection_that_is_not_there_takes_nothing(repositories: Repositories) -> None:
    with pytest.raises(ResourceNotFoundError, match="'other'"):
        repositories.faces.add("other", MODEL, [new_face()])
    with pytest.raises(ResourceNotFoundError, match="'other'"):
        repositories.users.create("other", "lan")


def test_a_collection_has_a_largest_size(repositories: Repositories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces_module, "MAX_FACES", 3)
    add(repositories, 2)
    with pytest.raises(QuotaExceededError, match="has 2 faces; with 2 more"):
        add(repositories, 2)
    add(repositories, 1)
    assert repositories.collections.get("staff").face_count == 3


def test_pages_are_in_the_order_of_insertion_and_filtered(repositories: Repositories) -> None:
    stored = add(repositories, 7)
    collection = repositories.collections.get("staff")
    faces = repositories.faces
    repositories.users.create("staff", "lan")
    repositories.users.associate("staff", "lan", [stored[4].id, stored[1].id], cosines, -1)
    assert [face.id for face in faces.page(collection, 0, 3)] == [face.id for face in stored[:3]]
    assert [face.id for face in faces.page(collection, stored[2].number, 9)] == [face.id for face in stored[3:]]
    assert [face.id for face in faces.page(collection, 0, 9, "lan")] == [stored[1].id, stored[4].id]
    both = [stored[4].id, stored[5].id, str(uuid.uuid4())]
    assert [face.id for face in faces.page(collection, 0, 9, "lan", both)] == [stored[4].id]
    assert [face.id for face in faces.page(collection, 0, 9, None, both)] == [stored[4].id, stored[5].id]


def test_faces_of_a_user_are_not_deleted(repositories: Repositories) -> None:
    stored = add(repositories, 3)
    repositories.users.create("staff", "lan")
    repositories.users.associate("staff", "lan", [stored[0].id], cosines, -1)
    unknown = str(uuid.uuid4())
    deletion = repositories.faces.delete("staff", [stored[0].id, unknown, stored[1].id, stored[1].id])
    assert (deletion.deleted, deletion.missing) == ((stored[1].id,), (unknown,))
    assert deletion.associated == {stored[0].id: "lan"}
    assert repositories.collections.get("staff").face_count == 2


def test_a_user_has_the_mean_of_its_faces(repositories: Repositories) -> None:
    vectors = [unit() for _ in range(3)]
    stored = repositories.faces.add("staff", MODEL, [new_face(vector) for vector in vectors])
    users = repositories.users
    assert users.create("staff", "lan").face_count == 0
    collection = repositories.collections.get("staff")
    assert users.vector(collection, "lan")[1] is None
    membership = users.associate("staff", "lan", [face.id for face in stored], cosines, 0.9)
    assert (membership.changed, membership.face_count) == (tuple(face.id for face in stored), 3)
    user, vector = users.vector(collection, "lan")
    assert user.face_count == 3
    mean = np.mean(vectors, axis=0)
    assert vector is not None
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-3)
    membership = users.disassociate("staff", "lan", [face.id for face in stored])
    assert membership.face_count == 0
    assert users.vector(collection, "lan")[1] is None


def test_faces_that_cannot_be_associated_have_a_reason(repositories: Repositories) -> None:
    alike = unit()
    stored = repositories.faces.add("staff", MODEL, [new_face(alike), new_face(alike), new_face(-alike), new_face()])
    users, ids = repositories.users, [face.id for face in stored]
    for name in ("lan", "minh"):
        users.create("staff", name)
    users.associate("staff", "lan", ids[:1], cosines, 0.75)
    users.associate("staff", "minh", ids[3:], cosines, 0.75)
    unknown = str(uuid.uuid4())
    membership = users.associate("staff", "lan", [unknown, *ids], cosines, 0.75)
    assert membership.changed == (ids[1],)
    assert membership.face_count == 2
    assert [(face.face_id, face.reason, face.user_id) for face in membership.rejected] == [
        (unknown, "missing", None),
        (ids[2], "unlike", None),
        (ids[3], "of another user", "minh"),
    ]
    assert membership.rejected[1].similarity == pytest.approx(-1, abs=1e-2)
    membership = users.disassociate("staff", "lan", [ids[3], unknown, ids[2], ids[0]])
    assert membership.changed == (ids[0],)
    assert [(face.face_id, face.reason) for face in membership.rejected] == [
        (ids[3], "of another user"),
        (unknown, "missing"),
    ]


def test_a_user_has_at_most_a_hundred_faces(repositories: Repositories) -> None:
    stored = add(repositories, 102)
    ids = [face.id for face in stored]
    users = repositories.users
    users.create("staff", "lan")
    users.associate("staff", "lan", ids[:60], cosines, -1)
    with pytest.raises(QuotaExceededError, match="has 60 faces; with 41 more it would have 101"):
        users.associate("staff", "lan", ids[60:101], cosines, -1)
    assert users.get(repositories.collections.get("staff"), "lan").face_count == 60
    # Faces that it has already do not count again.
    assert users.associate("staff", "lan", ids[:100], cosines, -1).face_count == 100


def test_a_user_is_created_once_and_deleted_once(repositories: Repositories) -> None:
    users = repositories.users
    users.create("staff", "lan")
    with pytest.raises(ConflictError, match="'lan' already exists"):
        users.create("staff", "lan")
    (face,) = add(repositories, 1)
    users.associate("staff", "lan", [face.id], cosines, 0)
    users.delete("staff", "lan")
    with pytest.raises(ResourceNotFoundError, match="'lan'"):
        users.delete("staff", "lan")
    collection = repositories.collections.get("staff")
    assert (collection.user_count, collection.face_count) == (0, 1)
    assert repositories.faces.page(collection, 0, 9)[0].user_id is None


def test_changes_are_followed_in_steps(repositories: Repositories) -> None:
    stored = add(repositories, 5)
    faces, incarnation = repositories.faces, repositories.collections.get("staff").incarnation
    first = faces.changes(incarnation, 0, 3)
    assert (first.numbers.tolist(), first.is_last) == ([face.number for face in stored[:3]], False)
    assert first.vectors.shape == (3, 128)
    assert first.vectors.dtype == np.float16
    second = faces.changes(incarnation, first.sequence, 3)
    assert (second.numbers.tolist(), second.is_last) == ([face.number for face in stored[3:]], True)
    faces.delete("staff", [stored[0].id, stored[4].id])
    (later,) = add(repositories, 1)
    third = faces.changes(incarnation, second.sequence, 3)
    assert (third.numbers.tolist(), third.removed.tolist()) == ([later.number], [stored[0].number, stored[4].number])
    assert third.sequence == repositories.collections.get("staff").sequence
    nothing = faces.changes(incarnation, third.sequence, 3)
    assert (len(nothing.numbers), len(nothing.removed), nothing.sequence) == (0, 0, third.sequence)


def test_changes_of_users_are_their_latest_vectors(repositories: Repositories) -> None:
    stored = add(repositories, 2)
    users, incarnation = repositories.users, repositories.collections.get("staff").incarnation
    lan, minh = users.create("staff", "lan"), users.create("staff", "minh")
    users.associate("staff", "lan", [stored[0].id], cosines, -1)
    users.associate("staff", "minh", [stored[1].id], cosines, -1)
    start = users.changes(incarnation, 0, 9)
    assert start.numbers.tolist() == [lan.number, minh.number]
    users.disassociate("staff", "minh", [stored[1].id])
    users.associate("staff", "lan", [stored[1].id], cosines, -1)
    users.delete("staff", "minh")
    then = users.changes(incarnation, start.sequence, 9)
    assert (then.numbers.tolist(), then.removed.tolist()) == ([lan.number], [minh.number])
    assert len(repositories.faces.changes(incarnation, start.sequence, 9).removed) == 0


def test_a_follower_that_was_away_too_long_starts_anew(
    repositories: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = add(repositories, 4)
    faces, incarnation = repositories.faces, repositories.collections.get("staff").incarnation
    start = faces.changes(incarnation, 0, 9)
    faces.delete("staff", [stored[0].id])
    monkeypatch.setattr("openrek.state.vector_changes._KEPT_MS", -1)
    faces.delete("staff", [stored[1].id])
    behind = faces.changes(incarnation, start.sequence, 9)
    assert behind.is_reset
    assert behind.numbers.tolist() == [face.number for face in stored[2:]]
    assert not faces.changes(incarnation, behind.sequence, 9).is_reset


def test_a_large_collection_is_read_in_steps_whatever_was_removed_long_ago(
    repositories: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrek.vectors.replica._BATCH", 2)
    stored = add(repositories, 7)
    replica = VectorReplica(repositories.faces.changes)

    def numbers() -> list[int]:
        collection = repositories.collections.get("staff")
        return sorted(replica.search(collection.incarnation, collection.sequence, unit(), 99).numbers.tolist())

    assert numbers() == [face.number for face in stored]
    monkeypatch.setattr("openrek.state.vector_changes._KEPT_MS", -1)
    repositories.faces.delete("staff", [stored[5].id])
    repositories.faces.delete("staff", [stored[1].id])
    kept = [face.number for index, face in enumerate(stored) if index not in (1, 5)]
    assert numbers() == kept
    replica = VectorReplica(repositories.faces.changes)
    assert numbers() == kept


def test_a_new_collection_of_an_old_name_is_another(repositories: Repositories) -> None:
    add(repositories, 3)
    before = repositories.collections.get("staff")
    repositories.users.create("staff", "lan")
    repositories.collections.delete("staff")
    repositories.collections.create("staff", MODEL)
    after = repositories.collections.get("staff")
    assert after.incarnation > before.incarnation
    assert (after.face_count, after.user_count, after.sequence) == (0, 0, 0)
    assert repositories.faces.page(after, 0, 9) == repositories.faces.page(before, 0, 9) == []
    assert len(repositories.faces.changes(before.incarnation, 0, 9).numbers) == 0


def test_files_have_no_bytes_of_a_deleted_vector(tmp_path: Path) -> None:
    def holding(needle: bytes) -> list[str]:
        return [path.name for path in tmp_path.rglob("*") if path.is_file() and needle in path.read_bytes()]

    with compose(Settings(tmp_path)) as system:
        _delete_everywhere(system, holding)
    assert [path.name for path in tmp_path.iterdir()]


def _delete_everywhere(system: System, holding: "object") -> None:
    assert callable(holding)
    repositories = system.repositories
    repositories.collections.create("staff", MODEL)
    stored_faces = [new_face() for _ in range(4)]
    needles = [face.vector.astype("<f2").tobytes() for face in stored_faces]
    face, of_user, of_collection, kept = repositories.faces.add("staff", MODEL, stored_faces)
    assert all(holding(needle) for needle in needles)
    repositories.faces.delete("staff", [face.id])
    assert holding(needles[0]) == []
    repositories.users.create("staff", "lan")
    repositories.users.associate("staff", "lan", [of_user.id], cosines, -1)
    repositories.users.disassociate("staff", "lan", [of_user.id])
    repositories.faces.delete("staff", [of_user.id])
    assert holding(needles[1]) == []
    assert of_collection.id != kept.id
    assert all(holding(needle) for needle in needles[2:])
    repositories.collections.delete("staff")
    assert [holding(needle) for needle in needles] == [[], [], [], []]
