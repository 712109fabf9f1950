"""Which image a face of AWS is in, and which face of openrek it is."""

from typing import Any

import pytest

from openrek.cli.bulk.adoption import AdoptionPlan, external_id_of, matched
from openrek.cli.bulk.images import BulkImage
from openrek.rekognition.transfer.aws_faces import AwsFace, Box

IMAGES = [BulkImage(tuple(path.split("/")), f"/photos/{path}") for path in ("anh/1.jpg", "anh/2.jpg", "binh/1.jpg")]


def face(identifier: str, external_id: str | None = None, box: Box | None = None, image: str | None = None) -> AwsFace:
    return AwsFace(identifier, image, external_id, box, None)


@pytest.mark.parametrize("spelling", ["anh:1.jpg", "anh_1.jpg", "anh-1.jpg", "anh.1.jpg", "anh:1", "anh_1"])
def test_an_external_image_id_names_its_image_in_any_spelling(spelling: str) -> None:
    plan = AdoptionPlan.of([face("f", spelling)], IMAGES)
    assert {image.name for image in plan.images} == {"anh/1.jpg"}
    assert plan.lost == []


def test_a_name_that_several_images_have_names_none() -> None:
    plan = AdoptionPlan.of([face("f1", "1.jpg"), face("f2", "2.jpg"), face("f3", "3.jpg"), face("f4")], IMAGES)
    assert {image.name for image in plan.images} == {"anh/2.jpg"}
    assert {lost.face.face_id: lost.reason for lost in plan.lost} == {
        "f1": "several images are named 1.jpg",
        "f3": "no image is named 3.jpg",
        "f4": "it has no ExternalImageId; name its image in a manifest",
    }


def test_a_manifest_names_images_by_path_or_key() -> None:
    plan = AdoptionPlan.of([face("f1", image="anh/1.jpg"), face("f2", image="/photos/binh/1.jpg")], IMAGES)
    assert {image.name for image in plan.images} == {"anh/1.jpg", "binh/1.jpg"}


def test_the_external_image_id_of_aws_is_kept() -> None:
    assert external_id_of(IMAGES[0], [face("f", "anh_1")]) == "anh_1"
    assert external_id_of(IMAGES[0], [face("f")]) == "anh:1.jpg"


def record(identifier: str, box: Box) -> dict[str, Any]:
    return {"FaceId": identifier, "BoundingBox": dict(zip(("Left", "Top", "Width", "Height"), box, strict=True))}


def test_faces_are_found_by_their_boxes() -> None:
    records = [record("a", (0.1, 0.1, 0.2, 0.2)), record("b", (0.6, 0.1, 0.2, 0.2))]
    faces = [
        face("2", box=(0.6, 0.12, 0.2, 0.2)),
        face("1", box=(0.1, 0.1, 0.18, 0.2)),
        face("3", box=(0.4, 0.8, 0.1, 0.1)),
        face("4"),
    ]
    assert [(found.face.face_id, found.face_id) for found in matched(faces, records)] == [
        ("2", "b"),
        ("1", "a"),
        ("3", None),
        ("4", None),
    ]


def test_the_only_face_needs_no_box() -> None:
    assert [found.face_id for found in matched([face("1")], [record("a", (0.1, 0.1, 0.2, 0.2))])] == ["a"]
