"""The whole life of a collection with users: boto3, the client in process, the AWS CLI and the JavaScript SDK."""

import json
import shutil
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_unchanged_programs import command_lines, run
from tests.conftest import RunningService
from tests.faces import changed, decode, encode, side_by_side, stranger

_BIN = Path(sys.executable).parent
_PROGRAMS = Path(__file__).parent / "programs"
_JAVASCRIPT_SDK = "@aws-sdk/client-rekognition@3.1142.0"


@pytest.fixture(scope="module")
def photos(astronaut: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three faces of one person; the person changed; somebody else."""
    portrait = decode(astronaut)
    contents = {
        "three": side_by_side(portrait.resize((256, 256)), portrait, portrait.resize((340, 340))),
        "changed": changed(astronaut),
        "other": encode(stranger(3)),
    }
    folder = tmp_path_factory.mktemp("photos")
    for name, content in contents.items():
        (folder / f"{name}.jpg").write_bytes(content)
    return {name: folder / f"{name}.jpg" for name in contents}


def test_a_client_lives_through_it(client: Any, photos: dict[str, Path]) -> None:
    name = {"CollectionId": f"life-{uuid.uuid4().hex[:8]}"}
    made = client.create_collection(**name, Tags={"purpose": "test"})
    assert made["StatusCode"] == 200
    own = _indexed(client, name, photos["three"], ExternalImageId="three.jpg")
    (other,) = _indexed(client, name, photos["other"], QualityFilter="NONE")
    pages = client.get_paginator("list_faces").paginate(**name, PaginationConfig={"PageSize": 3})
    assert [face["FaceId"] for page in pages for face in page["Faces"]] == [*own, other]
    for user in ("lan", "minh", "nobody-yet"):
        client.create_user(**name, UserId=user)
    assert client.associate_faces(**name, UserId="lan", FaceIds=own)["UserStatus"] == "ACTIVE"
    client.associate_faces(**name, UserId="minh", FaceIds=[other])
    pages = client.get_paginator("list_users").paginate(**name, PaginationConfig={"PageSize": 2})
    assert [(user["UserId"], user["UserStatus"]) for page in pages for user in page["Users"]] == [
        ("lan", "ACTIVE"),
        ("minh", "ACTIVE"),
        ("nobody-yet", "CREATED"),
    ]
    described = client.describe_collection(**name)
    assert (described["FaceCount"], described["UserCount"]) == (4, 3)
    image = {"Bytes": photos["changed"].read_bytes()}
    found = client.search_faces_by_image(**name, Image=image, FaceMatchThreshold=95)["FaceMatches"]
    assert {match["Face"]["FaceId"] for match in found} == set(own)
    assert {match["Face"]["UserId"] for match in found} == {"lan"}
    assert len(client.search_faces(**name, FaceId=own[0])["FaceMatches"]) == 2
    for search in (
        client.search_users_by_image(**name, Image=image),
        client.search_users(**name, FaceId=own[0]),
    ):
        assert [match["User"]["UserId"] for match in search["UserMatches"]] == ["lan"]
    assert client.search_users(**name, UserId="lan")["UserMatches"] == []
    kept = client.delete_faces(**name, FaceIds=own)
    assert kept["DeletedFaces"] == []
    client.disassociate_faces(**name, UserId="lan", FaceIds=own[:1])
    assert client.delete_faces(**name, FaceIds=own[:1])["DeletedFaces"] == own[:1]
    client.delete_user(**name, UserId="lan")
    assert client.delete_faces(**name, FaceIds=own[1:])["DeletedFaces"] == own[1:]
    assert client.search_faces_by_image(**name, Image=image)["FaceMatches"] == []
    pages = client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 1})
    assert name["CollectionId"] in [each for page in pages for each in page["CollectionIds"]]
    assert client.delete_collection(**name)["StatusCode"] == 200
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_collection(**name)


def _indexed(client: Any, name: dict[str, str], photo: Path, **more: Any) -> list[str]:
    answer = client.index_faces(**name, Image={"Bytes": photo.read_bytes()}, **more)
    return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]


def test_the_aws_command_line_lives_through_it(server: RunningService, photos: dict[str, Path]) -> None:
    for number, aws in enumerate(command_lines(server)):
        name = f"command-line-{number}"

        def ask(operation: str, *arguments: str, program: str = aws, collection: str = name) -> Any:
            endpoint = ["--endpoint-url", server.url, "--output", "json"]
            answer = run(
                server, program, "rekognition", operation, "--collection-id", collection, *arguments, *endpoint
            )
            return json.loads(answer) if answer.strip() else {}

        ask("create-collection")
        help_of_index = run(server, aws, "rekognition", "index-faces", "help") if number == 0 else ""
        option = "--image-bytes" if number == 0 and "--image-bytes" in help_of_index else "--image"
        photo = str(photos["three"])
        if option == "--image":
            shutil.copy(photo, server.bucket / "three.jpg")
            image = [option, json.dumps({"S3Object": {"Bucket": "openrek", "Name": "three.jpg"}})]
        else:
            image = [option, f"fileb://{photo}"]
        records = ask("index-faces", *image, "--external-image-id", "three.jpg", "--max-faces", "2")["FaceRecords"]
        faces = [record["Face"]["FaceId"] for record in records]
        assert len(faces) == 2
        # The paginator of the command line: pages of one face each, put together.
        listed = ask("list-faces", "--page-size", "1")["Faces"]
        assert [face["FaceId"] for face in listed] == faces
        users = ["list-users", "create-user"]
        if users[0] in run(server, aws, "rekognition", "help"):
            _users_of_the_command_line(ask, faces, image)
        assert len(ask("search-faces", "--face-id", faces[0])["FaceMatches"]) == 1
        assert len(ask("search-faces-by-image", *image)["FaceMatches"]) == 2
        assert ask("delete-faces", "--face-ids", *faces)["DeletedFaces"] == faces
        assert ask("describe-collection")["FaceCount"] == 0
        assert ask("delete-collection")["StatusCode"] == 200


def _users_of_the_command_line(ask: Any, faces: list[str], image: list[str]) -> None:
    for user in ("lan", "minh"):
        ask("create-user", "--user-id", user)
    assert ask("associate-faces", "--user-id", "lan", "--face-ids", *faces)["UserStatus"] == "ACTIVE"
    assert [user["UserId"] for user in ask("list-users", "--page-size", "1")["Users"]] == ["lan", "minh"]
    assert ask("search-users", "--user-id", "lan")["UserMatches"] == []
    for found in (ask("search-users", "--face-id", faces[0]), ask("search-users-by-image", *image)):
        assert [match["User"]["UserId"] for match in found["UserMatches"]] == ["lan"]
    assert ask("disassociate-faces", "--user-id", "lan", "--face-ids", faces[0])["UserStatus"] == "ACTIVE"
    for user in ("lan", "minh"):
        ask("delete-user", "--user-id", user)


def test_the_javascript_sdk_lives_through_it(server: RunningService, photos: dict[str, Path], tmp_path: Path) -> None:
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--silent", "--prefix", str(tmp_path)]
    run(server, str(_BIN / "npm"), "install", *options, _JAVASCRIPT_SDK, folder=tmp_path)
    shutil.copy(_PROGRAMS / "collection.mjs", tmp_path)
    arguments = [str(photos[name]) for name in ("three", "changed")]
    assert run(server, str(_BIN / "node"), "collection.mjs", *arguments, folder=tmp_path).strip() == "done"
    assert "javascript-life" not in server.client().list_collections()["CollectionIds"]
