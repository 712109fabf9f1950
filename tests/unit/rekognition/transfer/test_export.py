"""Exports and imports of collections, on the rows themselves."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection
from tests.collection_rows import add_faces, associate, people

from openrek.compose import compose
from openrek.config import Settings
from openrek.errors import ConflictError, InvalidParameterError, ResourceNotFoundError
from openrek.rekognition.transfer.collection_file import CollectionFile, CollectionFileError
from openrek.rekognition.transfer.export import Exported, export_collection
from openrek.rekognition.transfer.importing import import_collection
from openrek.rekognition.transfer.parquet_file import ParquetFile
from openrek.state import Collection, Repositories
from openrek.state.transfers import Removals


@pytest.fixture
def resources(state_settings: Settings) -> Iterator[Repositories]:
    with compose(state_settings) as system:
        yield system.repositories


@pytest.fixture
def staff(resources: Repositories) -> list[str]:
    """A collection of two users with two faces each, and two faces of nobody; FaceIds."""
    resources.collections.create("staff", "dlib-1")
    faces = add_faces(resources, "staff", people(3, 2))
    associate(resources, "staff", "anh", faces[:2])
    associate(resources, "staff", "binh", faces[2:4])
    return faces


def rows(resources: Repositories, name: str) -> dict[str, tuple[object, bytes]]:
    """Faces with their vectors, but for what their insertion numbered."""
    collection = resources.collections.get(name)
    return {
        face.id: ((face.image_id, face.external_image_id, face.box, face.user_id, face.model), vector.tobytes())
        for face, vector in resources.faces.all(collection)
    }


def test_an_imported_collection_is_the_exported_one(resources: Repositories, staff: list[str], tmp_path: Path) -> None:
    path = tmp_path / "staff.jsonl"
    assert export_collection(resources, "staff", path) == Exported(6, 2)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("rb") as file:
        imported = import_collection(resources, CollectionFile(file), "copy")
    assert (imported.faces, imported.users, imported.rejected) == (6, 2, 0)
    assert rows(resources, "copy") == rows(resources, "staff")
    copy, original = (resources.collections.get(name) for name in ("copy", "staff"))
    for user in ("anh", "binh"):
        _, vector = resources.users.vector(copy, user)
        _, expected = resources.users.vector(original, user)
        assert vector is not None
        assert expected is not None
        assert vector.tobytes() == expected.tobytes()


def test_an_import_is_repeated_without_a_second_row(resources: Repositories, staff: list[str], tmp_path: Path) -> None:
    path = tmp_path / "staff.jsonl"
    export_collection(resources, "staff", path)
    data = path.read_bytes()
    with pytest.raises(CollectionFileError, match="ends after"):
        import_collection(resources, CollectionFile(io.BytesIO(data[: data.rindex(b"{")])), "copy")
    for _ in range(2):
        import_collection(resources, CollectionFile(io.BytesIO(data)), "copy")
    assert rows(resources, "copy") == rows(resources, "staff")
    assert resources.collections.get("copy").face_count == 6


def test_vectors_of_two_models_are_not_mixed(resources: Repositories, staff: list[str], tmp_path: Path) -> None:
    path = tmp_path / "staff.jsonl"
    export_collection(resources, "staff", path)
    resources.collections.create("other", "sface-2")
    with path.open("rb") as file, pytest.raises(InvalidParameterError, match="embedded by sface-2, those of the file"):
        import_collection(resources, CollectionFile(file), "other")


def test_a_parquet_file_is_imported_as_it_was_exported(
    resources: Repositories, staff: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrek.rekognition.transfer.export._REPORTED", 1)
    monkeypatch.setattr("openrek.rekognition.transfer.parquet_file._BATCH", 2)
    resources.users.create("staff", "empty")
    path = tmp_path / "staff.parquet"
    assert export_collection(resources, "staff", path, Deleting(resources, [staff[0]], "anh")) == Exported(5, 2)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.glob("staff*")] == ["staff.parquet"]
    imported = import_collection(resources, ParquetFile(path), "copy")
    assert (imported.faces, imported.users) == (5, 2)
    assert rows(resources, "copy") == rows(resources, "staff")


def test_an_empty_collection_is_a_parquet_file_too(resources: Repositories, tmp_path: Path) -> None:
    resources.collections.create("empty", "dlib-1")
    path = tmp_path / "empty.parquet"
    assert export_collection(resources, "empty", path) == Exported(0, 0)
    assert import_collection(resources, ParquetFile(path), "copy").faces == 0


def test_other_parquet_files_are_rejected(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "other.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(CollectionFileError, match="not a collection"):
        ParquetFile(path)
    pq.write_table(pa.table({"face_id": ["x"]}), path)
    with pytest.raises(CollectionFileError, match="not a collection"):
        ParquetFile(path)


class Deleting:
    """Repositories that delete faces and a user while an export reads: at the last moment before its check."""

    def __init__(self, resources: Repositories, faces: list[str], user: str | None) -> None:
        self._resources, self._faces, self._user = resources, faces, user

    def __call__(self, _done: int) -> None:
        if self._user is not None:
            self._resources.users.delete("staff", self._user)
            self._resources.faces.delete("staff", self._faces)
        self._user = None


@pytest.mark.parametrize("reported", [1, 4])
def test_a_face_deleted_during_an_export_is_not_in_the_file(
    resources: Repositories, staff: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reported: int
) -> None:
    monkeypatch.setattr("openrek.rekognition.transfer.export._REPORTED", reported)
    vectors = {face_id: vector for face_id, (_, vector) in rows(resources, "staff").items()}
    path = tmp_path / "staff.jsonl"
    exported = export_collection(resources, "staff", path, Deleting(resources, [staff[0], staff[5]], "anh"))
    assert exported == Exported(4, 1)
    with path.open("rb") as file:
        records = list(CollectionFile(file).records())
    assert len(records) == 5
    data = path.read_text()
    assert staff[0] not in data
    assert "anh" not in data
    assert base64.b64encode(vectors[staff[0]]).decode() not in data
    assert [file.name for file in tmp_path.glob("staff*")] == ["staff.jsonl"]


def test_a_deletion_between_the_last_check_and_the_renaming_waits(
    resources: Repositories, staff: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check in the transaction finds what was deleted after the one before it."""
    transfers = resources.transfers
    removed_since, deleted = transfers.removed_since, iter([[staff[4]], [staff[5]]])

    def racing(collection: Collection, connection: Connection | None = None) -> Removals:
        found: Removals = removed_since(collection, connection)
        if connection is None:
            resources.faces.delete("staff", next(deleted, []))
        return found

    monkeypatch.setattr(transfers, "removed_since", racing)
    assert export_collection(resources, "staff", tmp_path / "staff.jsonl") == Exported(4, 2)
    lines = (tmp_path / "staff.jsonl").read_text().splitlines()
    assert {json.loads(line)["face_id"] for line in lines if "face_id" in line} == set(staff[:4])
    assert json.loads(lines[-1]) == {"faces": 4, "users": 2}


