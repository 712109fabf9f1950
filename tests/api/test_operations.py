"""Every operation through a client, whichever way it goes: see conftest."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningService
from tests.pictures import page


def test_labels_name_the_person_and_box_them(client: Any, astronaut: bytes) -> None:
    answer = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=50)
    person = next(label for label in answer["Labels"] if label["Name"] == "Person")
    box = person["Instances"][0]["BoundingBox"]
    assert person["Confidence"] > 50
    assert all(0 <= box[side] <= 1 for side in ("Left", "Top", "Width", "Height"))
    assert box["Width"] * box["Height"] > 0.3
    assert answer["LabelModelVersion"]


def test_min_confidence_and_max_labels_are_honoured(client: Any, astronaut: bytes) -> None:
    everything = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=5)["Labels"]
    few = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=5, MaxLabels=2)["Labels"]
    sure = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=60)["Labels"]
    assert [label["Name"] for label in few] == [label["Name"] for label in everything[:2]]
    assert sure
    assert all(label["Confidence"] >= 60 for label in sure)
    assert len(sure) < len(everything)


def test_a_face_is_found_with_five_landmarks(client: Any, astronaut: bytes) -> None:
    (face,) = client.detect_faces(Image={"Bytes": astronaut})["FaceDetails"]
    box = face["BoundingBox"]
    assert 0.3 < box["Left"] + box["Width"] / 2 < 0.6
    assert {mark["Type"] for mark in face["Landmarks"]} == {
        "eyeLeft",
        "eyeRight",
        "mouthLeft",
        "mouthRight",
        "nose",
    }
    assert set(face) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_text_is_read_in_lines_and_words(client: Any) -> None:
    picture = page("Open every day")
    found = client.detect_text(Image={"Bytes": picture})["TextDetections"]
    lines = [text for text in found if text["Type"] == "LINE"]
    words = [text for text in found if text["Type"] == "WORD"]
    assert [line["DetectedText"] for line in lines] == ["Open every day"]
    assert [word["DetectedText"] for word in words] == ["Open", "every", "day"]
    assert {word["ParentId"] for word in words} == {lines[0]["Id"]}


def test_vietnamese_is_read_with_its_marks_and_the_version_is_of_the_models_whatever_they_read(client: Any) -> None:
    answer = client.detect_text(Image={"Bytes": page("Cảm ơn quý khách")})
    assert answer["TextDetections"][0]["DetectedText"] == "Cảm ơn quý khách"
    assert answer["TextModelVersion"].endswith("+ppocr+tesseract-vie")
    assert client.detect_text(Image={"Bytes": page("Open every day")})["TextModelVersion"] == answer["TextModelVersion"]


def test_a_harmless_picture_needs_no_moderation(client: Any, cat: bytes) -> None:
    answer = client.detect_moderation_labels(Image={"Bytes": cat})
    assert answer["ModerationLabels"] == []
    assert answer["ModerationModelVersion"]


def test_an_object_of_the_local_store_is_read(client: Any, server: RunningService, astronaut: bytes) -> None:
    (server.bucket / "inbox").mkdir(exist_ok=True)
    (server.bucket / "inbox" / "astronaut.jpg").write_bytes(astronaut)
    stored = client.detect_labels(Image={"S3Object": {"Bucket": "openrek", "Name": "inbox/astronaut.jpg"}})
    assert stored["Labels"] == client.detect_labels(Image={"Bytes": astronaut})["Labels"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"Bucket": "openrek", "Name": "inbox/none.jpg"}, "no object"),
        ({"Bucket": "nowhere", "Name": "a.jpg"}, "no bucket"),
    ],
    ids=["no object", "no bucket"],
)
def test_a_missing_object_is_told_apart_from_a_missing_bucket(client: Any, place: dict[str, str], said: str) -> None:
    with pytest.raises(client.exceptions.InvalidS3ObjectException, match=said):
        client.detect_labels(Image={"S3Object": place})


def test_an_operation_that_is_not_there_yet_says_so(client: Any) -> None:
    with pytest.raises(ClientError, match="does not have ListStreamProcessors yet") as caught:
        client.list_stream_processors()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
