"""Attributes of faces: age, gender, emotions, what is worn and grown, the state of eyes and mouth, and the mesh."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.dlib_age_gender import DlibAge, DlibGender
from openrek.vision.architectures.face_expression import FaceExpression
from openrek.vision.architectures.faceres import FEATURES, FaceRes, Judgement
from openrek.vision.architectures.iris import Iris
from openrek.vision.architectures.linear_probes import LinearProbes
from openrek.vision.calibration import of_expressions, tempered
from openrek.vision.faces.attribute_results import EMOTIONS, FaceAttributesResult
from openrek.vision.faces.gaze import EYES, ahead, eye_direction
from openrek.vision.faces.mesh_ratios import eye_ratio, mouth_ratio
from openrek.vision.faces.position import FacePosition
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache

MIN_HALF_WIDTH = 6.0
"""Years; no model of the pack is sure of less."""
# Of all weights the one that brings two images of a person closest, relative to images of two people: 4.5 against
# 13.0 years apart, over 600 pairs of Labeled Faces in the Wild.
_FACERES_WEIGHT = 0.75
# No network errs less than once in a thousand; a probability of 0 or 1 would outweigh any other.
_SURE = 1e-3
_YEARS = np.arange(1, 101, dtype=np.float32)
_FROM_FEATURES = frozenset({"eyeglasses", "sunglasses", "beard", "mustache", "occluded", "eyes_open"})
# Learnt from faces that look at the camera: from the side a temple of clear glasses passes for sunglasses.
_FRONTAL = frozenset({"eyeglasses", "sunglasses"})
_PROFILE = 60.0
_FROM_MESH = frozenset({"eyes_open", "mouth_open"})
# What a face shows too little of to be judged is reported, lest programs miss it, but with at most 60 % confidence.
_UNSEEN = 0.2
# How far eyes and mouth are open where that is not seen: as in the mean of 61 portraits of Labeled Faces in the Wild.
_MEAN_RATIOS = (0.25, 0.11)
_HAPPY = EMOTIONS.index("happy")
_NO_FEATURES = np.zeros(FEATURES, np.float32)

Floats = NDArray[np.float32]
Gaze = tuple[float, float, float]
Runs = Mapping[str, "Future[Any]"]
Once = Callable[[str, Callable[[], "Future[Any]"]], "Future[Any]"]
"""Starts a run of this name, unless it was started before for the same face."""


class FaceAttributes:
    """Runs only the models that the wanted attributes need, each model and face in a run of its own."""

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        """
        Raises:
            LookupError: a model is missing or damaged.
        """
        self._pool = pool
        self._faceres = FaceRes(sessions["faceres"])
        self._age, self._gender = DlibAge(sessions["age"]), DlibGender(sessions["gender"])
        self._expression = FaceExpression(sessions["face_expression"])
        self._calibration = of_expressions(sessions["face_expression"].descriptor.name)
        self._iris = Iris(sessions["iris"])
        probes = sessions.models.get("face_probes")
        if probes is None:
            raise LookupError("no installed pack has the model face_probes; install packs/default")
        self._probes = LinearProbes(probes)

    def start(self, once: Once, pixels: NDArray[np.uint8], face: FacePosition, wanted: frozenset[str]) -> Runs:
        """Begins the runs that these attributes, some of ATTRIBUTES, need; all but those of the mesh.

        Args:
            once: Starts each of them.
            pixels: (H, W, 3) RGB.
            face: The face, in its pixels.
            wanted: The attributes.
        """
        submit, box, marks = self._pool.submit, face.xyxy, face.landmarks
        runs: dict[str, Future[Any]] = {}
        if wanted & ({"age", "gender"} | _FROM_FEATURES):
            runs["faceres"] = once("faceres", lambda: submit(self._faceres.judge, pixels, box))
        if wanted & {"emotions", "smile"}:
            runs["expression"] = once("expression", lambda: submit(self._expression.read, pixels, box))
        if "age" in wanted:
            runs["age"] = once("age", lambda: submit(self._age.estimate, pixels, marks))
        if "gender" in wanted:
            runs["gender"] = once("gender", lambda: submit(self._gender.man, pixels, marks))
        return runs

    def start_gaze(self, pixels: NDArray[np.uint8], face: FacePosition, mesh: Floats) -> "Future[Gaze]":
        """Begins the run that finds where the eyes look: see `eye_direction`.

        Args:
            pixels: (H, W, 3) RGB.
            face: The face, in its pixels.
            mesh: (468, 2 or more) points of its mesh, likewise.
        """
        return self._pool.submit(self._look, pixels, face.pose, mesh)

    def _look(self, pixels: NDArray[np.uint8], pose: Floats, mesh: Floats) -> Gaze:
        corners = np.stack([mesh[list(eye), :2] for eye in EYES])
        irises = [self._iris.find(pixels, eye, mirrored=index == 1) for index, eye in enumerate(corners)]
        return eye_direction(corners, np.stack(irises), pose, eye_ratio(mesh))

    def result(
        self, runs: Runs, mesh: Floats | None, gaze: Gaze | None, wanted: frozenset[str], pose: Floats
    ) -> FaceAttributesResult:
        """The attributes of a face, once its runs are done.

        Args:
            runs: What `start` returned.
            mesh: (468, 2 or more) points of its mesh; None where none fits or is needed.
            gaze: Of `start_gaze`; None without a mesh, or where it is not wanted.
            wanted: The attributes.
            pose: (3,): roll, yaw, pitch in degrees.
        """
        done = {name: run.result() for name, run in runs.items()}
        judged: Judgement | None = done.get("faceres")
        expression: Floats | None = done.get("expression")
        traits: dict[str, float] = {}
        if expression is not None and "smile" in wanted:
            traits["smile"] = self._calibration.smile.of(float(expression[_HAPPY]))
        ratios = _MEAN_RATIOS if mesh is None else (eye_ratio(mesh), mouth_ratio(mesh))
        unseen = _unseen(mesh is not None, float(pose[1]))
        for name in wanted & (_FROM_FEATURES | _FROM_MESH):
            features = judged.features if judged is not None and name in _FROM_FEATURES else _NO_FEATURES
            probability = self._probes.judge(name, features, *(ratios if name in _FROM_MESH else (0.0, 0.0)))
            traits[name] = 0.5 + _UNSEEN * (probability - 0.5) if name in unseen else probability
        return FaceAttributesResult(
            age_range(judged.years, done["age"]) if judged is not None and "age" in wanted else None,
            agreed(judged.man, done["gender"]) if judged is not None and "gender" in wanted else None,
            self._emotions(expression) if expression is not None and "emotions" in wanted else None,
            traits,
            mesh[:, :2].copy() if mesh is not None and "mesh" in wanted else None,
            (gaze or ahead(pose)) if "eye_direction" in wanted else None,
        )

    def _emotions(self, expression: Floats) -> dict[str, float]:
        shares = tempered(expression, self._calibration.temperature)
        return {name: float(share) for name, share in zip(EMOTIONS, shares, strict=True)}


def needs_mesh(wanted: frozenset[str]) -> bool:
    """Whether some of these attributes are read from the mesh."""
    return bool(wanted & ({"mesh", "eye_direction"} | _FROM_MESH))


def _unseen(meshed: bool, yaw: float) -> frozenset[str]:
    """The traits that cannot be judged of a face turned so far, with or without a mesh."""
    return (_FRONTAL if abs(yaw) > _PROFILE else frozenset()) | (frozenset() if meshed else _FROM_MESH)


def age_range(years: Floats, other: float) -> tuple[float, float]:
    """From and to, in years, of what two models say of a face.

    The middle lies between the two estimates. The range reaches as far to either side as the first model's answer is
    spread (one standard deviation), as half of what the models disagree by, and at least six years. So it holds, for
    94 of 100 faces, the middle that another image of the same person gives; true ages were in no data set.

    Args:
        years: (100,): probability of each year from 1; together 1.
        other: Years.
    """
    mean = float(years @ _YEARS)
    spread = float(np.sqrt(years @ (_YEARS - mean) ** 2))
    middle = _FACERES_WEIGHT * mean + (1 - _FACERES_WEIGHT) * other
    half = max(MIN_HALF_WIDTH, spread, abs(mean - other) / 2)
    return max(0.0, middle - half), middle + half


def agreed(one: float, other: float) -> float:
    """The probability, 0 to 1, from two independent ones: their odds multiplied."""
    one, other = (min(max(value, _SURE), 1 - _SURE) for value in (one, other))
    both, neither = one * other, (1 - one) * (1 - other)
    return both / (both + neither)
