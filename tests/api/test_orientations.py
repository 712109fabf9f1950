"""A picture says the same, whichever way the camera was held."""

import io
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import Base

# What must be done to an upright picture so that a viewer that heeds the orientation shows it upright again.
STORED = {
    1: (),
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_90,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_270,),
}


def stored(picture: Image.Image, orientation: int, kind: str) -> bytes:
    for turn in STORED[orientation]:
        picture = picture.transpose(turn)
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {}))
    return out.getvalue()


def findings(client: Any, data: bytes) -> dict[str, Any]:
    image = {"Bytes": data}
    return {
        "labels": client.detect_labels(Image=image, MinConfidence=70)["Labels"],
        "faces": client.detect_faces(Image=image)["FaceDetails"],
        "text": client.detect_text(Image=image)["TextDetections"],
        "moderation": client.detect_moderation_labels(Image=image)["ModerationLabels"],
    }


def boxes(found: dict[str, Any]) -> list[tuple[str, list[float]]]:
    """Each thing that has a place, and the place."""
    places = [(label["Name"], each["BoundingBox"]) for label in found["labels"] for each in label["Instances"]]
    places += [("face", face["BoundingBox"]) for face in found["faces"]]
    places += [(text["DetectedText"], text["Geometry"]["BoundingBox"]) for text in found["text"]]
    return sorted((name, [box[side] for side in ("Left", "Top", "Width", "Height")]) for name, box in places)


@pytest.fixture(scope="module")
def uprights() -> dict[str, dict[str, Any]]:
    """What each client found in the upright picture: found once."""
    return {}


@pytest.fixture
def upright(
    request: pytest.FixtureRequest, client: Any, astronaut: bytes, uprights: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    way = str(request.node.callspec.params["client"])
    if way not in uprights:
        uprights[way] = findings(client, stored(Image.open(io.BytesIO(astronaut)), 1, "PNG"))
    return uprights[way]


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_same_pixels_give_the_same_findings_in_the_same_places(
    client: Any, astronaut: bytes, upright: dict[str, Any], orientation: int
) -> None:
    assert {name for name, _ in boxes(upright)} >= {"face", "Person"}
    turned = findings(client, stored(Image.open(io.BytesIO(astronaut)), orientation, "PNG"))
    assert turned == upright


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_gives_the_same_findings_in_nearly_the_same_places(
    client: Any, astronaut: bytes, upright: dict[str, Any], orientation: int
) -> None:
    turned = findings(client, stored(Image.open(io.BytesIO(astronaut)), orientation, "JPEG"))
    # JPEG's blocks lie otherwise in a turned picture, so what is hardly seen may differ.
    sure = {label["Name"] for label in upright["labels"] if label["Confidence"] > 90}
    assert {label["Name"] for label in turned["labels"]} >= sure
    (face,), (same,) = turned["faces"], upright["faces"]
    assert face["BoundingBox"] == pytest.approx(same["BoundingBox"], abs=0.01)
    persons = [[box for name, box in boxes(found) if name == "Person"] for found in (turned, upright)]
    assert len(persons[0]) == len(persons[1])
    for one, other in zip(*persons, strict=True):
        assert one == pytest.approx(other, abs=0.03)
