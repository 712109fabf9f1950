"""DetectFaces' attributes, on a picture of a person who is known."""

import io
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageOps

DEFAULT = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
TRAITS = {
    "Beard",
    "Eyeglasses",
    "EyesOpen",
    "FaceOccluded",
    "MouthOpen",
    "Mustache",
    "Smile",
    "Sunglasses",
}
FIVE = {"eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"}


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def only_face(client: Any, image: bytes, *attributes: str) -> dict[str, Any]:
    (face,) = client.detect_faces(Image={"Bytes": image}, Attributes=list(attributes))["FaceDetails"]
    assert isinstance(face, dict)
    return face


def points(face: dict[str, Any]) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    return {mark["Type"]: np.array([mark["X"], mark["Y"]]) for mark in face["Landmarks"]}


def test_all_attributes_of_a_smiling_woman_without_glasses(client: Any, astronaut: bytes) -> None:
    face = only_face(client, astronaut, "ALL")
    assert set(face) == DEFAULT | TRAITS | {"AgeRange", "EyeDirection", "Gender", "Emotions"}
    assert face["Gender"]["Value"] == "Female"
    assert face["Gender"]["Confidence"] > 95
    shown = {name: face[name]["Value"] for name in TRAITS}
    assert shown == {name: name in {"Smile", "EyesOpen", "MouthOpen"} for name in TRAITS}
    assert all(50 <= face[name]["Confidence"] <= 100 for name in TRAITS)
    # She was 36.
    assert face["AgeRange"]["Low"] <= 36 <= face["AgeRange"]["High"]
    assert 12 <= face["AgeRange"]["High"] - face["AgeRange"]["Low"] <= 40


def test_she_looks_into_the_camera(client: Any, astronaut: bytes) -> None:
    gaze = only_face(client, astronaut, "EYE_DIRECTION")["EyeDirection"]
    assert abs(gaze["Yaw"]) < 12
    assert abs(gaze["Pitch"]) < 12
    assert 70 < gaze["Confidence"] <= 100


def test_emotions_fall_and_add_up(client: Any, astronaut: bytes) -> None:
    emotions = only_face(client, astronaut, "EMOTIONS")["Emotions"]
    confidence = [emotion["Confidence"] for emotion in emotions]
    assert {emotion["Type"] for emotion in emotions} == {
        "ANGRY",
        "CALM",
        "DISGUSTED",
        "FEAR",
        "HAPPY",
        "SAD",
        "SURPRISED",
    }
    assert emotions[0]["Type"] == "HAPPY"
    assert confidence == sorted(confidence, reverse=True)
    assert sum(confidence) == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize(
    ("requested", "members"),
    [
        (["DEFAULT"], set()),
        (["AGE_RANGE"], {"AgeRange"}),
        (["DEFAULT", "GENDER"], {"Gender"}),
        (["SMILE", "BEARD"], {"Smile", "Beard"}),
        (["EYES_OPEN"], {"EyesOpen"}),
        (["MOUTH_OPEN"], {"MouthOpen"}),
        (["EYEGLASSES", "SUNGLASSES", "MUSTACHE"], {"Eyeglasses", "Sunglasses", "Mustache"}),
        (["FACE_OCCLUDED"], {"FaceOccluded"}),
        (["EYE_DIRECTION"], {"EyeDirection"}),
    ],
    ids=lambda value: "+".join(sorted(value)) or "default only",
)
def test_only_what_is_asked_for_comes_back(
    client: Any, astronaut: bytes, requested: list[str], members: set[str]
) -> None:
    face = only_face(client, astronaut, *requested)
    assert set(face) == DEFAULT | members
    assert set(points(face)) == FIVE


def test_a_single_attribute_is_what_all_gives(client: Any, astronaut: bytes) -> None:
    everything = only_face(client, astronaut, "ALL")
    for attribute, member in (("EYEGLASSES", "Eyeglasses"), ("EYES_OPEN", "EyesOpen"), ("AGE_RANGE", "AgeRange")):
        assert only_face(client, astronaut, attribute)[member] == everything[member]


def test_an_unknown_attribute_is_refused(client: Any, astronaut: bytes) -> None:
    with pytest.raises(ClientError, match="HAIR") as rejected:
        client.detect_faces(Image={"Bytes": astronaut}, Attributes=["HAIR"])
    assert rejected.value.response["Error"]["Code"] == "ValidationException"


