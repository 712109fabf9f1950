"""Rekognition's landmarks as points of the engine's mesh.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Landmark.html
"""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from openrek.vision.faces.alignment import similarity

Floats = NDArray[np.float32]

MESH_LANDMARKS: Mapping[str, tuple[int, ...]] = {
    "leftEyeBrowLeft": (70,),
    "leftEyeBrowRight": (107,),
    "leftEyeBrowUp": (105,),
    "rightEyeBrowLeft": (336,),
    "rightEyeBrowRight": (300,),
    "rightEyeBrowUp": (334,),
    "leftEyeLeft": (33,),
    "leftEyeRight": (133,),
    "leftEyeUp": (159,),
    "leftEyeDown": (145,),
    "rightEyeLeft": (362,),
    "rightEyeRight": (263,),
    "rightEyeUp": (386,),
    "rightEyeDown": (374,),
    "noseLeft": (129,),
    "noseRight": (358,),
    "mouthUp": (0,),
    "mouthDown": (17,),
    "leftPupil": (33, 133, 159, 145),
    "rightPupil": (362, 263, 386, 374),
    "upperJawlineLeft": (234,),
    "midJawlineLeft": (58,),
    "chinBottom": (152,),
    "midJawlineRight": (288,),
    "upperJawlineRight": (454,),
}
"""Those that are not among the default five: places in MediaPipe's mesh, the middle of several.

Sides are as they lie in the image of the upright face. The mesh has no irises: a pupil is in the middle of its eye.
"""

# Where these lie in a face whose eyes, nose and mouth corners lie at _FIVE: those of the left half and of the middle.
# Means of 123 faces of Labeled Faces in the Wild, of portraits and of groups, each brought to the same five landmarks,
# with the right half mirrored.
_FIVE = np.array([[-28.8, 0], [28.8, 0], [0, 30.9], [-23.7, 54.6], [23.7, 54.6]], np.float32)
_LEFT: Mapping[str, tuple[float, float]] = {
    "leftEyeBrowLeft": (-53.6, -15.0),
    "leftEyeBrowRight": (-13.8, -20.5),
    "leftEyeBrowUp": (-38.6, -22.3),
    "leftEyeLeft": (-42.5, -1.9),
    "leftEyeRight": (-16.3, -0.4),
    "leftEyeUp": (-31.0, -5.6),
    "leftEyeDown": (-29.4, 1.6),
    "noseLeft": (-20.1, 30.8),
    "leftPupil": (-29.8, -1.6),
    "upperJawlineLeft": (-64.5, 12.6),
    "midJawlineLeft": (-57.5, 53.5),
}
_MIDDLE: Mapping[str, tuple[float, float]] = {
    "mouthUp": (0.0, 51.8),
    "mouthDown": (0.0, 70.7),
    "chinBottom": (0.0, 96.5),
}
_OTHER_SIDE = {"Left": "Right", "Right": "Left", "left": "right"}


def estimated_landmarks(five: Floats) -> dict[str, tuple[float, float]]:
    """Where the 25 landmarks of MESH_LANDMARKS would be in a mean face, seen from the front.

    Args:
        five: (5, 2): eye, eye, nose, mouth corner, mouth corner, as the face has them. The mean face is turned, scaled
            and shifted to lie as close to them as it can.
    """
    mean = dict(_MIDDLE)
    for name, (x, y) in _LEFT.items():
        mean[name], mean[_mirrored(name)] = (x, y), (-x, y)
    matrix = similarity(_FIVE, five)
    points = np.array([mean[name] for name in MESH_LANDMARKS], np.float32) @ matrix[:, :2].T + matrix[:, 2]
    return {name: (float(x), float(y)) for name, (x, y) in zip(MESH_LANDMARKS, points, strict=True)}


def _mirrored(name: str) -> str:
    """The landmark of the other half of the face, as "rightEyeLeft" of "leftEyeRight"."""
    return "".join(_OTHER_SIDE.get(part, part) for part in re.split("(left|Left|Right)", name))
