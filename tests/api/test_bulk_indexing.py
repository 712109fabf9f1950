"""`openrek faces index`: a folder or a bucket becomes a collection."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from openrek.cli import main
from tests.conftest import RunningService
from tests.portraits import portraits, write_portraits


@pytest.fixture
def collection(server: RunningService) -> Iterator[str]:
    """A name; the collection is deleted afterwards."""
    name = f"bulk-{uuid4().hex[:8]}"
    yield name
    server.client().delete_collection(CollectionId=name)


def index(server: RunningService, collection: str, source: Path | str, report: Path, *options: str) -> Result:
    arguments = ["faces", "index", collection, str(source), "--report", str(report), *options]
    return CliRunner().invoke(main, [*arguments, "--data", str(server.data_dir)])


def rows(report: Path) -> dict[str, tuple[str, str]]:
    with report.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == ["image", "outcome", "reason"]
        return {row["image"]: (row["outcome"], row["reason"]) for row in reader}


def faces(server: RunningService, collection: str, **filters: Any) -> list[dict[str, Any]]:
    pages = server.client().get_paginator("list_faces").paginate(CollectionId=collection, **filters)
    return [face for page in pages for face in page["Faces"]]


def test_every_image_has_a_row_and_one_bad_image_never_stops_the_rest(
    server: RunningService, collection: str, astronaut: bytes, cat: bytes, tmp_path: Path
) -> None:
    folder, report = tmp_path / "photos", tmp_path / "report.csv"
    write_portraits(folder / "people", astronaut, 3)
    (folder / "cat.jpg").write_bytes(cat)
    (folder / "broken.jpg").write_bytes(astronaut[:2000])
    (folder / "text.png").write_bytes(b"not an image")
    (folder / "notes.txt").write_text("not an image, and not named as one")
    done = index(server, collection, folder, report)
    assert done.exit_code == 1, done.output
    found = rows(report)
    assert {image: outcome for image, (outcome, _) in found.items()} == {
        "people/0000.jpg": "indexed",
        "people/0001.jpg": "indexed",
        "people/0002.jpg": "indexed",
        "cat.jpg": "no_face",
        "broken.jpg": "failed",
        "text.png": "failed",
    }
    assert all(reason for outcome, reason in found.values() if outcome != "indexed")
    assert "3 images indexed with 3 faces" in done.output
    assert "2 failed" in done.output
    # The running service finds them.
    assert {face["ExternalImageId"] for face in faces(server, collection)} == {
        "people:0000.jpg",
        "people:0001.jpg",
        "people:0002.jpg",
    }
    matches = server.client().search_faces_by_image(CollectionId=collection, Image={"Bytes": astronaut})["FaceMatches"]
    assert len(matches) == 3


def test_a_second_run_skips_what_is_indexed_and_adds_what_is_new_or_changed(
    server: RunningService, collection: str, astronaut: bytes, tmp_path: Path
) -> None:
    folder, report = tmp_path / "photos", tmp_path / "report.csv"
    write_portraits(folder, astronaut, 2)
    assert index(server, collection, folder, report).exit_code == 0
    before = {face["FaceId"] for face in faces(server, collection)}
    first, second, third = portraits(astronaut, 5)[2:]
    (folder / "0001.jpg").write_bytes(first)
    (folder / "new.jpg").write_bytes(second)
    done = index(server, collection, folder, report)
    assert done.exit_code == 0, done.output
    assert {image: outcome for image, (outcome, _) in rows(report).items()} == {
        "0000.jpg": "skipped",
        "0001.jpg": "indexed",
        "new.jpg": "indexed",
    }
    after = {face["FaceId"] for face in faces(server, collection)}
    assert before < after
    assert len(after) == 4
    assert third not in (first, second)


def test_a_folder_a_person_becomes_users(
    server: RunningService, collection: str, astronaut: bytes, tmp_path: Path
) -> None:
    folder, report = tmp_path / "photos", tmp_path / "report.csv"
    write_portraits(folder / "Eileen", astronaut, 3)
    write_portraits(folder / "Trần Thị Bé", astronaut, 1)
    (folder / "group.jpg").write_bytes(portraits(astronaut, 9)[8])
    done = index(server, collection, folder, report, "--users")
    assert done.exit_code == 0, done.output
    client = server.client()
    users = [user["UserId"] for user in client.list_users(CollectionId=collection)["Users"]]
    assert users[0] == "Eileen"
    assert users[1].startswith("Tran_Thi_Be-")
    assert [len(faces(server, collection, UserId=user)) for user in users] == [3, 1]
    assert [face["ExternalImageId"] for face in faces(server, collection) if "UserId" not in face] == ["group.jpg"]
    # What an interrupted run left undone is done by the next: faces of skipped images get their user.
    client.delete_user(CollectionId=collection, UserId="Eileen")
    assert index(server, collection, folder, report, "--users").exit_code == 0
    assert {outcome for outcome, _ in rows(report).values()} == {"skipped"}
    assert len(faces(server, collection, UserId="Eileen")) == 3


def test_a_face_unlike_the_others_of_its_folder_is_not_the_user_s(
    server: RunningService, collection: str, astronaut: bytes, tmp_path: Path, shared: Path
) -> None:
    """Of an image with several faces the largest is the user's, if it resembles the user."""
    from openrek.cli.bulk.images import BulkImage
    from openrek.cli.bulk.indexing import IndexedFace, IndexedImage
    from openrek.cli.bulk.people import People
    from openrek.cli.bulk.report import Outcome

    other = next((shared / "data" / "lfw_gray_pairs").glob("Abdullah_0001.jpg"))
    folder, report = tmp_path / "photos", tmp_path / "report.csv"
    write_portraits(folder, astronaut, 2)
    shutil.copy(other, folder / "other.jpg")
    assert index(server, collection, folder, report).exit_code == 0
    by_image = {face["ExternalImageId"]: IndexedFace(face["FaceId"]) for face in faces(server, collection)}
    client = server.client()
    images = [
        IndexedImage(BulkImage(("e", name), name), Outcome.INDEXED, "", found)
        for name, found in (
            ("other.jpg", [by_image["other.jpg"], by_image["0001.jpg"]]),
            ("0000.jpg", [by_image["0000.jpg"]]),
        )
    ]
    reasons = People(client, collection).associate("e", images)
    assert list(reasons) == [0]
    assert "LOW_MATCH_CONFIDENCE (similarity" in reasons[0]
    assert [face["ExternalImageId"] for face in faces(server, collection, UserId="e")] == ["0000.jpg"]


