"""IndexFaces, ListFaces, DeleteFaces, SearchFaces and SearchFacesByImage, rule by rule."""

import io
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageFilter

from tests.faces import changed, decode, encode, side_by_side, stranger

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOBODY = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def three(astronaut: bytes) -> bytes:
    """The same person three times: at half size, at full size, at two thirds."""
    portrait = decode(astronaut)
    return side_by_side(portrait.resize((256, 256)), portrait, portrait.resize((340, 340)))


def index(client: Any, collection: str, image: bytes, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.index_faces(CollectionId=collection, Image={"Bytes": image}, **more)
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]


def listed(client: Any, collection: str, **more: Any) -> list[str]:
    return [face["FaceId"] for face in client.list_faces(CollectionId=collection, **more)["Faces"]]


def strangers(client: Any, collection: str, *numbers: int) -> list[str]:
    return [ids(index(client, collection, encode(stranger(number)), QualityFilter="NONE"))[0] for number in numbers]


def code_of(error: ClientError) -> str:
    code: str = error.response["Error"]["Code"]
    return code


def test_a_face_is_indexed_with_all_its_members(client: Any, collection: str, astronaut: bytes) -> None:
    answer = index(client, collection, astronaut, ExternalImageId="astronaut:1.jpg")
    assert set(answer) == {"FaceRecords", "FaceModelVersion", "UnindexedFaces", "ResponseMetadata"}
    (record,) = answer["FaceRecords"]
    face = record["Face"]
    members = {"FaceId", "BoundingBox", "ImageId", "ExternalImageId", "Confidence", "IndexFacesModelVersion"}
    assert set(face) == members
    assert UUID.fullmatch(face["FaceId"])
    assert UUID.fullmatch(face["ImageId"])
    assert face["ExternalImageId"] == "astronaut:1.jpg"
    assert face["Confidence"] > 99
    assert set(record["FaceDetail"]) == {"BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"}
    assert record["FaceDetail"]["BoundingBox"] == face["BoundingBox"]
    described = client.describe_collection(CollectionId=collection)
    assert (described["FaceCount"], described["FaceModelVersion"]) == (1, answer["FaceModelVersion"])
    assert client.list_faces(CollectionId=collection)["Faces"] == [face]
    assert answer["UnindexedFaces"] == []


@pytest.mark.parametrize(
    ("attributes", "added"),
    [
        (["DEFAULT"], set()),
        (["SMILE", "AGE_RANGE"], {"Smile", "AgeRange"}),
        (["DEFAULT", "GENDER"], {"Gender"}),
        (["ALL", "GENDER"], {"Gender", "Smile", "AgeRange", "Emotions", "EyesOpen", "FaceOccluded", "EyeDirection"}),
    ],
)
def test_detection_attributes_add_to_the_details(
    client: Any, collection: str, astronaut: bytes, attributes: list[str], added: set[str]
) -> None:
    (record,) = index(client, collection, astronaut, DetectionAttributes=attributes)["FaceRecords"]
    default = {"BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"}
    if "ALL" in attributes:
        assert default | added <= set(record["FaceDetail"])
    else:
        assert set(record["FaceDetail"]) == default | added


def test_records_are_ordered_by_the_size_of_their_boxes(client: Any, collection: str, three: bytes) -> None:
    records = index(client, collection, three)["FaceRecords"]
    boxes = [record["Face"]["BoundingBox"] for record in records]
    areas = [box["Width"] * box["Height"] for box in boxes]
    assert len(areas) == 3
    assert areas == sorted(areas, reverse=True)
    assert [record["FaceDetail"]["BoundingBox"] for record in records] == boxes
    # In the list they are in the order of insertion, which is the same.
    assert listed(client, collection) == [record["Face"]["FaceId"] for record in records]


def test_an_image_without_a_face_is_no_error(client: Any, collection: str, cat: bytes) -> None:
    answer = index(client, collection, cat)
    assert (answer["FaceRecords"], answer["UnindexedFaces"]) == ([], [])
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 0


