"""Labels inferred from faces: only what a face is evidence of."""

import numpy as np
import pytest

from openrek.rekognition.render.face_labels import NAMES, infer
from openrek.vision import DescribedFace, FaceAttributesResult

AREA = 640 * 480
JUST_A_FACE = {"Face", "Head"}


def described(
    age: tuple[float, float] = (34, 46),
    man: float = 0.99,
    traits: dict[str, float] | None = None,
    yaw: float = 0.0,
    confidence: float = 1.0,
    side: float = 60.0,
) -> DescribedFace:
    """A face, by default of a man of 40 who looks into the camera."""
    attributes = FaceAttributesResult(age, man, None, traits or {}, None)
    return DescribedFace(np.array([0, 0, side, side], np.float32), confidence, yaw, attributes)


def names(face: DescribedFace) -> set[str]:
    """Labels of an image with this face only."""
    return {label.name for label in infer((face,), AREA)}


@pytest.mark.parametrize(
    ("face", "expected"),
    [
        (described(), {"Adult", "Male", "Man"}),
        (described(man=0.02), {"Adult", "Female", "Woman"}),
        (described(age=(4, 16), man=0.9), {"Child", "Male", "Boy"}),
        (described(age=(4, 16), man=0.1), {"Child", "Female", "Girl"}),
        (described(age=(15, 27)), {"Male"}),
        (described(age=(21, 33)), {"Adult", "Male", "Man"}),
        (described(man=0.7), {"Adult"}),
        (described(age=(4, 16), man=0.5), {"Child"}),
        (described(traits={"smile": 0.9}), {"Adult", "Male", "Man", "Smile", "Happy"}),
        (described(traits={"smile": 0.6}), {"Adult", "Male", "Man"}),
        (described(traits={"eyeglasses": 0.9, "sunglasses": 0.8}), {"Adult", "Male", "Man", "Glasses"}),
        (described(traits={"eyeglasses": 0.7, "sunglasses": 0.9}), {"Adult", "Male", "Man", "Sunglasses"}),
        (described(traits={"beard": 0.9}), {"Adult", "Male", "Man", "Beard"}),
        (described(man=0.02, traits={"beard": 0.9}), {"Adult", "Female", "Woman"}),
        (described(yaw=-50, man=0.9), {"Adult"}),
        (described(yaw=70, traits={"eyeglasses": 0.9, "beard": 0.9}), {"Male"}),
        (described(traits={"occluded": 0.9, "smile": 0.9, "eyeglasses": 0.9}), set()),
    ],
)
def test_a_face_yields_the_labels_that_it_is_evidence_of(face: DescribedFace, expected: set[str]) -> None:
    assert names(face) == JUST_A_FACE | expected
    assert names(face) <= NAMES


def test_an_adult_of_uncertain_sex_and_a_young_one_are_less_certain() -> None:
    def adult(face: DescribedFace) -> float:
        return max(label.confidence for label in infer((face,), AREA) if label.name == "Adult")

    assert adult(described(man=0.6)) < adult(described())
    assert adult(described(age=(21, 33))) < adult(described())


def test_no_label_is_more_certain_than_its_face() -> None:
    found = list(infer((described(confidence=0.7, traits={"smile": 1.0, "beard": 1.0}),), AREA))
    assert max(label.confidence for label in found) == pytest.approx(0.7)


def test_the_largest_face_of_a_portrait_covers_an_eighth_of_it() -> None:
    large, small = described(side=200), described(side=100)
    portraits = [label for label in infer((large, small), AREA) if label.name == "Portrait"]
    assert [label.xyxy.tolist() for label in portraits] == [large.xyxy.tolist()]
    assert "Portrait" not in names(small)
