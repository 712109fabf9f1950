"""CompareFaces on pictures whose people are known."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def other_person() -> bytes:
    """Somebody else: one of scikit-image's 25 x 25 pixel faces, enlarged."""
    from skimage import data

    faces = data.lfw_subset()  # type: ignore[no-untyped-call]
    return encode(Image.fromarray(np.uint8(faces[3] * 255)).convert("RGB").resize((250, 250), Image.Resampling.BICUBIC))


def changed(astronaut: bytes) -> bytes:
    """The same person: mirrored, gray, turned by 8 degrees and darker."""
    image = ImageOps.mirror(Image.open(io.BytesIO(astronaut))).convert("L").convert("RGB")
    return encode(image.rotate(8).point(lambda value: value * 0.8))


def test_the_same_person_matches(client: Any, astronaut: bytes) -> None:
    answer = client.compare_faces(SourceImage={"Bytes": astronaut}, TargetImage={"Bytes": changed(astronaut)})
    (match,) = answer["FaceMatches"]
    assert match["Similarity"] > 95
    assert answer["UnmatchedFaces"] == []
    assert set(answer["SourceImageFace"]) == {"BoundingBox", "Confidence"}
    assert set(match["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    # Mirrored: what was left of the middle is right of it.
    assert match["Face"]["BoundingBox"]["Left"] > 0.5 - match["Face"]["BoundingBox"]["Width"]


def test_another_person_does_not(client: Any, astronaut: bytes, other_person: bytes) -> None:
    answer = client.compare_faces(SourceImage={"Bytes": astronaut}, TargetImage={"Bytes": other_person})
    assert answer["FaceMatches"] == []
    assert len(answer["UnmatchedFaces"]) == 1
    everything = client.compare_faces(
        SourceImage={"Bytes": astronaut}, TargetImage={"Bytes": other_person}, SimilarityThreshold=0
    )
    assert everything["FaceMatches"][0]["Similarity"] < 80


def test_all_faces_of_the_target_are_compared(client: Any, astronaut: bytes, other_person: bytes) -> None:
    both = Image.new("RGB", (1100, 512), "gray")
    both.paste(Image.open(io.BytesIO(other_person)).resize((512, 512)), (0, 0))
    both.paste(Image.open(io.BytesIO(astronaut)), (560, 0))
    answer = client.compare_faces(SourceImage={"Bytes": astronaut}, TargetImage={"Bytes": encode(both)})
    (match,) = answer["FaceMatches"]
    (unmatched,) = answer["UnmatchedFaces"]
    assert match["Face"]["BoundingBox"]["Left"] > 0.5
    assert unmatched["BoundingBox"]["Left"] < 0.5


@pytest.mark.parametrize("where", ["SourceImage", "TargetImage"])
def test_a_picture_without_a_face_is_named(client: Any, astronaut: bytes, cat: bytes, where: str) -> None:
    images = {"SourceImage": {"Bytes": astronaut}, "TargetImage": {"Bytes": astronaut}} | {where: {"Bytes": cat}}
    with pytest.raises(client.exceptions.InvalidParameterException, match=f"{where} shows no face"):
        client.compare_faces(**images)


def test_a_blurred_face_does_not_meet_a_high_bar(client: Any, astronaut: bytes) -> None:
    small = Image.open(io.BytesIO(astronaut)).resize((170, 170)).resize((512, 512))
    target = {"Bytes": encode(small)}
    assert client.compare_faces(SourceImage={"Bytes": astronaut}, TargetImage=target)["FaceMatches"]
    with pytest.raises(client.exceptions.InvalidParameterException, match="QualityFilter HIGH"):
        client.compare_faces(SourceImage={"Bytes": astronaut}, TargetImage=target, QualityFilter="HIGH")