def test_faces_beyond_max_faces_are_the_smallest(client: Any, collection: str, three: bytes) -> None:
    answer = index(client, collection, three, MaxFaces=1, QualityFilter="NONE")
    (record,) = answer["FaceRecords"]
    assert [face["Reasons"] for face in answer["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 2
    widths = [face["FaceDetail"]["BoundingBox"]["Width"] for face in answer["UnindexedFaces"]]
    assert record["Face"]["BoundingBox"]["Width"] > max(widths)
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 1
    assert len(index(client, collection, three, MaxFaces=4096)["FaceRecords"]) == 3


def test_a_face_of_low_quality_goes_before_a_smaller_one(client: Any, collection: str, astronaut: bytes) -> None:
    blurred = stranger(3, 700)  # larger and not sharp
    both = side_by_side(blurred, decode(astronaut).resize((300, 300)))
    answer = index(client, collection, both, MaxFaces=1, QualityFilter="NONE")
    (record,), (other,) = answer["FaceRecords"], answer["UnindexedFaces"]
    assert other["Reasons"] == ["EXCEEDS_MAX_FACES"]
    assert other["FaceDetail"]["BoundingBox"]["Width"] > record["Face"]["BoundingBox"]["Width"]


def test_the_quality_filter_says_what_is_wrong(client: Any, collection: str, astronaut: bytes) -> None:
    """AUTO is the default here, LOW its bar; NONE filters nothing."""
    both = side_by_side(decode(astronaut), decode(astronaut).filter(ImageFilter.GaussianBlur(6)))
    for quality in ({}, {"QualityFilter": "AUTO"}, {"QualityFilter": "LOW"}):
        answer = index(client, collection, both, **quality)
        (refused,) = answer["UnindexedFaces"]
        assert "LOW_SHARPNESS" in refused["Reasons"]
        assert set(refused["FaceDetail"]) == {"BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"}
        assert len(answer["FaceRecords"]) == 1
    assert len(index(client, collection, both, QualityFilter="NONE")["FaceRecords"]) == 2
    small = encode(decode(astronaut).resize((200, 200)))
    (refused,) = index(client, collection, small, QualityFilter="HIGH")["UnindexedFaces"]
    assert "SMALL_BOUNDING_BOX" in refused["Reasons"]


def test_the_same_image_with_its_name_is_indexed_once(client: Any, collection: str, three: bytes) -> None:
    first = index(client, collection, three, ExternalImageId="three")
    again = index(client, collection, three, ExternalImageId="three")
    assert ids(first) == ids(again)
    assert len(set(ids(first))) == 3
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 3
    other_name = index(client, collection, three, ExternalImageId="other")
    assert not set(ids(other_name)) & set(ids(first))
    images = {record["Face"]["ImageId"] for record in first["FaceRecords"] + other_name["FaceRecords"]}
    assert len(images) == 1


def test_without_a_name_an_image_is_indexed_again(client: Any, collection: str, astronaut: bytes) -> None:
    first, again = index(client, collection, astronaut), index(client, collection, astronaut)
    assert ids(first) != ids(again)
    assert first["FaceRecords"][0]["Face"]["ImageId"] == again["FaceRecords"][0]["Face"]["ImageId"]
    other = index(client, collection, changed(astronaut))
    assert other["FaceRecords"][0]["Face"]["ImageId"] != first["FaceRecords"][0]["Face"]["ImageId"]
    assert client.describe_collection(CollectionId=collection)["FaceCount"] == 3


def test_a_slash_in_an_external_image_id_is_explained(client: Any, collection: str, astronaut: bytes) -> None:
    with pytest.raises(ClientError, match=r"in place of / use :") as caught:
        index(client, collection, astronaut, ExternalImageId="people/lan.jpg")
    assert code_of(caught.value) == "ValidationException"
    assert "digits" in str(caught.value)


def test_lists_are_paged_filtered_and_stable(client: Any, collection: str, three: bytes) -> None:
    own = ids(index(client, collection, three)) + ids(index(client, collection, three))
    first = client.list_faces(CollectionId=collection, MaxResults=2, NextToken="")
    late = ids(index(client, collection, three))
    assert not set(listed(client, collection, FaceIds=own[4:])) ^ set(own[4:])
    client.delete_faces(CollectionId=collection, FaceIds=[own[1]])
    seen = [face["FaceId"] for face in first["Faces"]]
    token = first["NextToken"]
    assert len(token) <= 255
    while token:
        page = client.list_faces(CollectionId=collection, MaxResults=2, NextToken=token)
        seen += [face["FaceId"] for face in page["Faces"]]
        token = page.get("NextToken")
    assert seen == own + late
    pages = client.get_paginator("list_faces").paginate(CollectionId=collection, PaginationConfig={"PageSize": 3})
    assert [face["FaceId"] for page in pages for face in page["Faces"]] == [own[0], *own[2:], *late]
    assert listed(client, collection, FaceIds=[late[1], NOBODY, own[0]]) == [own[0], late[1]]
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="'lan'"):
        client.list_faces(CollectionId=collection, UserId="lan")
    assert len(listed(client, collection, MaxResults=0)) == 8


def test_a_token_is_valid_for_its_own_list_alone(client: Any, collection: str, three: bytes) -> None:
    own = ids(index(client, collection, three))
    token = client.list_faces(CollectionId=collection, MaxResults=1)["NextToken"]
    other = f"{collection}-other"
    client.create_collection(CollectionId=other)
    wrong: list[dict[str, Any]] = [
        {"CollectionId": other},
        {"CollectionId": collection, "FaceIds": own},
        {"CollectionId": collection, "Token": token[:-4]},
        {"CollectionId": collection, "Token": "bmV4dA=="},
    ]
    for request in wrong:
        given = request.pop("Token", token)
        with pytest.raises(client.exceptions.InvalidPaginationTokenException, match="NextToken"):
            client.list_faces(**request, NextToken=given)
    with pytest.raises(client.exceptions.InvalidPaginationTokenException, match="NextToken"):
        client.list_users(CollectionId=collection, NextToken=token)
    client.delete_collection(CollectionId=other)


def test_faces_are_deleted(client: Any, collection: str, three: bytes) -> None:
    own = ids(index(client, collection, three))
    answer = client.delete_faces(CollectionId=collection, FaceIds=[own[2], NOBODY, own[0]])
    assert answer["DeletedFaces"] == [own[2], own[0]]
    assert answer["UnsuccessfulFaceDeletions"] == [{"FaceId": NOBODY, "Reasons": ["FACE_NOT_FOUND"]}]
    assert listed(client, collection) == [own[1]]
    again = client.delete_faces(CollectionId=collection, FaceIds=[own[0]])
    assert (again["DeletedFaces"], len(again["UnsuccessfulFaceDeletions"])) == ([], 1)
    with pytest.raises(ClientError) as caught:
        client.search_faces(CollectionId=collection, FaceId=own[0])
    assert code_of(caught.value) == "InvalidParameterException"
    assert client.search_faces(CollectionId=collection, FaceId=own[1])["FaceMatches"] == []


def test_a_search_orders_by_likeness_and_leaves_the_face_itself_out(
    client: Any, collection: str, astronaut: bytes, three: bytes
) -> None:
    own = ids(index(client, collection, three))
    others = strangers(client, collection, 3, 7)
    answer = client.search_faces(CollectionId=collection, FaceId=own[0])
    assert answer["SearchedFaceId"] == own[0]
    assert answer["FaceModelVersion"]
    matches = answer["FaceMatches"]
    assert {match["Face"]["FaceId"] for match in matches} == set(own[1:])
    assert [match["Similarity"] for match in matches] == sorted((m["Similarity"] for m in matches), reverse=True)
    assert min(match["Similarity"] for match in matches) >= 80
    every = client.search_faces(CollectionId=collection, FaceId=own[0], FaceMatchThreshold=0)["FaceMatches"]
    assert {match["Face"]["FaceId"] for match in every} == {*own[1:], *others}
    one = client.search_faces(CollectionId=collection, FaceId=own[0], FaceMatchThreshold=0, MaxFaces=1)["FaceMatches"]
    assert one == every[:1]
    bar = every[1]["Similarity"]
    exact = client.search_faces(CollectionId=collection, FaceId=own[0], FaceMatchThreshold=bar)["FaceMatches"]
    assert exact == every[:2]


def test_an_image_is_searched_by_its_largest_face(client: Any, collection: str, astronaut: bytes) -> None:
    own = ids(index(client, collection, changed(astronaut)))
    (other,) = strangers(client, collection, 3)
    for image, first, second in (
        (side_by_side(stranger(3, 80), decode(astronaut)), own[0], other),
        (side_by_side(stranger(3, 400), decode(astronaut)), other, own[0]),
    ):
        answer = client.search_faces_by_image(CollectionId=collection, Image={"Bytes": image}, FaceMatchThreshold=0)
        assert [match["Face"]["FaceId"] for match in answer["FaceMatches"]] == [first, second]
    assert set(answer) >= {"SearchedFaceBoundingBox", "SearchedFaceConfidence", "FaceModelVersion"}
    found = client.search_faces_by_image(CollectionId=collection, Image={"Bytes": astronaut})
    assert [match["Face"]["FaceId"] for match in found["FaceMatches"]] == own
    assert "ExternalImageId" not in found["FaceMatches"][0]["Face"]


def test_a_search_by_an_image_needs_a_face(client: Any, collection: str, cat: bytes) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException, match=r"There are no faces in the image\. Should"):
        client.search_faces_by_image(CollectionId=collection, Image={"Bytes": cat})
    poor = encode(stranger(3, 250))
    assert client.search_faces_by_image(CollectionId=collection, Image={"Bytes": poor})["FaceMatches"] == []
    with pytest.raises(client.exceptions.InvalidParameterException, match="QualityFilter HIGH"):
        client.search_faces_by_image(CollectionId=collection, Image={"Bytes": poor}, QualityFilter="HIGH")


