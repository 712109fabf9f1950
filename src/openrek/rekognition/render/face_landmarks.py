"""Rekognition's landmarks as points of the engine's mesh.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_Landmark.html
"""

from collections.abc import Mapping

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

Sides are as they lie in the picture. The mesh has no irises: a pupil is put into the middle of its eye.
"""
