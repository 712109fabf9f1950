"""DetectProtectiveEquipment: face covers and hard hats are detected, and what no model can judge is not claimed."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from openrek.rekognition import Client, Services
from openrek.rekognition.operations.images.protective_equipment import summary
from openrek.s3 import LocalObjectStore
from openrek.state import Repositories
from openrek.vision import Engine, ModelPack, RuntimeOptions, load_packs
from tests import graphs
from tests.conftest import encode
from tests.graphs import described


@pytest.fixture(scope="module")
def masked(astronaut: bytes) -> bytes:
    """The astronaut with a mask drawn from the nose to the chin."""
    picture = Image.open(io.BytesIO(astronaut))
    mask = [(182, 112), (226, 104), (272, 112), (266, 156), (226, 176), (188, 156)]
    ImageDraw.Draw(picture).polygon(mask, fill=(150, 190, 220))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def requested(client: Any, picture: bytes, *types: str, minimum: float = 50) -> dict[str, Any]:
    wanted = {"MinConfidence": minimum, "RequiredEquipmentTypes": list(types)}
    answer: dict[str, Any] = client.detect_protective_equipment(
        Image={"Bytes": picture}, SummarizationAttributes=wanted
    )
    return answer


def part_of(person: dict[str, Any], name: str) -> dict[str, Any]:
    """The one body part of this name."""
    (found,) = (part for part in person["BodyParts"] if part["Name"] == name)
    return dict(found)


def test_a_mask_is_a_face_cover(client: Any, masked: bytes) -> None:
    answer = requested(client, masked, "FACE_COVER")
    (person,) = answer["Persons"]
    face = part_of(person, "FACE")
    (cover,) = face["EquipmentDetections"]
    assert (face["Name"], cover["Type"], cover["CoversBodyPart"]["Value"]) == ("FACE", "FACE_COVER", True)
    assert cover["Confidence"] > 50
    inside = person["BoundingBox"]
    assert inside["Left"] <= cover["BoundingBox"]["Left"] <= inside["Left"] + inside["Width"]
    assert answer["Summary"]["PersonsWithRequiredEquipment"] == [person["Id"]]
    assert answer["ProtectiveEquipmentModelVersion"]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_cover_of_a_lying_face_lies_below_its_nose(client: Any, masked: bytes, angle: int) -> None:
    boxes = []
    for image in (Image.open(io.BytesIO(masked)), Image.open(io.BytesIO(masked)).rotate(angle, expand=True)):
        (person,) = requested(client, encode(np.asarray(image)), "FACE_COVER")["Persons"]
        (cover,) = part_of(person, "FACE")["EquipmentDetections"]
        box = cover["BoundingBox"]
        boxes.append((box["Left"] + box["Width"] / 2, box["Top"] + box["Height"] / 2))
    (x, y), middle = boxes
    assert middle == pytest.approx({90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[angle], abs=0.03)


def test_a_bare_face_has_none(client: Any, astronaut: bytes) -> None:
    answer = requested(client, astronaut, "FACE_COVER")
    (person,) = answer["Persons"]
    assert person["BodyParts"][0]["EquipmentDetections"] == []
    assert answer["Summary"]["PersonsWithoutRequiredEquipment"] == [person["Id"]]


def test_a_bare_head_has_no_cover(client: Any, astronaut: bytes) -> None:
    answer = requested(client, astronaut, "HEAD_COVER")
    (person,) = answer["Persons"]
    assert [part["Name"] for part in person["BodyParts"]] == ["FACE", "HEAD"]
    assert part_of(person, "HEAD")["EquipmentDetections"] == []
    assert answer["Summary"]["PersonsWithoutRequiredEquipment"] == [person["Id"]]


@pytest.mark.parametrize("types", [["HAND_COVER"], ["FACE_COVER", "HAND_COVER"]])
def test_hands_are_never_listed_and_leave_it_open_who_wears_gloves(
    client: Any, masked: bytes, types: list[str]
) -> None:
    answer = requested(client, masked, *types)
    (person,) = answer["Persons"]
    assert not {"LEFT_HAND", "RIGHT_HAND"} & {part["Name"] for part in person["BodyParts"]}
    assert answer["Summary"] == {
        "PersonsWithRequiredEquipment": [],
        "PersonsWithoutRequiredEquipment": [],
        "PersonsIndeterminate": [person["Id"]],
    }


def test_hard_hats_on_construction_sites_are_head_covers_and_lie_above_the_eyes(client: Any, shared: Path) -> None:
    """Images that the head was trained on: this shows the way from the image to the answer, not how good it is."""
    folder = shared / "data" / "breadth" / "construction"
    covers, hats = 0, 0
    for file in sorted((folder / "images").glob("00*.jpg"))[:12]:
        labels = (folder / "labels" / f"{file.stem}.txt").read_text().splitlines()
        hats += sum(line.startswith("0 ") for line in labels)
        for person in client.detect_protective_equipment(Image={"Bytes": file.read_bytes()})["Persons"]:
            for part in person["BodyParts"]:
                for cover in part["EquipmentDetections"]:
                    if cover["Type"] == "HEAD_COVER":
                        covers += 1
                        assert part["Name"] == "HEAD"
                        assert cover["Confidence"] >= 80
                        assert cover["CoversBodyPart"]["Value"] is True
                        box = cover["BoundingBox"]
                        assert box["Top"] < person["BoundingBox"]["Top"] + person["BoundingBox"]["Height"] / 2
                        assert 0 <= box["Left"] <= box["Left"] + box["Width"] <= 1.000001
    assert 3 <= covers <= hats


def test_a_bare_face_lacks_something_whatever_else_is_required(client: Any, astronaut: bytes, masked: bytes) -> None:
    assert requested(client, astronaut, "FACE_COVER", "HEAD_COVER")["Summary"]["PersonsWithoutRequiredEquipment"] == [0]
    assert requested(client, masked, "FACE_COVER", "HAND_COVER")["Summary"]["PersonsIndeterminate"] == [0]


def test_a_picture_without_people_has_no_persons(client: Any, cat: bytes) -> None:
    answer = client.detect_protective_equipment(Image={"Bytes": cat})
    assert answer["Persons"] == []
    assert "Summary" not in answer


@pytest.fixture(scope="module")
def real_faces(server: Any, shared: Path) -> dict[str, list[dict[str, Any]]]:
    """Answers for photos of faces with and without masks, with a summary at a confidence of 80."""
    client = server.client()
    answers: dict[str, list[dict[str, Any]]] = {}
    for kind in ("with_mask", "without_mask"):
        images = [path.read_bytes() for path in sorted((shared / "data" / "face_mask" / kind).iterdir())[:40]]
        large = [image for image in images if min(Image.open(io.BytesIO(image)).size) >= 80]
        answers[kind] = [requested(client, image, "FACE_COVER", minimum=80) for image in large]
    return answers


def test_real_masks_are_found_and_bare_faces_left_alone(real_faces: dict[str, list[dict[str, Any]]]) -> None:
    share = {}
    for kind, answers in real_faces.items():
        found = [
            any(part_of(person, "FACE")["EquipmentDetections"] for person in answer["Persons"] if person["BodyParts"])
            for answer in answers
        ]
        share[kind] = sum(found) / len(found)
    assert share["with_mask"] >= 0.9
    assert share["without_mask"] <= 0.05


def test_pictures_have_limits_of_their_own(client: Any) -> None:
    def detect(width: int, height: int, **options: Any) -> Any:
        picture = encode(np.full((height, width, 3), 128, np.uint8), **options)
        return client.detect_protective_equipment(Image={"Bytes": picture})

    assert detect(64, 64)["Persons"] == []
    with pytest.raises(client.exceptions.InvalidParameterException, match="at least 64"):
        detect(63, 64)
    assert detect(4096, 100)["Persons"] == []
    with pytest.raises(client.exceptions.ImageTooLargeException, match="4,096"):
        detect(4097, 100)
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1200, 3), np.uint8)
    large = encode(noise, "PNG")
    assert 4_194_304 < len(large) < 5_242_880
    with pytest.raises(client.exceptions.ImageTooLargeException, match="4,194,304"):
        client.detect_protective_equipment(Image={"Bytes": large})
    assert client.detect_labels(Image={"Bytes": large})["LabelModelVersion"]


def test_the_summary_is_of_use_at_a_usual_bar(real_faces: dict[str, list[dict[str, Any]]]) -> None:
    for kind, name in (("with_mask", "With"), ("without_mask", "Without")):
        told = [bool(answer["Summary"][f"Persons{name}RequiredEquipment"]) for answer in real_faces[kind]]
        assert sum(told) >= 0.85 * len(told)


def person(confidence: float, *covers: float, face: float = 99.0) -> dict[str, Any]:
    found = [{"Type": "FACE_COVER", "Confidence": cover} for cover in covers]
    part = {"Name": "FACE", "Confidence": face, "EquipmentDetections": found}
    return {"Id": 0, "Confidence": confidence, "BodyParts": [part]}


@pytest.mark.parametrize(
    ("shown", "minimum", "group"),
    [
        (person(99, 85), 80, "PersonsWithRequiredEquipment"),
        (person(99, 75), 80, "PersonsIndeterminate"),
        (person(99), 80, "PersonsWithoutRequiredEquipment"),
        (person(99, face=70), 80, "PersonsIndeterminate"),
        (person(70, 99), 80, None),
        (person(60, 60), 20, "PersonsWithRequiredEquipment"),
        (person(45, 60), 20, None),
    ],
)
def test_the_bar_is_of_the_person_the_face_and_the_cover(
    shown: dict[str, Any], minimum: float, group: str | None
) -> None:
    groups = summary([shown], {"FACE_COVER"}, minimum)
    assert [name for name, persons in groups.items() if persons] == ([group] if group else [])


@pytest.mark.parametrize(
    ("parts", "group"),
    [
        ({"FACE": [90.0], "HEAD": [85.0]}, "PersonsWithRequiredEquipment"),
        ({"FACE": [90.0], "HEAD": []}, "PersonsWithoutRequiredEquipment"),
        ({"FACE": [], "HEAD": [85.0]}, "PersonsWithoutRequiredEquipment"),
        ({"FACE": [90.0]}, "PersonsIndeterminate"),
        ({"FACE": []}, "PersonsWithoutRequiredEquipment"),
        ({}, "PersonsIndeterminate"),
    ],
)
def test_each_kind_of_equipment_is_sought_on_its_own_body_part(parts: dict[str, list[float]], group: str) -> None:
    kinds = {"FACE": "FACE_COVER", "HEAD": "HEAD_COVER"}
    shown = [
        {
            "Name": name,
            "Confidence": 99.0,
            "EquipmentDetections": [{"Type": kinds[name], "Confidence": cover} for cover in covers],
        }
        for name, covers in parts.items()
    ]
    groups = summary([{"Id": 0, "Confidence": 99.0, "BodyParts": shown}], set(kinds.values()), 80)
    assert [name for name, persons in groups.items() if persons] == [group]


def test_where_the_model_for_objects_knows_no_persons_faces_are_all_there_is(
    tmp_path: Path, masked: bytes, astronaut: bytes
) -> None:
    pack = ModelPack(
        "colours",
        "1",
        "",
        (described(graphs.yolox(tmp_path / "y.onnx", 64, 64), "yolox", labels=("Red",), size=[64, 64]),),
    )
    with Engine((*load_packs(), pack), RuntimeOptions(1), {"objects": "y"}) as engine:
        resources = Repositories(lambda: pytest.fail("nothing is kept"), "us-east-1")
        client = Client(Services(engine, LocalObjectStore(tmp_path), resources))
        answer = requested(client, masked, "FACE_COVER")
        (person,) = answer["Persons"]
        face = part_of(person, "FACE")
        assert (face["Name"], face["Confidence"]) == ("FACE", person["Confidence"])
        assert face["EquipmentDetections"][0]["Type"] == "FACE_COVER"
        assert 0.3 < person["BoundingBox"]["Left"] < 0.4
        assert answer["Summary"]["PersonsWithRequiredEquipment"] == [person["Id"]]
        bare = requested(client, astronaut, "FACE_COVER")
        assert bare["Summary"]["PersonsWithoutRequiredEquipment"] == [bare["Persons"][0]["Id"]]
