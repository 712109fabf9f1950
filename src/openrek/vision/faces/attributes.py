"""Attributes of faces: age, gender, emotions, what is worn and grown, the state of eyes and mouth, and the mesh."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.dlib_age_gender import DlibAge, DlibGender
from openrek.vision.architectures.face_expression import FaceExpression
from openrek.vision.architectures.facemesh import LEAST as MESH_LEAST
from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.architectures.faceres import FEATURES, FaceRes, Judgement
from openrek.vision.architectures.iris import Iris
from openrek.vision.architectures.linear_probes import LinearProbes
from openrek.vision.calibration import of_expressions, tempered
from openrek.vision.faces.attribute_results import EMOTIONS, FaceAttributesResult
from openrek.vision.faces.gaze import EYES, eye_direction
from openrek.vision.faces.mesh_ratios import eye_ratio, mouth_ratio
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import Sessions

LEAST_HALF_WIDTH = 6.0
"""Years; no model of the pack is sure of less."""
# Of all weights the one that brings two pictures of a person closest, relative to pictures of two people: 4.5 against
# 13.0 years apart, over 600 pairs of Labeled Faces in the Wild.
_FACERES_WEIGHT = 0.75
# No network is surer than one in a thousand; a witness at 0 or 1 would leave the other no say.
_SURE = 1e-3
_YEARS = np.arange(1, 101, dtype=np.float32)
_FROM_FEATURES = frozenset({"eyeglasses", "sunglasses", "beard", "mustache", "occluded", "eyes_open"})
# Learnt from faces that look at the camera: from the side a temple of clear glasses passes for sunglasses.
_FRONTAL = frozenset({"eyeglasses", "sunglasses"})
_PROFILE = 60.0
_FROM_MESH = frozenset({"eyes_open", "mouth_open"})
_HAPPY = EMOTIONS.index("happy")
_NO_FEATURES = np.zeros(FEATURES, np.float32)

Floats = NDArray[np.float32]
Gaze = tuple[float, float, float]


class FaceAttributes:
    """Runs only the models that what is asked for needs, each model and face in a run of its own."""

    def __init__(self, sessions: Sessions, pool: InferencePool) -> None:
        """
        Raises:
            LookupError: a model is missing or damaged.
        """
        self._pool = pool
        self._faceres = FaceRes(sessions["faceres"])
        self._age, self._gender = DlibAge(sessions["age"]), DlibGender(sessions["gender"])
        self._expression = FaceExpression(sessions["face_expression"])
        self._calibration = of_expressions(sessions["face_expression"].descriptor.name)
        self._mesh = FaceMesh(sessions["facemesh"])
        self._iris = Iris(sessions["iris"])
        probes = sessions.models.get("face_probes")
        if probes is None:
            raise LookupError("no installed pack has the model face_probes; install packs/default")
        self._probes = LinearProbes(probes)

    def describe(
        self, pixels: NDArray[np.uint8], xyxy: Floats, landmarks: Floats, pose: Floats, wanted: frozenset[str]
    ) -> list[FaceAttributesResult]:
        """What is wanted, some of ATTRIBUTES, of the faces with (N, 4) boxes, (N, 5, 2) landmarks and (N, 3) poses.

        Boxes, landmarks and the mesh in the pixels of (H, W, 3) RGB.
        """
        triples = zip(xyxy, landmarks, pose, strict=True)
        under_way = [self._start(pixels, box, marks, turned, wanted) for box, marks, turned in triples]
        return [
            self._found({name: run.result() for name, run in runs.items()}, _told(wanted, float(turned[1])))
            for runs, turned in zip(under_way, pose, strict=True)
        ]

    def _start(
        self, pixels: NDArray[np.uint8], box: Floats, marks: Floats, pose: Floats, wanted: frozenset[str]
    ) -> dict[str, Future[Any]]:
        runs: dict[str, Future[Any]] = {}
        if wanted & ({"age", "gender"} | _FROM_FEATURES):
            runs["faceres"] = self._pool.submit(self._faceres.judge, pixels, box)
        if "eye_direction" in wanted:
            runs["mesh"] = self._pool.submit(self._lay_and_look, pixels, box, marks, pose)
        elif wanted & ({"mesh"} | _FROM_MESH):
            runs["mesh"] = self._pool.submit(self._lay, pixels, box, marks)
        if wanted & {"emotions", "smile"}:
            runs["expression"] = self._pool.submit(self._expression.read, pixels, box)
        if "age" in wanted:
            runs["age"] = self._pool.submit(self._age.estimate, pixels, marks)
        if "gender" in wanted:
            runs["gender"] = self._pool.submit(self._gender.man, pixels, marks)
        return runs

    def _lay(self, pixels: NDArray[np.uint8], box: Floats, marks: Floats) -> tuple[Floats | None, Gaze | None]:
        points, sure = self._mesh.lay(pixels, box, marks)
        return (points[:, :2] if sure >= MESH_LEAST else None), None

    def _lay_and_look(
        self, pixels: NDArray[np.uint8], box: Floats, marks: Floats, pose: Floats
    ) -> tuple[Floats | None, Gaze | None]:
        mesh, _ = self._lay(pixels, box, marks)
        if mesh is None:
            return None, None
        corners = np.stack([mesh[list(eye)] for eye in EYES])
        irises = [self._iris.find(pixels, eye, mirrored=place == 1) for place, eye in enumerate(corners)]
        return mesh, eye_direction(corners, np.stack(irises), pose, eye_ratio(mesh))

    def _found(self, done: Mapping[str, Any], wanted: frozenset[str]) -> FaceAttributesResult:
        judged: Judgement | None = done.get("faceres")
        mesh, gaze = done.get("mesh", (None, None))
        expression: Floats | None = done.get("expression")
        traits: dict[str, float] = {}
        if expression is not None and "smile" in wanted:
            traits["smile"] = self._calibration.smile.of(float(expression[_HAPPY]))
        for name in wanted & (_FROM_FEATURES | _FROM_MESH):
            if name in _FROM_MESH and mesh is None:
                continue
            features = judged.features if judged is not None and name in _FROM_FEATURES else _NO_FEATURES
            ratios = (eye_ratio(mesh), mouth_ratio(mesh)) if name in _FROM_MESH and mesh is not None else (0.0, 0.0)
            traits[name] = self._probes.judge(name, features, *ratios)
        return FaceAttributesResult(
            age_range(judged.years, done["age"]) if judged is not None and "age" in wanted else None,
            agreed(judged.man, done["gender"]) if judged is not None and "gender" in wanted else None,
            self._emotions(expression) if expression is not None and "emotions" in wanted else None,
            traits,
            mesh if "mesh" in wanted else None,
            gaze,
        )

    def _emotions(self, expression: Floats) -> dict[str, float]:
        shares = tempered(expression, self._calibration.temperature)
        return {name: float(share) for name, share in zip(EMOTIONS, shares, strict=True)}


def _told(wanted: frozenset[str], yaw: float) -> frozenset[str]:
    """What of that is told of a face turned so far."""
    return wanted - _FRONTAL if abs(yaw) > _PROFILE else wanted


def age_range(years: Floats, other: float) -> tuple[float, float]:
    """From and to, in years, of what two models say of a face.

    The middle lies between the two estimates. The range reaches as far to either side as the first model's answer is
    spread (one standard deviation), as half of what the models disagree by, and at least six years. So it holds, for
    94 of 100 faces, the middle that another picture of the same person gives; true ages were in no data set.

    Args:
        years: (100,): probability of each year from 1; together 1.
        other: Years.
    """
    mean = float(years @ _YEARS)
    spread = float(np.sqrt(years @ (_YEARS - mean) ** 2))
    middle = _FACERES_WEIGHT * mean + (1 - _FACERES_WEIGHT) * other
    half = max(LEAST_HALF_WIDTH, spread, abs(mean - other) / 2)
    return max(0.0, middle - half), middle + half


def agreed(one: float, other: float) -> float:
    """The probability, 0 to 1, that two independent witnesses' probabilities make: their odds multiplied."""
    one, other = (min(max(value, _SURE), 1 - _SURE) for value in (one, other))
    both, neither = one * other, (1 - one) * (1 - other)
    return both / (both + neither)
