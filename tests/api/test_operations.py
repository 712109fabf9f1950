"""Every operation through a client, whichever way it goes: see conftest."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.conftest import RunningService, encode
from tests.images import page


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
    image = page("Open every day")
    found = client.detect_text(Image={"Bytes": image})["TextDetections"]
    lines = [text for text in found if text["Type"] == "LINE"]
    words = [text for text in found if text["Type"] == "WORD"]
    assert [line["DetectedText"] for line in lines] == ["Open every day"]
    assert [word["DetectedText"] for word in words] == ["Open", "every", "day"]
    assert {word["ParentId"] for word in words} == {lines[0]["Id"]}


def test_vietnamese_is_read_with_its_marks_and_the_answer_says_by_which_recogniser(client: Any) -> None:
    answer = client.detect_text(Image={"Bytes": page("Cảm ơn quý khách")})
    assert answer["TextDetections"][0]["DetectedText"] == "Cảm ơn quý khách"
    version, *readers = answer["TextModelVersion"].split()
    assert version.endswith("+ppocr+tesseract-vie+tesseract-rus+tesseract-ara")
    assert readers == ["tesseract-vie:0"]
    answer = client.detect_text(Image={"Bytes": page("Open every day")})
    assert answer["TextModelVersion"].split() == [version, "ppocr:0"]


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
    ("place", "message"),
    [
        ({"Bucket": "openrek", "Name": "inbox/none.jpg"}, "no object"),
        ({"Bucket": "nowhere", "Name": "a.jpg"}, "no bucket"),
    ],
    ids=["no object", "no bucket"],
)
def test_a_missing_object_is_told_apart_from_a_missing_bucket(client: Any, place: dict[str, str], message: str) -> None:
    with pytest.raises(client.exceptions.InvalidS3ObjectException, match=message):
        client.detect_labels(Image={"S3Object": place})


@pytest.mark.parametrize(
    ("features", "requested", "message"),
    [
        (["IMAGE_PROPERTIES"], {"Settings": {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}}, "GeneralLabels"),
        (["IMAGE_PROPERTIES"], {"MinConfidence": 50.0}, "MinConfidence"),
        (["IMAGE_PROPERTIES"], {"MaxLabels": 5}, "MaxLabels"),
        (["GENERAL_LABELS"], {"Settings": {"ImageProperties": {"MaxDominantColors": 3}}}, "ImageProperties"),
        ([], {"Settings": {"ImageProperties": {"MaxDominantColors": 3}}}, "ImageProperties"),
    ],
)
def test_what_is_said_of_a_feature_that_is_not_asked_for_is_refused(
    client: Any, cat: bytes, features: list[str], requested: dict[str, Any], message: str
) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException, match=message):
        client.detect_labels(Image={"Bytes": cat}, Features=features, **requested)


BOX = {"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.5}
CORNERS = [{"X": 0.1, "Y": 0.1}, {"X": 0.6, "Y": 0.1}, {"X": 0.6, "Y": 0.6}]


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ({}, "one of BoundingBox and Polygon"),
        ({"BoundingBox": BOX, "Polygon": CORNERS}, "one of BoundingBox and Polygon"),
        ({"Polygon": CORNERS[:2]}, "2 points; it must have 3 to 10"),
        ({"Polygon": CORNERS * 4}, "12 points"),
        ({"BoundingBox": BOX | {"Width": -0.1}}, "above 0"),
        ({"BoundingBox": {"Left": 0.1, "Top": 0.1}}, "above 0"),
    ],
)
def test_a_region_that_is_none_is_refused(client: Any, cat: bytes, region: dict[str, Any], message: str) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException, match=message):
        client.detect_text(Image={"Bytes": cat}, Filters={"RegionsOfInterest": [region]})


def half_legible(text: str, blur: float, noise: float) -> bytes:
    """A line that is clear, and one that is not."""
    clear = Image.open(io.BytesIO(page("Open every day")))
    other = Image.open(io.BytesIO(page(text))).filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(other) + np.random.default_rng(1).normal(0, noise, (240, 640, 3))
    return encode(np.vstack([np.asarray(clear), np.uint8(pixels.clip(0, 255))]), "PNG")


def test_a_word_filter_that_names_no_confidence_means_eighty(client: Any) -> None:
    def words(image: bytes, **filters: Any) -> dict[str, float]:
        found = client.detect_text(Image={"Bytes": image}, **filters)["TextDetections"]
        return {text["DetectedText"]: text["Confidence"] for text in found if text["Type"] == "WORD"}

    # Which of them a recogniser doubts is its own affair; of one of them it should.
    lines = [("xqzkj wvvw", 5, 20), ("xqzkj wvvw", 5.5, 1), ("Il1O0 rn8B", 5.5, 20), ("Il1O0 rn8B", 3, 60)]
    images = [half_legible(*line) for line in lines]
    image = next(each for each in images if min(words(each).values()) < 80)
    everything = words(image)
    sure = {word for word, confidence in everything.items() if confidence >= 80}
    assert {"Open", "every", "day"} <= sure
    for word_filter in ({}, {"MinBoundingBoxHeight": 0.0}, {"MinConfidence": 80.0}):
        assert set(words(image, Filters={"WordFilter": word_filter})) == sure
    assert words(image, Filters={"WordFilter": {"MinConfidence": 0.0}}) == everything


def test_an_object_has_the_version_null(client: Any, server: RunningService, cat: bytes) -> None:
    (server.bucket / "versioned.jpg").write_bytes(cat)
    place = {"Bucket": "openrek", "Name": "versioned.jpg", "Version": "null"}
    assert client.detect_labels(Image={"S3Object": place})["Labels"]
