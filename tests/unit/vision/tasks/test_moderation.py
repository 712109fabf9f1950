"""What the moderator makes of what its models say."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data
from tests.conftest import encode
from tests.images import drawing

from openrek.vision import EncodedFrame, Engine
from openrek.vision.calibration import Curve
from openrek.vision.tasks.labels import Classified
from openrek.vision.tasks.moderation import flat_share, gate_scores

NOTHING = Classified((), Curve(), exclusive=True)
HARMLESS = {"drawing": 0.0, "hentai": 0.0, "neutral": 0.0, "porn": 0.0, "sexy": 0.0}


@pytest.mark.parametrize(("flat", "drawn"), [(0.2, 0.0), (0.48, 0.2), (0.6, 0.9), (0.9, 0.9)])
def test_what_is_drawn_has_plain_colours(flat: float, drawn: float) -> None:
    judged = gate_scores(HARMLESS | {"drawing": 0.9}, 0.0, flat, NOTHING)
    assert judged.illustrated == pytest.approx(drawn)


def test_plain_colours_alone_are_no_drawing() -> None:
    assert gate_scores(HARMLESS | {"neutral": 1.0}, 0.0, 1.0, NOTHING).illustrated == 0


@pytest.mark.parametrize(("gate", "undressed"), [(0.0, 0.0), (0.05, 0.25), (0.5, 0.9)])
def test_who_wears_little_is_told_by_both_models(gate: float, undressed: float) -> None:
    assert gate_scores(HARMLESS | {"sexy": 0.9}, gate, 0.0, NOTHING).undressed == pytest.approx(undressed)


@pytest.mark.parametrize("human", [0.0, 0.3, 1.0])
def test_nobody_is_nude_where_nobody_is_seen(human: float) -> None:
    judged = gate_scores(HARMLESS | {"porn": 0.9}, 0.8, 0.0, NOTHING, lambda: human)
    assert judged.explicit == pytest.approx(min(0.8, human))
    assert judged.undressed == pytest.approx(min(0.8, human))
    judged = gate_scores(HARMLESS | {"sexy": 0.9}, 0.8, 0.0, NOTHING, lambda: human)
    assert judged.suggestive == pytest.approx(min(0.9, human))


def test_people_are_searched_for_only_where_both_models_suspect_something() -> None:
    def human() -> float:
        raise AssertionError("called")

    assert gate_scores(HARMLESS | {"porn": 0.99}, 0.04, 0.0, NOTHING, human).explicit == pytest.approx(0.04)
    assert gate_scores(HARMLESS | {"sexy": 0.04}, 0.99, 0.0, NOTHING, human).suggestive == pytest.approx(0.04)
    with pytest.raises(AssertionError, match="called"):
        gate_scores(HARMLESS | {"porn": 0.99}, 0.2, 0.0, NOTHING, human)


# Bananas, which were called suggestive or explicit, onions, suggestive with 86 %, and an apple.
FOODS = (
    "coco128_val2017/images/000000003661.jpg",
    "coco128_val2017/images/000000005600.jpg",
    "imagenet_1perclass/n07742313_Granny_Smith.jpg",
)


def saved_anew(image: bytes) -> list[bytes]:
    """As JPEG of three qualities, as PNG, and a little smaller."""
    pixels = Pillow.open(io.BytesIO(image)).convert("RGB")
    smaller = pixels.resize((round(pixels.width * 0.9), round(pixels.height * 0.9)), Pillow.Resampling.LANCZOS)
    files = [encode(np.asarray(pixels), quality=quality) for quality in (95, 75, 50)]
    return [*files, encode(np.asarray(pixels), "PNG"), encode(np.asarray(smaller), quality=90)]


@pytest.mark.parametrize("name", FOODS)
def test_food_is_no_nudity_however_it_was_saved(engine: Engine, shared: Path, name: str) -> None:
    image = (shared / "data" / name).read_bytes()
    for anew in (image, *saved_anew(image)):
        judged = engine.analysis(EncodedFrame.open(anew)).moderation
        assert max(judged.explicit, judged.suggestive) < 0.3


# Of all shared images those whose scores are highest, but for one: bare arms, hands and cheeks.
PEOPLE = (
    "breadth/coco128_train2017/images/000000000428.jpg",
    "breadth/handguns/armas--400-.jpg",
    "face_mask/with_mask/0_0_14 copy 4.jpg",
    "face_mask/without_mask/14.jpg",
    "faces_misc/group-3.jpg",
)


@pytest.mark.parametrize("name", PEOPLE)
def test_an_image_saved_anew_is_judged_alike(engine: Engine, shared: Path, name: str) -> None:
    image = (shared / "data" / name).read_bytes()
    judged = [engine.analysis(EncodedFrame.open(anew)).moderation for anew in (image, *saved_anew(image))]
    for kind in ("explicit", "suggestive"):
        scores = [getattr(one, kind) for one in judged]
        assert max(scores) - min(scores) < 0.25
        assert len({score >= 0.5 for score in scores}) == 1


@pytest.mark.parametrize("quality", [95, 70])
def test_a_drawing_is_flat_and_a_photograph_is_not(quality: int) -> None:
    buffer = io.BytesIO()
    Pillow.open(io.BytesIO(drawing())).convert("RGB").save(buffer, "JPEG", quality=quality)
    assert flat_share(EncodedFrame.open(buffer.getvalue()).pixels()) > 0.6
    for photograph in (data.astronaut(), data.rocket(), data.cat()):  # type: ignore[no-untyped-call]
        assert flat_share(np.asarray(photograph)) < 0.45


def test_a_drawing_is_illustrated_and_sports_are_not(engine: Engine, shared: Path) -> None:
    assert engine.analysis(EncodedFrame.open(drawing())).moderation.illustrated > 0.5
    # Tennis, skiing, baseball: NSFWJS alone is 97 to 100 % sure that they are drawn.
    for name in ("000000000785", "000000000885", "000000012120"):
        picture = (shared / "data" / "coco128_val2017" / "images" / f"{name}.jpg").read_bytes()
        assert engine.analysis(EncodedFrame.open(picture)).moderation.illustrated < 0.1