def test_a_collection_that_does_not_exist_is_not_found(client: Any, astronaut: bytes) -> None:
    image = {"Bytes": astronaut}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("index_faces", {"Image": image}),
        ("list_faces", {}),
        ("delete_faces", {"FaceIds": [NOBODY]}),
        ("search_faces", {"FaceId": NOBODY}),
        ("search_faces_by_image", {"Image": image}),
        ("search_users_by_image", {"Image": image}),
        ("search_users", {"UserId": "lan"}),
    ]
    for name, arguments in calls:
        with pytest.raises(client.exceptions.ResourceNotFoundException, match="'no-such'"):
            getattr(client, name)(CollectionId="no-such", **arguments)


def test_a_collection_is_deleted_with_its_faces_and_users(client: Any, collection: str, three: bytes) -> None:
    own = ids(index(client, collection, three, ExternalImageId="three"))
    client.create_user(CollectionId=collection, UserId="lan")
    client.associate_faces(CollectionId=collection, UserId="lan", FaceIds=own)
    client.delete_collection(CollectionId=collection)
    client.create_collection(CollectionId=collection)
    described = client.describe_collection(CollectionId=collection)
    assert (described["FaceCount"], described["UserCount"]) == (0, 0)
    assert listed(client, collection) == []
    assert client.list_users(CollectionId=collection)["Users"] == []
    found = client.search_faces_by_image(CollectionId=collection, Image={"Bytes": three}, FaceMatchThreshold=0)
    assert found["FaceMatches"] == []


