"""DetectLabels with IMAGE_PROPERTIES, on pictures whose properties are known."""

import io
from typing import Any

from PIL import Image, ImageFilter

RED, BLUE = (255, 0, 0), (0, 0, 128)


def encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def properties(client: Any, image: bytes, **settings: Any) -> dict[str, Any]:
    answer = client.detect_labels(
        Image={"Bytes": image}, Features=["IMAGE_PROPERTIES"], Settings={"ImageProperties": settings}
    )
    assert "Labels" not in answer
    found: dict[str, Any] = answer["ImageProperties"]
    return found


def two_colours() -> Image.Image:
    image = Image.new("RGB", (200, 100), RED)
    image.paste(BLUE, (150, 0, 200, 100))
    return image


def test_colours_have_their_names_and_shares(client: Any) -> None:
    first, second = properties(client, encode(two_colours()))["DominantColors"]
    assert (first["HexCode"], first["CSSColor"], first["SimplifiedColor"]) == ("#ff0000", "red", "red")
    assert (second["HexCode"], second["CSSColor"], second["SimplifiedColor"]) == ("#000080", "navy", "blue")
    assert (first["Red"], first["Green"], first["Blue"]) == RED
    assert abs(first["PixelPercent"] - 75) < 1
    assert abs(second["PixelPercent"] - 25) < 1


def test_as_many_colours_come_as_were_asked_for(client: Any, astronaut: bytes) -> None:
    assert len(properties(client, astronaut)["DominantColors"]) == 10
    assert len(properties(client, astronaut, MaxDominantColors=3)["DominantColors"]) == 3
    assert properties(client, astronaut, MaxDominantColors=0)["DominantColors"] == []


def test_a_blurred_picture_is_less_sharp_and_a_dark_one_less_bright(client: Any, cat: bytes) -> None:
    image = Image.open(io.BytesIO(cat))
    plain = properties(client, cat)["Quality"]
    blurred = properties(client, encode(image.filter(ImageFilter.GaussianBlur(4))))["Quality"]
    dark = properties(client, encode(image.point(lambda value: value / 3)))["Quality"]
    assert blurred["Sharpness"] < plain["Sharpness"] / 2
    assert abs(blurred["Brightness"] - plain["Brightness"]) < 2
    assert dark["Brightness"] < plain["Brightness"] / 2
    assert dark["Contrast"] < plain["Contrast"] / 2


def test_the_cat_is_the_foreground(client: Any, cat: bytes) -> None:
    found = properties(client, cat)
    assert found["Foreground"]["Quality"]["Sharpness"] > found["Background"]["Quality"]["Sharpness"]


def test_a_picture_of_nothing_has_no_foreground(client: Any) -> None:
    found = properties(client, encode(Image.new("RGB", (100, 100), "white")))
    assert "Foreground" not in found
    assert found["Quality"]["Brightness"] == 100
    assert found["Quality"]["Contrast"] == 0


def test_both_features_come_together(client: Any, cat: bytes) -> None:
    answer = client.detect_labels(Image={"Bytes": cat}, Features=["GENERAL_LABELS", "IMAGE_PROPERTIES"])
    assert "Cat" in [label["Name"] for label in answer["Labels"]]
    assert answer["ImageProperties"]["DominantColors"]
