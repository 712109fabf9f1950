"""Crops of faces: not kept unless the operator wants them, and deleted with their faces."""

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.conftest import RunningService, start_service, stop_service
from tests.portraits import portraits


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that keeps crops."""
    service = start_service(tmp_path_factory.mktemp("keeping"), "--keep-faces")
    yield service
    stop_service(service)


def crops(service: RunningService) -> list[str]:
    return [key for key in service.stored() if key.startswith("faces/")]


def test_nothing_of_an_image_is_kept_by_default(server: RunningService, astronaut: bytes) -> None:
    before = server.stored()
    client = server.client()
    client.create_collection(CollectionId="no-crops")
    client.index_faces(CollectionId="no-crops", Image={"Bytes": astronaut})
    assert server.stored() == before
    client.delete_collection(CollectionId="no-crops")


def test_crops_are_shown_with_a_match_and_deleted_with_their_faces(keeping: RunningService, astronaut: bytes) -> None:
    client = keeping.client()
    client.create_collection(CollectionId="staff")
    records = [
        client.index_faces(CollectionId="staff", Image={"Bytes": data})["FaceRecords"][0]["Face"]
        for data in (astronaut, *portraits(astronaut, 2))
    ]
    faces = [record["FaceId"] for record in records]
    assert crops(keeping) == sorted(f"faces/staff/{face}.jpg" for face in faces)
    url = f"{keeping.url}/v1/collections/staff/faces/{faces[0]}/matches/{faces[1]}"
    match = httpx.get(url, headers=keeping.bearer).json()
    for entry in match["faces"]:
        crop = httpx.get(keeping.url + entry["crop_url"], headers=keeping.bearer)
        assert crop.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(crop.content)) as image:
            assert max(image.size) <= 320
        # The crop shows the face: it is found again.
        again = client.detect_faces(Image={"Bytes": crop.content})["FaceDetails"]
        assert len(again) == 1
        best = client.search_faces_by_image(CollectionId="staff", Image={"Bytes": crop.content}, MaxFaces=1)
        assert best["FaceMatches"][0]["Similarity"] > 90
    assert httpx.get(keeping.url + match["faces"][0]["crop_url"]).status_code == 401

    client.create_user(CollectionId="staff", UserId="eileen")
    client.associate_faces(CollectionId="staff", UserId="eileen", FaceIds=faces[:1])
    client.delete_faces(CollectionId="staff", FaceIds=faces[:2])
    assert crops(keeping) == sorted(f"faces/staff/{face}.jpg" for face in (faces[0], faces[2]))
    client.delete_collection(CollectionId="staff")
    assert crops(keeping) == []


def test_a_service_that_keeps_no_crops_any_more_still_deletes_them(astronaut: bytes, tmp_path: Path) -> None:
    service = start_service(tmp_path, environment={"OPENREK_KEEP_FACES": "true"})
    try:
        client = service.client()
        client.create_collection(CollectionId="staff")
        indexed = client.index_faces(CollectionId="staff", Image={"Bytes": astronaut})
        face = indexed["FaceRecords"][0]["Face"]["FaceId"]
        assert len(crops(service)) == 1
    finally:
        stop_service(service)
    service = start_service(tmp_path)
    try:
        client = service.client()
        client.index_faces(CollectionId="staff", Image={"Bytes": portraits(astronaut, 1)[0]})
        assert crops(service) == [f"faces/staff/{face}.jpg"]
        client.delete_faces(CollectionId="staff", FaceIds=[face])
        assert crops(service) == []
    finally:
        stop_service(service)
