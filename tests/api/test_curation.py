"""Correcting who is who in a collection, over HTTP."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator

from openrek.compose import compose
from openrek.config import Settings
from openrek.gateway.collection_routes import collection_routes
from openrek.state import Repositories
from openrek.web.openapi import openapi_document
from tests.collection_rows import add_faces, associate, people
from tests.conftest import RunningService


@pytest.fixture(scope="module")
def resources(server: RunningService) -> Iterator[Repositories]:
    """The rows of the running service."""
    with compose(Settings(server.data_dir)) as system:
        yield system.repositories


class Rest:
    """The REST API of one collection. Every answer is checked against the API's description."""

    def __init__(self, server: RunningService, collection: str) -> None:
        self._path, self._url, self._headers = f"/v1/collections/{collection}", server.url, server.bearer
        self._description = openapi_document()

    def __call__(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        answer = httpx.request(method, self._url + self._path + path, headers=self._headers, timeout=60, **options)
        assert answer.status_code == status, answer.text
        if not answer.content:
            return None
        schema = self._schema(method, answer.request.url.path, status)
        Draft202012Validator(schema | {"components": self._description["components"]}).validate(answer.json())
        return answer.json()

    def _schema(self, method: str, path: str, status: int) -> dict[str, Any]:
        """Of the described answer; of the error, where the path does not have the method."""
        for template, operations in self._description["paths"].items():
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) and method.lower() in operations:
                responses = operations[method.lower()]["responses"]
                schema: dict[str, Any] = responses[str(status)]["content"]["application/json"]["schema"]
                return schema
        assert status == 405
        return {"$ref": "#/components/schemas/ApiError"}


def test_every_route_is_described() -> None:
    described = openapi_document()["paths"]
    routes = {(route.method.lower(), route.path) for route in collection_routes()}
    assert routes == {
        (method, path)
        for path, operations in described.items()
        if path.startswith("/v1/collections")
        for method in operations.keys() - {"parameters"}
    }


@pytest.fixture
def collection(server: RunningService) -> Iterator[str]:
    name = f"staff-{uuid4().hex[:8]}"
    client = server.client()
    client.create_collection(CollectionId=name)
    yield name
    client.delete_collection(CollectionId=name)


@pytest.fixture
def rest(server: RunningService, collection: str) -> Rest:
    return Rest(server, collection)


def test_collections_are_listed_with_their_counts(
    server: RunningService, collection: str, resources: Repositories
) -> None:
    faces = add_faces(resources, collection, people(1, 3))
    associate(resources, collection, "anh", faces[:2])
    page = httpx.get(f"{server.url}/v1/collections?limit=1000", headers=server.bearer).json()
    listed = {entry["collection_id"]: entry for entry in page["collections"]}
    assert (listed[collection]["faces"], listed[collection]["users"]) == (3, 1)
    assert listed[collection]["face_model"].startswith("dlib_resnet")


def test_faces_are_listed_in_pages_by_user_and_without_one(
    rest: Rest, collection: str, resources: Repositories
) -> None:
    faces = add_faces(resources, collection, people(2, 3))
    associate(resources, collection, "anh", faces[:3])
    listed: list[str] = []
    after: str | None = "0"
    while after is not None:
        page = rest("GET", f"/faces?limit=4&after={after}")
        listed += [face["FaceId"] for face in page["faces"]]
        after = page["next"]
    assert listed == faces
    assert [face["FaceId"] for face in rest("GET", "/faces?user=anh")["faces"]] == faces[:3]
    unknown = rest("GET", "/faces?unknown=true&limit=2")
    assert [face["FaceId"] for face in unknown["faces"]] == faces[3:5]
    rest_of = rest("GET", f"/faces?unknown=true&limit=2&after={unknown['next']}")
    assert [face["FaceId"] for face in rest_of["faces"]] == faces[5:]
    assert rest_of["next"] is None
    face = rest("GET", "/faces?user=anh&limit=1")["faces"][0]
    assert face["UserId"] == "anh"
    assert face["BoundingBox"] == {"Width": 0.5, "Height": 0.5, "Left": 0.25, "Top": 0.25}


def test_users_are_listed_with_their_faces(rest: Rest, collection: str, resources: Repositories) -> None:
    faces = add_faces(resources, collection, people(2, 2))
    associate(resources, collection, "anh", faces[:2])
    associate(resources, collection, "binh", faces[2:])
    first = rest("GET", "/users?limit=1")
    second = rest("GET", f"/users?limit=1&after={first['next']}")
    assert first["users"] == [{"user_id": "anh", "face_ids": faces[:2]}]
    assert second == {"users": [{"user_id": "binh", "face_ids": faces[2:]}], "next": None}


def test_unknown_faces_are_grouped_and_a_group_is_named_at_once(
    rest: Rest, collection: str, resources: Repositories, server: RunningService
) -> None:
    faces = add_faces(resources, collection, people(3, 4))
    associate(resources, collection, "anh", faces[:4])
    found = rest("GET", "/groups?min_similarity=95")
    assert sorted(sorted(group["face_ids"]) for group in found["groups"]) == sorted(
        [sorted(faces[4:8]), sorted(faces[8:])]
    )
    assert all(95 <= group["similarity"] <= 100 for group in found["groups"])
    assert (found["faces"], found["more"]) == (8, False)
    assert rest("GET", "/groups?faces=7")["more"]
    group = found["groups"][0]["face_ids"]
    named = rest("POST", "/users/binh/faces", json={"face_ids": group})
    assert named["user_id"] == "binh"
    assert set(named["associated"]) == set(group)
    assert named["unsuccessful"] == []
    listed = server.client().list_faces(CollectionId=collection, UserId="binh")["Faces"]
    assert {face["FaceId"] for face in listed} == set(group)
    assert len(rest("GET", "/groups")["groups"]) == 1


