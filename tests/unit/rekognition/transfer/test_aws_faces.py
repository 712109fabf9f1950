"""Lists of the faces of a collection at AWS."""

import json

import pytest

from openrek.rekognition.transfer.aws_faces import AwsFace, FaceListError, read_faces

FACE = {
    "FaceId": "10a0a1a2-0000-4000-8000-000000000001",
    "BoundingBox": {"Width": 0.3, "Height": 0.4, "Left": 0.1, "Top": 0.2},
    "ImageId": "10a0a1a2-0000-4000-8000-00000000000f",
    "ExternalImageId": "anh:1.jpg",
    "Confidence": 99.9,
    "UserId": "anh",
}
OTHER = {"FaceId": "10a0a1a2-0000-4000-8000-000000000002"}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"Faces": [FACE, OTHER], "FaceModelVersion": "7.0"}, indent=4),
        json.dumps([FACE, OTHER]),
        json.dumps({"Faces": [FACE], "NextToken": "x"}) + "\n" + json.dumps({"Faces": [OTHER]}) + "\n",
        "\ufeff" + json.dumps(FACE) + "\n\n" + json.dumps(OTHER),
    ],
    ids=["the CLI's output", "a list", "a page a line", "a face a line"],
)
def test_json_in_any_form(data: str) -> None:
    assert read_faces(data.encode()) == [
        AwsFace(FACE["FaceId"], None, "anh:1.jpg", (0.1, 0.2, 0.3, 0.4), "anh"),  # type: ignore[arg-type]
        AwsFace(OTHER["FaceId"], None, None, None, None),
    ]


def test_a_manifest() -> None:
    data = "face_id,image,user_id,left,top,width,height\nf1,a/1.jpg,anh,.1,.2,.3,.4\nf2,a/2.jpg,,,,,\n"
    assert read_faces(data.encode()) == [
        AwsFace("f1", "a/1.jpg", None, (0.1, 0.2, 0.3, 0.4), "anh"),
        AwsFace("f2", "a/2.jpg", None, None, None),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "lists no faces"),
        (b"{}", "no FaceId"),
        (b'{"Faces": []}', "lists no faces"),
        (b'{"Faces": [1]}', "cannot be read"),
        (b'{"Faces"', "cannot be read"),
        (b"face_id\nf1\n", "no image"),
        (b"\xff\xd8\xff", "cannot be read"),
    ],
)
def test_other_files_are_rejected(data: bytes, message: str) -> None:
    with pytest.raises(FaceListError, match=message):
        read_faces(data)
