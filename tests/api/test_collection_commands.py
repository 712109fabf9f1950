"""`openrek collections` and the corrections of `openrek faces`, on real images."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from click.testing import CliRunner, Result

from openrek.cli import main
from openrek.compose import compose
from openrek.config import Settings
from tests.collection_rows import add_faces, associate, people
from tests.conftest import RunningService
from tests.portraits import write_portraits


@pytest.fixture
def name(server: RunningService) -> Iterator[str]:
    """Name of a collection; it and its copies are deleted afterwards."""
    name = f"c{uuid4().hex[:8]}"
    yield name
    client = server.client()
    for collection in client.list_collections()["CollectionIds"]:
        if collection.startswith(name):
            client.delete_collection(CollectionId=collection)


def run(server: RunningService, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--data", str(server.data_dir)])


def done(server: RunningService, *arguments: str | Path) -> str:
    result = run(server, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def faces(server: RunningService, collection: str, **filters: Any) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = server.client().list_faces(CollectionId=collection, **filters)["Faces"]
    return listed


def vectors(server: RunningService, collection: str) -> dict[str, "np.ndarray[Any, np.dtype[np.float16]]"]:
    with compose(Settings(server.data_dir)) as system:
        resources = system.repositories
        return {face.id: vector for face, vector in resources.faces.all(resources.collections.get(collection))}


def test_an_exported_collection_is_imported_beside_a_running_service(
    server: RunningService, name: str, astronaut: bytes, tmp_path: Path
) -> None:
    write_portraits(tmp_path / "photos" / "eileen", astronaut, 3)
    done(server, "faces", "index", name, tmp_path / "photos", "--users", "--report", tmp_path / "report.csv")
    path = tmp_path / "file.jsonl"
    assert "3 faces and 1 users written" in done(server, "collections", "export", name, "--output", path)
    copy = f"{name}-copy"
    assert "3 faces and 1 new users imported" in done(server, "collections", "import", path, "--name", copy)
    assert f"{copy}  3 faces, 1 users" in done(server, "collections", "list")
    image = {"Bytes": astronaut}
    client = server.client()
    found = [client.search_users_by_image(CollectionId=each, Image=image)["UserMatches"] for each in (name, copy)]
    assert found[0] == found[1] != []
    header = json.loads(path.read_text().splitlines()[0])
    assert header["face_model"] == client.describe_collection(CollectionId=name)["FaceModelVersion"]
    cut_off = tmp_path / "cut.jsonl"
    cut_off.write_bytes(path.read_bytes()[:-40])
    failed = run(server, "collections", "import", cut_off, "--name", f"{name}-cut")
    assert failed.exit_code == 1
    assert "Line" in failed.output or "ends after" in failed.output


def test_a_collection_of_aws_is_adopted(server: RunningService, name: str, astronaut: bytes, tmp_path: Path) -> None:
    photos, listing, mapped = tmp_path / "photos", tmp_path / "faces.json", tmp_path / "map.csv"
    write_portraits(photos / "eileen", astronaut, 3)
    done(server, "faces", "index", f"{name}-box", photos, "--report", tmp_path / "report.csv")
    boxes = {face["ExternalImageId"]: face["BoundingBox"] for face in faces(server, f"{name}-box")}
    old = {f"eileen:{number:04}.jpg": str(uuid4()) for number in range(4)}
    aws = [
        {
            "FaceId": face_id,
            "ExternalImageId": image.replace(":", "_"),
            "ImageId": str(uuid4()),
            # AWS's boxes are not openrek's.
            "BoundingBox": {side: value * 1.06 for side, value in boxes.get(image, boxes["eileen:0000.jpg"]).items()},
            "Confidence": 99.9,
            **({"UserId": "Eileen.C"} if image != "eileen:0002.jpg" else {}),
        }
        for image, face_id in old.items()
    ]
    listing.write_text(json.dumps({"Faces": aws, "FaceModelVersion": "7.0"}, indent=2))
    for _ in range(2):  # it can be repeated
        adopted = run(server, "collections", "adopt", name, photos, "--faces", listing, "--map", mapped)
        assert adopted.exit_code == 1
        assert "3 of 4 faces adopted" in adopted.output
        rows = {row["old_face_id"]: row for row in csv.DictReader(mapped.read_text().splitlines())}
        assert list(rows) == list(old.values())
        here = {face["FaceId"]: face for face in faces(server, name)}
        assert len(here) == 3
        for image, face_id in list(old.items())[:3]:
            face = here[rows[face_id]["new_face_id"]]
            assert face["ExternalImageId"] == image.replace(":", "_")
            assert face.get("UserId") == (None if image == "eileen:0002.jpg" else "Eileen.C")
        missing = rows[old["eileen:0003.jpg"]]
        assert missing["new_face_id"] == ""
        assert missing["reason"] == "no image is named eileen_0003.jpg"


def test_faces_that_aws_does_not_have_are_not_adopted(
    server: RunningService, name: str, astronaut: bytes, tmp_path: Path
) -> None:
    photos, manifest, mapped = tmp_path / "photos", tmp_path / "faces.csv", tmp_path / "map.csv"
    write_portraits(photos, astronaut, 2)
    box = {"left": 0.0, "top": 0.0, "width": 0.05, "height": 0.05}
    lines = [
        "face_id,image,left,top,width,height",
        f"f1,0000.jpg,{','.join(map(str, box.values()))}",
        "f2,0001.jpg,,,,",
    ]
    manifest.write_text("\n".join(lines))
    adopted = run(server, "collections", "adopt", name, photos, "--faces", manifest, "--map", mapped)
    assert adopted.exit_code == 1
    rows = {row["old_face_id"]: row for row in csv.DictReader(mapped.read_text().splitlines())}
    assert rows["f1"]["reason"] == "no face was detected where AWS has this one"
    assert [face["FaceId"] for face in faces(server, name)] == [rows["f2"]["new_face_id"]]


def _age(server: RunningService, name: str, path: Path, copy: str) -> None:
    """A copy of the collection whose faces another model seems to have embedded, all the same."""
    done(server, "collections", "export", name, "--output", path)
    model = server.client().describe_collection(CollectionId=name)["FaceModelVersion"]
    lines = [json.loads(line) for line in path.read_text().replace(model, "older-1").splitlines()]
    vector = next(line["vector"] for line in lines if "vector" in line)
    path.write_text("\n".join(json.dumps(line | ({"vector": vector} if "vector" in line else {})) for line in lines))
    done(server, "collections", "import", path, "--name", copy)


def test_a_collection_is_embedded_anew(server: RunningService, name: str, astronaut: bytes, tmp_path: Path) -> None:
    photos, copy = tmp_path / "photos", f"{name}-copy"
    write_portraits(photos / "eileen", astronaut, 3)
    done(server, "faces", "index", name, photos, "--users", "--report", tmp_path / "report.csv")
    _age(server, name, tmp_path / "file.jsonl", copy)
    client = server.client()
    with pytest.raises(client.exceptions.InvalidParameterException, match="older-1"):
        client.index_faces(CollectionId=copy, Image={"Bytes": astronaut})
    rejected = run(server, "faces", "index", copy, photos, "--report", tmp_path / "other.csv")
    assert rejected.exit_code == 1
    assert "are embedded by older-1" in rejected.output
    assert not (tmp_path / "other.csv").exists()

    without = run(server, "collections", "reindex", copy)
    assert without.exit_code == 1
    assert "3 of 3 faces were not found" in without.output
    assert client.describe_collection(CollectionId=copy)["FaceModelVersion"] == "older-1"

    # Images are recognized by their content: names do not matter.
    (photos / "eileen").rename(photos / "e")
    (photos / "e" / "0000.jpg").rename(photos / "moved.jpg")
    assert "3 faces are embedded by" in done(server, "collections", "reindex", copy, photos)
    expected = vectors(server, name)
    found = vectors(server, copy)
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[face], expected[face]) for face in found)
    image = {"Bytes": astronaut}
    matches = [client.search_users_by_image(CollectionId=each, Image=image)["UserMatches"] for each in (name, copy)]
    assert matches[0] == matches[1] != []
    again = run(server, "collections", "reindex", copy, photos)
    assert again.exit_code == 1
    assert "already" in again.output


def test_faces_without_an_image_are_deleted_only_on_request(
    server: RunningService, name: str, astronaut: bytes, tmp_path: Path
) -> None:
    photos, copy = tmp_path / "photos", f"{name}-copy"
    write_portraits(photos, astronaut, 3)
    done(server, "faces", "index", name, photos, "--report", tmp_path / "report.csv")
    _age(server, name, tmp_path / "file.jsonl", copy)
    (photos / "0001.jpg").unlink()
    rejected = run(server, "collections", "reindex", copy, photos)
    assert rejected.exit_code == 1
    assert "1 of 3 faces were not found in any image: 0001.jpg" in rejected.output
    assert len(faces(server, copy)) == 3
    assert "1 faces were deleted" in done(server, "collections", "reindex", copy, photos, "--delete-missing")
    assert [face["ExternalImageId"] for face in faces(server, copy)] == ["0000.jpg", "0002.jpg"]


def test_corrections_on_the_command_line(server: RunningService, name: str) -> None:
    server.client().create_collection(CollectionId=name)
    with compose(Settings(server.data_dir)) as system:
        ids = add_faces(system.repositories, name, people(3, 3))
        associate(system.repositories, name, "anh", ids[:2])
        associate(system.repositories, name, "anh-2", ids[2:3])
    assert f"{ids[2]}  anh-2  image:2.jpg" in done(server, "faces", "list", name)
    assert done(server, "faces", "list", name, "--unknown").count("\n") == 6
    assert "anh has 3 faces now" in done(server, "faces", "merge", name, "anh", "anh-2")
    assert "1 face taken from anh" in done(server, "faces", "remove", name, "anh", ids[1])
    groups = done(server, "faces", "groups", name, "--min-similarity", "95")
    assert groups.count("3 faces, similarity") == 2
    assert "1 of 7 faces are in no group" in groups
    assert "3 faces given to binh" in done(server, "faces", "name", name, "binh", *ids[3:6])
    users = done(server, "faces", "users", name)
    of_binh = [f"  {face}" for face in ids[3:6]]
    assert users.splitlines() == ["anh  2 faces", f"  {ids[0]}", f"  {ids[2]}", "binh  3 faces", *of_binh]
    assert "similarity" in done(server, "faces", "explain", name, ids[0], ids[1])
    taken = run(server, "faces", "name", name, "anh", ids[3])
    assert taken.exit_code == 1
    assert "ASSOCIATED_TO_A_DIFFERENT_USER" in taken.output
    unknown = run(server, "faces", "merge", name, "anh", "nobody")
    assert unknown.exit_code == 1
    assert "'nobody' does not exist" in unknown.output
