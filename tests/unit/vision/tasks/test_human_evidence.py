"""What speaks for a person, or for skin that is no food."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from openrek.vision.calibration import Curve
from openrek.vision.tasks.human_evidence import human_evidence, skin_share
from openrek.vision.tasks.labels import Classified

NOTHING = Classified((), Curve(), exclusive=True)
COMPLEXIONS = [(255, 224, 196), (234, 192, 134), (198, 134, 66), (141, 85, 36), (90, 56, 37)]


def plain(*colour: int) -> NDArray[np.uint8]:
    return np.full((60, 80, 3), colour, np.uint8)


def called(*shares: tuple[str, float]) -> Classified:
    return Classified(shares, Curve(), exclusive=True)


@pytest.mark.parametrize("colour", COMPLEXIONS)
def test_skin_of_any_complexion_is_skin(colour: tuple[int, int, int]) -> None:
    assert skin_share(plain(*colour)) == 1
    assert human_evidence(plain(*colour), [], NOTHING) == 1


@pytest.mark.parametrize("colour", [(60, 90, 200), (40, 160, 60), (240, 220, 20)], ids=["sea", "grass", "lemon"])
def test_other_colours_are_none(colour: tuple[int, int, int]) -> None:
    assert human_evidence(plain(*colour), [], NOTHING) == 0


def test_an_image_without_colours_may_show_skin() -> None:
    assert human_evidence(plain(127, 127, 127), [], NOTHING) == 1


@pytest.mark.parametrize(
    ("objects", "classified", "evidence"),
    [
        ([("Banana", 0.9)], NOTHING, 0.1),
        ([("Bottle", 0.9)], NOTHING, 1.0),
        ([], called(("Wok", 0.5), ("Bagel", 0.3), ("Bikini", 0.2)), 0.2),
        ([("Banana", 0.9), ("Person", 0.3)], NOTHING, 0.5),
        ([("Banana", 0.9), ("Person", 0.8)], called(("Pizza", 1.0)), 1.0),
    ],
)
def test_food_speaks_against_skin_but_not_against_a_person(
    objects: list[tuple[str, float]], classified: Classified, evidence: float
) -> None:
    assert human_evidence(plain(*COMPLEXIONS[1]), objects, classified) == pytest.approx(evidence)


def test_a_portrait_shows_skin_and_a_cat_little() -> None:
    face = data.astronaut()[60:180, 160:290]  # type: ignore[no-untyped-call]
    assert skin_share(np.asarray(face)) > 0.5