def test_an_object_of_a_bucket_is_indexed(client: Any, collection: str, astronaut: bytes, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="astronaut.jpg", Body=astronaut)
    place = {"S3Object": {"Bucket": bucket, "Name": "astronaut.jpg"}}
    stored = client.index_faces(CollectionId=collection, Image=place)
    sent = index(client, collection, astronaut)
    assert [record["Face"]["ImageId"] for record in stored["FaceRecords"] + sent["FaceRecords"]] == [
        sent["FaceRecords"][0]["Face"]["ImageId"]
    ] * 2


def test_names_of_255_characters_are_paged(client: Any) -> None:
    names = [f"{letter}{'-' * 254}" for letter in "xyz"]
    for name in names:
        client.create_collection(CollectionId=name)
    pages = client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 1})
    assert [name for page in pages for name in page["CollectionIds"] if name in names] == names
    for name in names:
        client.delete_collection(CollectionId=name)


def test_an_upright_photo_and_its_turned_copy_have_the_same_faces(
    client: Any, collection: str, astronaut: bytes
) -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    decode(astronaut).rotate(90, expand=True).save(buffer, "JPEG", quality=92, exif=exif)
    upright, turned = index(client, collection, astronaut), index(client, collection, buffer.getvalue())
    one, other = (answer["FaceRecords"][0]["Face"]["BoundingBox"] for answer in (upright, turned))
    assert other == pytest.approx(one, abs=0.02)
