"""Every attribute for every face, however little of it is seen."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from openrek.rekognition.render.face_landmarks import MESH_LANDMARKS, estimated_landmarks
from openrek.vision import ATTRIBUTES, ArrayFrame, Engine, FaceAttributesResult, Faces
from openrek.vision.faces.attribute_results import TRAITS
from openrek.vision.faces.finder import describe

MARKS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
IN_PROFILE = np.array([[0.3, 0.4], [0.36, 0.4], [0.05, 0.6], [0.3, 0.8], [0.35, 0.8]], np.float32)

Pixels = NDArray[np.uint8]


def face(pixels: Pixels, left: float, top: float, side: float, marks: NDArray[np.float32] = MARKS) -> Faces:
    """A face that a detector might report there."""
    box = np.array([[left, top, left + side, top + side]], np.float32)
    return describe(pixels, box, np.ones(1, np.float32), (marks * side + box[0, :2])[None])


def judged(engine: Engine, pixels: Pixels, faces: Faces) -> FaceAttributesResult:
    (result,) = engine.analysis(ArrayFrame(pixels)).attributes(faces, ATTRIBUTES)
    return result


def is_complete(result: FaceAttributesResult) -> bool:
    values = [*result.traits.values(), *(result.emotions or {}).values(), result.man, *(result.age or (np.nan,))]
    return (
        set(result.traits) == set(TRAITS)
        and result.emotions is not None
        and result.eye_direction is not None
        and bool(np.isfinite([*values, *result.eye_direction]).all())
        and all(0 <= value <= 1 for value in [*result.traits.values(), result.eye_direction[2]])
    )


@pytest.mark.parametrize("side", [1, 4, 12, 200])
@pytest.mark.parametrize("marks", [MARKS, IN_PROFILE, np.zeros((5, 2), np.float32)], ids=["front", "profile", "point"])
def test_a_face_of_which_nothing_is_seen_has_every_attribute(
    engine: Engine, side: int, marks: NDArray[np.float32]
) -> None:
    gray = np.full((240, 320, 3), 127, np.uint8)
    result = judged(engine, gray, face(gray, 40, 20, side, marks))
    assert result.mesh is None
    assert is_complete(result)
    assert all(0.4 <= result.traits[name] <= 0.6 for name in ("eyes_open", "mouth_open"))
    assert result.eye_direction is not None
    assert result.eye_direction[2] <= 0.1


def test_glasses_of_a_face_in_profile_are_uncertain(engine: Engine) -> None:
    pixels = np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]
    profile = face(pixels, 170, 60, 130, IN_PROFILE)
    assert abs(profile.pose[0, 1]) > 60
    result = judged(engine, pixels, profile)
    assert is_complete(result)
    assert all(0.4 <= result.traits[name] <= 0.6 for name in ("eyeglasses", "sunglasses"))


def test_a_face_that_is_seen_well_is_judged_as_before(engine: Engine) -> None:
    analysis = engine.analysis(ArrayFrame(data.astronaut()))  # type: ignore[no-untyped-call]
    (result,) = analysis.attributes(analysis.faces, ATTRIBUTES)
    assert is_complete(result)
    assert result.mesh is not None
    assert result.traits["eyes_open"] > 0.9
    assert result.traits["sunglasses"] < 0.1


def test_landmarks_of_a_mean_face_lie_near_those_of_the_mesh(engine: Engine) -> None:
    analysis = engine.analysis(ArrayFrame(data.astronaut()))  # type: ignore[no-untyped-call]
    (found,) = analysis.attributes(analysis.faces, frozenset({"mesh"}))
    assert found.mesh is not None
    eyes = float(np.hypot(*(analysis.faces.landmarks[0, 1] - analysis.faces.landmarks[0, 0])))
    for name, point in estimated_landmarks(analysis.faces.landmarks[0]).items():
        away = np.hypot(*(np.array(point) - found.mesh[list(MESH_LANDMARKS[name])].mean(axis=0)))
        assert away < 0.35 * eyes, name