def test_all_landmarks_lie_where_they_should(client: Any, astronaut: bytes) -> None:
    marks = points(only_face(client, astronaut, "ALL"))
    assert len(marks) == 30
    left_to_right = [
        ["upperJawlineLeft", "leftEyeBrowLeft", "leftEyeLeft", "leftPupil", "leftEyeRight", "nose"],
        ["nose", "rightEyeLeft", "rightPupil", "rightEyeRight", "upperJawlineRight"],
        ["midJawlineLeft", "mouthLeft", "mouthUp", "mouthRight", "midJawlineRight"],
        ["leftEyeBrowLeft", "leftEyeBrowUp", "leftEyeBrowRight", "rightEyeBrowLeft", "rightEyeBrowUp"],
        ["noseLeft", "nose", "noseRight"],
    ]
    for row in left_to_right:
        across = [marks[name][0] for name in row]
        assert across == sorted(across), row
    for side in ("left", "right"):
        column = [f"{side}EyeBrowUp", f"{side}EyeUp", f"{side}Pupil", f"{side}EyeDown"]
        down = [marks[name][1] for name in [*column, "nose", "mouthUp", "mouthDown", "chinBottom"]]
        assert down == sorted(down), side
        # The mesh and the detector, two networks, agree on where the eye is.
        width = np.hypot(*(marks[f"{side}EyeRight"] - marks[f"{side}EyeLeft"]))
        assert np.hypot(*(marks[f"{side}Pupil"] - marks[f"eye{side.title()}"])) < width / 2


def test_landmarks_follow_a_tilted_head(client: Any, astronaut: bytes) -> None:
    tilted = Image.open(io.BytesIO(astronaut)).rotate(25, resample=Image.Resampling.BICUBIC)
    marks = points(only_face(client, encode(tilted), "ALL"))
    across = marks["rightPupil"] - marks["leftPupil"]
    assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(-20, abs=8)
    down = marks["chinBottom"] - marks["nose"]
    assert abs(across @ down) < 0.35 * np.hypot(*across) * np.hypot(*down)


def test_each_face_of_a_picture_has_its_own_attributes(client: Any, astronaut: bytes) -> None:
    from skimage import data

    faces = data.lfw_subset()  # type: ignore[no-untyped-call]
    man = Image.fromarray(np.uint8(faces[3] * 255)).convert("RGB").resize((300, 300), Image.Resampling.BICUBIC)
    both = Image.new("RGB", (1100, 512), "gray")
    both.paste(Image.open(io.BytesIO(astronaut)), (0, 0))
    both.paste(man, (700, 100))
    details = client.detect_faces(Image={"Bytes": encode(both)}, Attributes=["ALL"])["FaceDetails"]
    woman, other = sorted(details, key=lambda face: float(face["BoundingBox"]["Left"]))
    assert woman["Gender"]["Value"] == "Female"
    assert other["Gender"]["Value"] == "Male"
    for face in (woman, other):
        box = face["BoundingBox"]
        middle = points(face)["nose"]
        assert box["Left"] < middle[0] < box["Left"] + box["Width"]
        assert len(face["Landmarks"]) == 30
        mesh_nose = (points(face)["noseLeft"] + points(face)["noseRight"]) / 2
        assert box["Left"] < mesh_nose[0] < box["Left"] + box["Width"]


def test_a_gray_picture_and_its_mirror_image_say_the_same(client: Any, astronaut: bytes) -> None:
    changed = ImageOps.mirror(Image.open(io.BytesIO(astronaut))).convert("L").convert("RGB")
    face, same = only_face(client, astronaut, "ALL"), only_face(client, encode(changed), "ALL")
    assert {name: face[name]["Value"] for name in [*TRAITS, "Gender"]} == {
        name: same[name]["Value"] for name in [*TRAITS, "Gender"]
    }


def test_a_mask_painted_over_mouth_and_chin_is_seen(client: Any, astronaut: bytes) -> None:
    image = np.array(Image.open(io.BytesIO(astronaut)))
    marks = points(only_face(client, astronaut, "ALL"))
    left, right = marks["midJawlineLeft"][0] * 512, marks["midJawlineRight"][0] * 512
    top, bottom = marks["nose"][1] * 512 - 6, marks["chinBottom"][1] * 512
    image[int(top) : int(bottom), int(left) + 4 : int(right) - 4] = [150, 180, 210]
    face = only_face(client, encode(Image.fromarray(image)), "FACE_OCCLUDED")
    assert face["FaceOccluded"]["Value"] is True


def test_a_picture_without_faces_has_none(client: Any, cat: bytes) -> None:
    assert client.detect_faces(Image={"Bytes": cat}, Attributes=["ALL"])["FaceDetails"] == []