def test_a_failed_export_leaves_the_old_file_and_nothing_else(
    resources: Repositories, staff: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrek.rekognition.transfer.export._REPORTED", 1)
    path = tmp_path / "staff.jsonl"
    path.write_text("before")
    with pytest.raises(ResourceNotFoundError, match="was deleted meanwhile"):
        export_collection(resources, "staff", path, lambda _: _delete_once(resources))
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.glob("staff*")] == ["staff.jsonl"]
    with pytest.raises(ResourceNotFoundError, match="does not exist"):
        export_collection(resources, "nothing", path)


def _delete_once(resources: Repositories) -> None:
    if resources.collections.get("staff").face_count:
        resources.collections.delete("staff")
        resources.collections.create("staff", "dlib-1")


def test_vectors_of_another_model_replace_all(resources: Repositories, staff: list[str]) -> None:
    before = resources.collections.get("staff")
    faces = [face for face, _ in resources.faces.all(before)]
    vectors = dict(zip((face.number for face in faces), people(3, 2, seed=9)[:, :64], strict=True))
    resources.transfers.replace_vectors(before, "sface-2", vectors, set())
    after = resources.collections.get("staff")
    assert (after.model, after.face_count, after.user_count) == ("sface-2", 6, 2)
    assert after.incarnation != before.incarnation
    assert after.created_at == before.created_at
    found = list(resources.faces.all(after))
    assert [face.id for face, _ in found] == staff
    assert [face.user_id for face, _ in found] == ["anh", "anh", "binh", "binh", None, None]
    assert {face.model for face, _ in found} == {"sface-2"}
    assert all(np.array_equal(vector, vectors[face.number].astype(np.float16)) for face, vector in found)
    _, user = resources.users.vector(after, "anh")
    mean = vectors[faces[0].number] + vectors[faces[1].number]
    assert user is not None
    assert np.allclose(user, mean / np.linalg.norm(mean), atol=1e-3)
    assert list(resources.faces.all(before)) == []
    assert [collection.name for collection in resources.collections.page("", 10)] == ["staff"]
    # Faces are added and found as before.
    add_faces(resources, "staff", people(1, 1)[:, :64])
    assert resources.collections.get("staff").face_count == 7


def test_faces_without_a_vector_are_deleted_only_if_they_are_named(resources: Repositories, staff: list[str]) -> None:
    before = resources.collections.get("staff")
    numbers = [face.number for face, _ in resources.faces.all(before)]
    vectors = dict(zip(numbers[1:], people(3, 2)[1:], strict=True))
    with pytest.raises(ConflictError, match="Faces were added"):
        resources.transfers.replace_vectors(before, "sface-2", vectors, set())
    assert resources.collections.get("staff").model == "dlib-1"
    resources.transfers.replace_vectors(before, "sface-2", vectors, {numbers[0]})
    after = resources.collections.get("staff")
    assert [face.id for face, _ in resources.faces.all(after)] == staff[1:]
    assert after.face_count == 5
    user, _ = resources.users.vector(after, "anh")
    assert user.face_count == 1
