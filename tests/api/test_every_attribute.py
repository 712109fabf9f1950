"""DetectFaces with ALL: programs read every member of every face; and faces that lie on their side."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.conftest import encode

MEMBERS = {
    "AgeRange", "Beard", "BoundingBox", "Confidence", "Emotions", "EyeDirection", "Eyeglasses", "EyesOpen",
    "FaceOccluded", "Gender", "Landmarks", "MouthOpen", "Mustache", "Pose", "Quality", "Smile", "Sunglasses",
}  # fmt: skip
BOOLEANS = ("Beard", "Eyeglasses", "EyesOpen", "FaceOccluded", "MouthOpen", "Mustache", "Smile", "Sunglasses")


def faces_of(client: Any, image: bytes) -> list[dict[str, Any]]:
    details = client.detect_faces(Image={"Bytes": image}, Attributes=["ALL"])["FaceDetails"]
    return list(details)


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers_in(part)]
    if isinstance(value, list):
        return [number for part in value for number in numbers_in(part)]
    return [value] if isinstance(value, float | int) and not isinstance(value, bool) else []


def check_complete(face: dict[str, Any]) -> None:
    assert set(face) == MEMBERS
    assert len({mark["Type"] for mark in face["Landmarks"]}) == len(face["Landmarks"]) == 30
    assert all(math.isfinite(number) for number in numbers_in(face))
    assert len(face["Emotions"]) == 7
    for name in BOOLEANS:
        assert isinstance(face[name]["Value"], bool)
        assert 50 <= face[name]["Confidence"] <= 100
    assert 50 <= face["Gender"]["Confidence"] <= 100
    assert 0 <= face["EyeDirection"]["Confidence"] <= 100
    assert 0 <= face["AgeRange"]["Low"] <= face["AgeRange"]["High"]


@pytest.mark.parametrize("side", [40, 22, 14])
@pytest.mark.parametrize("blur", [0, 2])
def test_small_and_blurred_faces_have_every_attribute(client: Any, astronaut: bytes, side: int, blur: int) -> None:
    portrait = Image.open(io.BytesIO(astronaut)).crop((100, 0, 356, 256))
    # Its face has some 100 of 256 pixels.
    shown = portrait.resize((side * 256 // 100,) * 2, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(blur))
    canvas = Image.new("RGB", (320, 240), "gray")
    canvas.paste(shown, (80, 60))
    for face in faces_of(client, jpeg(canvas)):
        check_complete(face)


def test_every_face_of_the_shared_photos_has_every_attribute(client: Any, shared: Path) -> None:
    data = shared / "data"
    files = [
        *sorted((data / "faces_misc").glob("*.jpg")),
        *sorted((data / "coco128_val2017" / "images").glob("*.jpg"))[::6],
        *sorted((data / "face_mask" / "with_mask").glob("*.jpg"))[::15],
    ]
    images = [image for image in (file.read_bytes() for file in files) if is_large_enough(image)]
    faces = [face for image in images for face in faces_of(client, image)]
    assert len(faces) > 60
    for face in faces:
        check_complete(face)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_lying_face_is_the_upright_one_turned(client: Any, astronaut: bytes, angle: int) -> None:
    lying = jpeg(Image.open(io.BytesIO(astronaut)).rotate(angle, expand=True))
    (standing,), (face,) = faces_of(client, astronaut), faces_of(client, lying)
    check_complete(face)
    roll = (face["Pose"]["Roll"] - standing["Pose"]["Roll"] + angle + 180) % 360 - 180
    assert abs(roll) < 8
    assert abs(face["Pose"]["Yaw"] - standing["Pose"]["Yaw"]) < 8
    assert face["Gender"]["Value"] == standing["Gender"]["Value"]
    assert abs(face["AgeRange"]["Low"] - standing["AgeRange"]["Low"]) <= 3
    assert face["Emotions"][0]["Type"] == standing["Emotions"][0]["Type"]
    marks = {mark["Type"]: (mark["X"], mark["Y"]) for mark in standing["Landmarks"]}
    for mark in face["Landmarks"]:
        x, y = marks[mark["Type"]]
        expected = {90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[angle]
        assert (mark["X"], mark["Y"]) == pytest.approx(expected, abs=0.02), mark["Type"]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_lying_face_is_still_the_same_person(client: Any, astronaut: bytes, angle: int) -> None:
    lying = jpeg(Image.open(io.BytesIO(astronaut)).rotate(angle, expand=True))
    response = client.compare_faces(SourceImage={"Bytes": astronaut}, TargetImage={"Bytes": lying})
    (match,) = response["FaceMatches"]
    assert match["Similarity"] > 99


def is_large_enough(image: bytes) -> bool:
    return min(Image.open(io.BytesIO(image)).size) >= 80


def jpeg(image: Image.Image) -> bytes:
    return encode(np.asarray(image.convert("RGB")), quality=92)