def test_naming_nothing_leaves_no_user(rest: Rest, collection: str, resources: Repositories) -> None:
    (face,) = add_faces(resources, collection, people(1, 1))
    associate(resources, collection, "anh", [face])
    named = rest("POST", "/users/binh/faces", json={"face_ids": [face, str(uuid4())]})
    assert named["associated"] == []
    assert {tuple(failure["reasons"]) for failure in named["unsuccessful"]} == {
        ("FACE_NOT_FOUND",),
        ("ASSOCIATED_TO_A_DIFFERENT_USER",),
    }
    assert [user["user_id"] for user in rest("GET", "/users")["users"]] == ["anh"]


def test_this_is_not_them(rest: Rest, collection: str, resources: Repositories) -> None:
    faces = add_faces(resources, collection, people(1, 3))
    associate(resources, collection, "anh", faces)
    rest("DELETE", f"/users/anh/faces/{faces[1]}", 204)
    assert rest("GET", "/users")["users"] == [{"user_id": "anh", "face_ids": [faces[0], faces[2]]}]
    assert [face["FaceId"] for face in rest("GET", "/faces?unknown=true")["faces"]] == [faces[1]]
    rest("DELETE", f"/users/anh/faces/{uuid4()}", 404)


def test_two_users_who_are_the_same_person_become_one(rest: Rest, collection: str, resources: Repositories) -> None:
    faces = add_faces(resources, collection, people(2, 2))
    associate(resources, collection, "anh", faces[:2])
    associate(resources, collection, "anh-2", faces[2:])
    assert rest("POST", "/users/anh/merge", json={"user_id": "anh-2"}) == {"user_id": "anh", "face_ids": faces}
    assert rest("GET", "/users")["users"] == [{"user_id": "anh", "face_ids": faces}]
    assert resources.collections.get(collection).user_count == 1


def test_a_merge_that_is_not_possible_changes_nothing(rest: Rest, collection: str, resources: Repositories) -> None:
    faces = add_faces(resources, collection, people(2, 60))
    associate(resources, collection, "anh", faces[:60])
    associate(resources, collection, "binh", faces[60:])
    problem = rest("POST", "/users/anh/merge", 400, json={"user_id": "binh"})["error"]
    assert "at most 100" in problem["message"]
    assert "it would have 120" in problem["message"]
    rest("POST", "/users/anh/merge", 400, json={"user_id": "anh"})
    rest("POST", "/users/anh/merge", 404, json={"user_id": "nobody"})
    rest("POST", "/users/nobody/merge", 404, json={"user_id": "anh"})
    assert [len(user["face_ids"]) for user in rest("GET", "/users")["users"]] == [60, 60]


def test_a_match_is_explained(rest: Rest, collection: str, resources: Repositories) -> None:
    vectors = people(2, 2)
    faces = add_faces(resources, collection, vectors)
    same = rest("GET", f"/faces/{faces[0]}/matches/{faces[1]}")
    assert same["cosine"] == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-3)
    assert same["similarity"] > rest("GET", f"/faces/{faces[0]}/matches/{faces[2]}")["similarity"]
    assert [entry["face"]["FaceId"] for entry in same["faces"]] == faces[:2]
    assert [entry["crop_url"] for entry in same["faces"]] == [None, None]
    rest("GET", f"/faces/{faces[0]}/matches/{uuid4()}", 404)
    assert "--keep-faces" in rest("GET", f"/faces/{faces[0]}/crop", 404)["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/faces?limit=0", 400, None),
        ("GET", "/faces?after=x", 400, None),
        ("GET", "/faces?unknown=maybe", 400, None),
        ("GET", "/faces?unknown=true&user=anh", 400, None),
        ("GET", "/faces?user=nobody", 404, None),
        ("GET", "/groups?min_similarity=0", 400, None),
        ("GET", "/groups?faces=50001", 400, None),
        ("POST", "/users/anh/faces", 400, {}),
        ("POST", "/users/anh/faces", 400, {"face_ids": []}),
        ("POST", "/users/anh/faces", 400, {"face_ids": [1]}),
        ("POST", "/users/anh/faces", 400, {"face_ids": ["no-face"]}),
        ("POST", "/users/anh/faces", 400, {"face_ids": [str(uuid4()) for _ in range(101)]}),
        ("POST", "/users/Anh%20B/faces", 400, {"face_ids": [str(uuid4())]}),
        ("POST", "/users/anh/merge", 400, {"user_id": 1}),
        ("POST", "/users/anh/merge", 400, []),
        ("PUT", "/users", 405, None),
    ],
)
def test_requests_that_are_not_valid_are_rejected(rest: Rest, method: str, path: str, status: int, body: Any) -> None:
    problem = rest(method, path, status, json=body)["error"]
    assert problem["message"]
    assert rest("GET", "/users")["users"] == []


def test_an_unknown_collection_and_a_stranger(server: RunningService) -> None:
    rest = Rest(server, "no-such-collection")
    for path in ("/faces", "/users", "/groups", f"/faces/{uuid4()}/crop", f"/faces/{uuid4()}/matches/{uuid4()}"):
        rest("GET", path, 404)
    assert httpx.get(f"{server.url}/v1/collections").status_code == 401
