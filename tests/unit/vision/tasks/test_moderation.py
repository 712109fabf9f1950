"""What the moderator makes of what its models say."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data
from tests.pictures import drawing

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