def test_a_prefix_of_a_bucket_is_indexed(
    server: RunningService, collection: str, astronaut: bytes, tmp_path: Path, s3: Any, bucket: str
) -> None:
    for name, data in zip(("staff/anh/1.jpg", "staff/2.jpg", "other/3.jpg"), portraits(astronaut, 3), strict=True):
        s3.put_object(Bucket=bucket, Key=name, Body=data)
    report = tmp_path / "report.csv"
    done = index(server, collection, f"s3://{bucket}/staff/", report)
    assert done.exit_code == 0, done.output
    assert set(rows(report)) == {"anh/1.jpg", "2.jpg"}
    assert {face["ExternalImageId"] for face in faces(server, collection)} == {"anh:1.jpg", "2.jpg"}


def test_a_service_elsewhere_indexes(
    server: RunningService,
    collection: str,
    astronaut: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    s3: Any,
    bucket: str,
) -> None:
    for name, value in server.keys.items():
        monkeypatch.setenv(name.upper(), value)
    folder, report = tmp_path / "photos", tmp_path / "report.csv"
    write_portraits(folder, astronaut, 2)
    arguments = ["faces", "index", collection, str(folder), "--report", str(report), "--endpoint-url", server.url]
    for outcome in ("indexed", "skipped"):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        assert {found for found, _ in rows(report).values()} == {outcome}
    s3.put_object(Bucket=bucket, Key="x/9.jpg", Body=portraits(astronaut, 3)[2])
    arguments[3] = f"s3://{bucket}/x"
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert rows(report) == {"x/9.jpg": ("indexed", "")}
    assert len(faces(server, collection)) == 3


def test_an_image_of_more_than_5_mib_is_indexed(
    server: RunningService, collection: str, astronaut: bytes, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "large.jpg").write_bytes(portraits(astronaut, 1)[0] + bytes(6_000_000))
    done = index(server, collection, tmp_path / "photos", tmp_path / "report.csv")
    assert done.exit_code == 0, done.output
    assert len(faces(server, collection)) == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [("nowhere", "neither a folder nor"), ("s3://", "must be s3://BUCKET"), (".", "no images in a supported format")],
)
def test_a_source_without_images_is_reported(server: RunningService, tmp_path: Path, source: str, message: str) -> None:
    source = source if source.startswith("s3") else str(tmp_path / source)
    done = index(server, "nothing", source, tmp_path / "report.csv")
    assert done.exit_code == 1
    assert message in done.output
    assert "nothing" not in server.client().list_collections()["CollectionIds"]
