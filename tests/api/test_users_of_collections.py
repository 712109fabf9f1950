"""Users, their faces, and searches for them, rule by rule."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.faces import changed, decode, encode, side_by_side, stranger

NOBODY = "11111111-2222-3333-4444-555555555555"


def index(client: Any, collection: str, image: bytes) -> list[str]:
    answer = client.index_faces(CollectionId=collection, Image={"Bytes": image}, QualityFilter="NONE")
    return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]


@pytest.fixture
def people(client: Any, collection: str, astronaut: bytes) -> dict[str, list[str]]:
    """FaceIds: three of the astronaut, one of each of two others."""
    return {
        "astronaut": index(client, collection, astronaut)
        + index(client, collection, changed(astronaut))
        + index(client, collection, encode(decode(astronaut).resize((300, 300)))),
        "others": index(client, collection, encode(stranger(3))) + index(client, collection, encode(stranger(7))),
    }


def associate(client: Any, collection: str, user: str, faces: list[str], **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.associate_faces(CollectionId=collection, UserId=user, FaceIds=faces, **more)
    answer.pop("ResponseMetadata")
    return answer


def code_of(error: ClientError) -> str:
    code: str = error.response["Error"]["Code"]
    return code


def test_users_are_created_listed_in_pages_and_deleted(client: Any, collection: str) -> None:
    names = ["minh", "an", "lan:2", "Zoe", "b.c"]
    for name in names:
        answer = client.create_user(CollectionId=collection, UserId=name)
        assert set(answer) == {"ResponseMetadata"}
    with pytest.raises(client.exceptions.ConflictException, match="'an' already exists"):
        client.create_user(CollectionId=collection, UserId="an")
    pages = client.get_paginator("list_users").paginate(CollectionId=collection, PaginationConfig={"PageSize": 2})
    users = [user for page in pages for user in page["Users"]]
    assert users == [{"UserId": name, "UserStatus": "CREATED"} for name in names]
    assert client.list_users(CollectionId=collection, NextToken="")["Users"] == users
    assert client.describe_collection(CollectionId=collection)["UserCount"] == 5
    client.delete_user(CollectionId=collection, UserId="an")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="'an'"):
        client.delete_user(CollectionId=collection, UserId="an")
    assert client.describe_collection(CollectionId=collection)["UserCount"] == 4
    for call in (client.create_user, client.delete_user):
        with pytest.raises(client.exceptions.ResourceNotFoundException, match="'no-such'"):
            call(CollectionId="no-such", UserId="an")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="'no-such'"):
        client.list_users(CollectionId="no-such")


def test_the_same_token_gets_the_same_answer(client: Any, collection: str) -> None:
    token = uuid.uuid4().hex
    for _ in range(2):
        client.create_user(CollectionId=collection, UserId="lan", ClientRequestToken=token)
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException, match=token):
        client.create_user(CollectionId=collection, UserId="minh", ClientRequestToken=token)
    with pytest.raises(client.exceptions.ConflictException):
        client.create_user(CollectionId=collection, UserId="lan", ClientRequestToken=token + "2")
    # A token of one operation is another in another.
    for _ in range(2):
        client.delete_user(CollectionId=collection, UserId="lan", ClientRequestToken=token)
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.delete_user(CollectionId=collection, UserId="minh", ClientRequestToken=token)


def test_repeated_changes_of_faces_have_the_first_answer(
    client: Any, collection: str, people: dict[str, list[str]]
) -> None:
    client.create_user(CollectionId=collection, UserId="lan")
    face, token = people["astronaut"][0], uuid.uuid4().hex
    first = associate(client, collection, "lan", [face], ClientRequestToken=token)
    assert first["AssociatedFaces"] == [{"FaceId": face}]
    assert associate(client, collection, "lan", [face], ClientRequestToken=token) == first
    # With another token it is carried out again, and changes nothing.
    assert associate(client, collection, "lan", [face])["AssociatedFaces"] == []
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        associate(client, collection, "lan", people["astronaut"][1:2], ClientRequestToken=token)
    arguments = {"CollectionId": collection, "UserId": "lan", "FaceIds": [face], "ClientRequestToken": token}
    answers = [client.disassociate_faces(**arguments) for _ in range(2)]
    assert [answer["DisassociatedFaces"] for answer in answers] == [[{"FaceId": face}]] * 2
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.disassociate_faces(**arguments | {"FaceIds": people["astronaut"][1:2]})


def test_faces_become_those_of_a_user(client: Any, collection: str, people: dict[str, list[str]]) -> None:
    client.create_user(CollectionId=collection, UserId="lan")
    own = people["astronaut"]
    answer = associate(client, collection, "lan", own)
    assert answer == {
        "AssociatedFaces": [{"FaceId": face} for face in own],
        "UnsuccessfulFaceAssociations": [],
        "UserStatus": "ACTIVE",
    }
    assert client.list_users(CollectionId=collection)["Users"] == [{"UserId": "lan", "UserStatus": "ACTIVE"}]
    faces = client.list_faces(CollectionId=collection)["Faces"]
    assert {face["FaceId"]: face.get("UserId") for face in faces} == {
        **dict.fromkeys(own, "lan"),
        **dict.fromkeys(people["others"]),
    }
    of_user = client.list_faces(CollectionId=collection, UserId="lan")["Faces"]
    assert [face["FaceId"] for face in of_user] == own
    both = client.list_faces(CollectionId=collection, UserId="lan", FaceIds=[own[1], people["others"][0], NOBODY])
    assert [face["FaceId"] for face in both["Faces"]] == [own[1]]
    found = client.search_faces(CollectionId=collection, FaceId=own[0])["FaceMatches"]
    assert {match["Face"]["UserId"] for match in found} == {"lan"}


def test_faces_that_are_not_associated_have_reasons(client: Any, collection: str, people: dict[str, list[str]]) -> None:
    for name in ("lan", "minh"):
        client.create_user(CollectionId=collection, UserId=name)
    first, second, third = people["astronaut"]
    unlike, other = people["others"]
    associate(client, collection, "lan", [first])
    associate(client, collection, "minh", [other])
    answer = associate(client, collection, "lan", [first, second, unlike, other, NOBODY])
    assert answer["AssociatedFaces"] == [{"FaceId": second}]
    low, taken, missing = answer["UnsuccessfulFaceAssociations"]
    assert (low["FaceId"], low["Reasons"]) == (unlike, ["LOW_MATCH_CONFIDENCE"])
    assert 0 <= low["Confidence"] < 75
    assert taken == {"FaceId": other, "UserId": "minh", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]}
    assert missing == {"FaceId": NOBODY, "Reasons": ["FACE_NOT_FOUND"]}
    # 75 is the default; whoever insists on 0 gets the stranger in, too.
    answer = associate(client, collection, "lan", [unlike, third], UserMatchThreshold=0)
    assert answer["AssociatedFaces"] == [{"FaceId": unlike}, {"FaceId": third}]
    answer = associate(client, collection, "minh", [first], UserMatchThreshold=0)
    assert answer["UnsuccessfulFaceAssociations"][0]["UserId"] == "lan"
    assert answer["UserStatus"] == "ACTIVE"
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="'nobody'"):
        associate(client, collection, "nobody", [first])


def test_the_first_faces_of_a_user_are_not_compared(client: Any, collection: str, people: dict[str, list[str]]) -> None:
    client.create_user(CollectionId=collection, UserId="mixed")
    answer = associate(client, collection, "mixed", [people["astronaut"][0], *people["others"]], UserMatchThreshold=100)
    assert len(answer["AssociatedFaces"]) == 3
    # A user without faces has nothing to compare with. It stays CREATED if no face could be associated.
    client.create_user(CollectionId=collection, UserId="empty")
    answer = associate(client, collection, "empty", [NOBODY])
    assert (answer["AssociatedFaces"], answer["UserStatus"]) == ([], "CREATED")


def test_a_user_has_at_most_a_hundred_faces(client: Any, collection: str, astronaut: bytes) -> None:
    small = side_by_side(*[decode(astronaut).resize((200, 200))] * 6)
    faces: list[str] = []
    while len(faces) < 102:
        faces += index(client, collection, small)
    client.create_user(CollectionId=collection, UserId="lan")
    associate(client, collection, "lan", faces[:60])
    with pytest.raises(client.exceptions.ServiceQuotaExceededException, match="at most 100"):
        associate(client, collection, "lan", faces[60:101], UserMatchThreshold=0)
    kept = client.list_faces(CollectionId=collection, UserId="lan")["Faces"]
    assert len(kept) == 60, "nothing was written"
    assert len(associate(client, collection, "lan", faces[60:100], UserMatchThreshold=0)["AssociatedFaces"]) == 40


def test_faces_are_taken_from_a_user(client: Any, collection: str, people: dict[str, list[str]]) -> None:
    for name in ("lan", "minh"):
        client.create_user(CollectionId=collection, UserId=name)
    first, second, third = people["astronaut"]
    associate(client, collection, "lan", [first, second])
    associate(client, collection, "minh", [third])

    def disassociate(*faces: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.disassociate_faces(CollectionId=collection, UserId="lan", FaceIds=list(faces))
        answer.pop("ResponseMetadata")
        return answer

    free = people["others"][0]
    assert disassociate(first, third, NOBODY, free) == {
        "DisassociatedFaces": [{"FaceId": first}],
        "UnsuccessfulFaceDisassociations": [
            {"FaceId": third, "UserId": "minh", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
            {"FaceId": NOBODY, "Reasons": ["FACE_NOT_FOUND"]},
        ],
        "UserStatus": "ACTIVE",
    }
    assert disassociate(second)["UserStatus"] == "CREATED"
    assert client.search_users(CollectionId=collection, FaceId=second)["UserMatches"][0]["User"]["UserId"] == "minh"
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="'nobody'"):
        client.disassociate_faces(CollectionId=collection, UserId="nobody", FaceIds=[first])


def test_a_face_of_a_user_is_deleted_only_once_it_is_free(
    client: Any, collection: str, people: dict[str, list[str]]
) -> None:
    client.create_user(CollectionId=collection, UserId="lan")
    own = people["astronaut"]
    associate(client, collection, "lan", own)
    answer = client.delete_faces(CollectionId=collection, FaceIds=[own[0], people["others"][0]])
    assert answer["DeletedFaces"] == [people["others"][0]]
    assert answer["UnsuccessfulFaceDeletions"] == [
        {"FaceId": own[0], "UserId": "lan", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    ]
    client.delete_user(CollectionId=collection, UserId="lan")
    assert client.list_users(CollectionId=collection)["Users"] == []
    assert "UserId" not in client.list_faces(CollectionId=collection)["Faces"][0]
    assert client.delete_faces(CollectionId=collection, FaceIds=own)["DeletedFaces"] == own


def test_users_are_found_by_a_face_or_a_user(client: Any, collection: str, people: dict[str, list[str]]) -> None:
    first, second, third = people["astronaut"]
    for name, faces in (("lan", [first]), ("twin", [second]), ("minh", people["others"][:1]), ("empty", [])):
        client.create_user(CollectionId=collection, UserId=name)
        if faces:
            associate(client, collection, name, faces)
    answer = client.search_users(CollectionId=collection, FaceId=third)
    assert answer["SearchedFace"] == {"FaceId": third}
    assert "SearchedUser" not in answer
    assert answer["FaceModelVersion"]
    matches = answer["UserMatches"]
    assert {match["User"]["UserId"] for match in matches} == {"lan", "twin"}
    assert [match["Similarity"] for match in matches] == sorted((m["Similarity"] for m in matches), reverse=True)
    assert matches[0]["User"]["UserStatus"] == "ACTIVE"
    every = client.search_users(CollectionId=collection, FaceId=third, UserMatchThreshold=0)["UserMatches"]
    assert {match["User"]["UserId"] for match in every} == {"lan", "twin", "minh"}, "users without faces never match"
    one = client.search_users(CollectionId=collection, FaceId=third, UserMatchThreshold=0, MaxUsers=1)["UserMatches"]
    assert one == every[:1]
    of_user = client.search_users(CollectionId=collection, UserId="lan", UserMatchThreshold=0)
    assert of_user["SearchedUser"] == {"UserId": "lan"}
    assert "SearchedFace" not in of_user
    assert [match["User"]["UserId"] for match in of_user["UserMatches"]] == ["twin", "minh"]
    assert client.search_users(CollectionId=collection, UserId="empty", UserMatchThreshold=0)["UserMatches"] == []


@pytest.mark.parametrize("chosen", [{}, {"UserId": "lan", "FaceId": NOBODY}])
def test_users_are_searched_by_exactly_one_thing(client: Any, collection: str, chosen: dict[str, str]) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException, match="exactly one of UserId and FaceId"):
        client.search_users(CollectionId=collection, **chosen)


def test_what_is_searched_for_must_exist(client: Any, collection: str) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="'nobody'"):
        client.search_users(CollectionId=collection, UserId="nobody")
    with pytest.raises(client.exceptions.InvalidParameterException, match=NOBODY):
        client.search_users(CollectionId=collection, FaceId=NOBODY)


def test_users_are_found_in_an_image(
    client: Any, collection: str, people: dict[str, list[str]], astronaut: bytes, cat: bytes
) -> None:
    client.create_user(CollectionId=collection, UserId="lan")
    associate(client, collection, "lan", people["astronaut"])
    image = side_by_side(decode(astronaut), decode(astronaut).resize((256, 256)), stranger(3, 100))
    answer = client.search_users_by_image(CollectionId=collection, Image={"Bytes": image})
    (match,) = answer["UserMatches"]
    assert match["User"] == {"UserId": "lan", "UserStatus": "ACTIVE"}
    assert match["Similarity"] > 95
    searched = answer["SearchedFace"]["FaceDetail"]
    assert set(searched) == {"BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"}
    assert [face["Reasons"] for face in answer["UnsearchedFaces"]] == [["FACE_NOT_LARGEST"]] * 2
    widths = [face["FaceDetails"]["BoundingBox"]["Width"] for face in answer["UnsearchedFaces"]]
    assert searched["BoundingBox"]["Width"] > max(widths)
    strict = client.search_users_by_image(CollectionId=collection, Image={"Bytes": image}, QualityFilter="MEDIUM")
    assert ["FACE_NOT_LARGEST"] in [face["Reasons"] for face in strict["UnsearchedFaces"]]
    assert "SMALL_BOUNDING_BOX" in strict["UnsearchedFaces"][-1]["Reasons"]
    nobody = client.search_users_by_image(CollectionId=collection, Image={"Bytes": cat})
    assert (nobody["UserMatches"], nobody["UnsearchedFaces"]) == ([], [])
    assert "SearchedFace" not in nobody
    assert nobody["FaceModelVersion"] == answer["FaceModelVersion"]
