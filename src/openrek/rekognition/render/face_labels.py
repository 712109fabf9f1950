"""Labels inferred from faces: sex, age group, smile, what is worn and grown.

Which attribute is evidence of which label, and from where on, was measured: see docs/design/labels-from-faces.md. What
is uncertain yields no label rather than one of low confidence: a face between 17 and 25 years is neither an adult's nor
a child's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision import DescribedFace

NAMES = frozenset(
    {
        *("Face", "Head", "Adult", "Child", "Male", "Female", "Man", "Woman", "Boy", "Girl"),
        *("Smile", "Happy", "Glasses", "Sunglasses", "Beard", "Portrait"),
    }
)
"""All labels that are inferred from faces."""

_SEX_MIN, _TURNED_SEX_MIN = 0.85, 0.95
"""Of a face towards the camera, and of one that is turned away."""
_SMILE_MIN = 0.8
_TRAIT_MIN = {"eyeglasses": 0.6, "sunglasses": 0.75, "beard": 0.6}
_CHILD_MAX, _YOUNG_MIN, _ADULT_MIN = 17.0, 25.0, 30.0
"""Middle of the age range, in years."""
_CHILD_SHARE, _YOUNG_SHARE, _ADULT_SHARE = 0.95, 0.8, 0.97
"""How many of the faces of these ages are a child's, and twice an adult's."""
_UNSEXED_SHARE = 0.8
"""How many of the faces that look adult, and neither male nor female, are an adult's."""
_TURNED, _PROFILE = 45.0, 60.0
"""Degrees of yaw from which a face is turned away; from the second on age, glasses and beard are not judged."""
_COVERED_MIN = 0.5
"""Of a face behind a mask nothing is judged but that it is one."""
_PORTRAIT_MIN = 0.12
"""Share of the image that the largest face of a portrait covers."""
_PORTRAIT_SHARE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class FaceLabel:
    """A label of one face."""

    name: str
    confidence: float
    """0 to 1."""
    xyxy: NDArray[np.float32]
    """(4,): the face's box."""


def infer(faces: tuple[DescribedFace, ...], area: float) -> Iterator[FaceLabel]:
    """The labels of each face, without their parents.

    Args:
        faces: The largest first.
        area: Of the image, in square pixels.
    """
    for index, face in enumerate(faces):
        for name, confidence in _of_face(face):
            yield FaceLabel(name, face.confidence * confidence, face.xyxy)
        width, height = face.xyxy[2:] - face.xyxy[:2]
        if index == 0 and width * height >= _PORTRAIT_MIN * area:
            yield FaceLabel("Portrait", face.confidence * _PORTRAIT_SHARE, face.xyxy)


def _of_face(face: DescribedFace) -> Iterator[tuple[str, float]]:
    """(label, confidence given that there is a face)."""
    yield "Face", 1.0
    yield "Head", 1.0
    found, yaw = face.attributes, abs(face.yaw)
    if found.traits.get("occluded", 0.0) >= _COVERED_MIN:
        return
    man = 0.5 if found.man is None else found.man
    sex, certainty = ("Male", man) if man >= 0.5 else ("Female", 1 - man)
    sexed = certainty >= (_SEX_MIN if yaw < _TURNED else _TURNED_SEX_MIN)
    if sexed:
        yield sex, certainty
    if yaw < _PROFILE and (aged := _age_group(found.age)) is not None:
        group, share = aged
        yield group, share if sexed or group == "Child" else min(share, _UNSEXED_SHARE)
        if sexed:
            yield _PERSONS[group, sex], share * certainty
    if (smile := found.traits.get("smile", 0.0)) >= _SMILE_MIN:
        yield "Smile", smile
        yield "Happy", smile
    if yaw < _PROFILE:
        yield from _worn(found.traits, bearded=not (sexed and sex == "Female"))


def _worn(traits: Mapping[str, float], bearded: bool) -> Iterator[tuple[str, float]]:
    """Glasses or sunglasses, whichever is more likely, and a beard where there may be one."""
    likely = {name: probability for name, probability in traits.items() if probability >= _TRAIT_MIN.get(name, 1.1)}
    glasses = {name: likely[name] for name in ("eyeglasses", "sunglasses") if name in likely}
    if glasses:
        worn = max(glasses, key=lambda name: glasses[name])
        yield ("Glasses" if worn == "eyeglasses" else "Sunglasses"), glasses[worn]
    if bearded and "beard" in likely:
        yield "Beard", likely["beard"]


_PERSONS = {
    ("Adult", "Male"): "Man",
    ("Adult", "Female"): "Woman",
    ("Child", "Male"): "Boy",
    ("Child", "Female"): "Girl",
}


def _age_group(age: tuple[float, float] | None) -> tuple[str, float] | None:
    """(label, confidence) of an age range; None where it is neither for certain."""
    if age is None:
        return None
    middle = (age[0] + age[1]) / 2
    if middle <= _CHILD_MAX:
        return "Child", _CHILD_SHARE
    if middle >= _ADULT_MIN:
        return "Adult", _ADULT_SHARE
    return ("Adult", _YOUNG_SHARE) if middle >= _YOUNG_MIN else None
