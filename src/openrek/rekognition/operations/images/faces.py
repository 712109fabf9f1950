"""DetectFaces.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html
"""

from collections.abc import Sequence
from typing import Any

from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.render.face_attributes import members_of, mesh_landmarks, wanted_of
from openrek.rekognition.render.geometry import bounding_box, percent
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import Faces, Frame, FrameAnalysis

MAX_FACES = 100
# In the order of the engine's landmarks. Rekognition names sides as they lie in the image of the upright face.
LANDMARKS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")


@operation(
    "DetectFaces",
    runs="engine",
    differs="Emotions never include CONFUSED. EyeDirection is 0 for a gaze into the camera, whichever way the head is "
    "turned; its Confidence is the agreement of both eyes. AgeRange spans 12 years or more. ALL gives 30 landmarks, "
    "other requests five. What a face shows too little of is estimated: without a mesh that fits the face, 25 "
    "landmarks are those of a mean face, EyesOpen and MouthOpen have at most 60 % confidence, and EyeDirection is that "
    "of the head, with 5 %; Eyeglasses and Sunglasses of faces turned by more than 60° have at most 60 %. "
    "FaceOccluded is trained on masks; half of all closed eyes are detected.",
)
def detect_faces(request: Request, services: Services) -> Response:
    """The 100 largest faces with box, landmarks, pose, quality, and the requested attributes."""
    analysis = open_image(request["Image"], services)
    return {"FaceDetails": face_details(analysis, analysis.faces.largest(MAX_FACES), request.get("Attributes", ()))}


def face_details(analysis: FrameAnalysis, faces: Faces, attributes: Sequence[str]) -> list[dict[str, Any]]:
    """A FaceDetail of each face.

    Args:
        analysis: Of the image.
        faces: Faces of it.
        attributes: In the contract's words: none, or some of DEFAULT, ALL and the names of attributes.
    """
    image = analysis.frame
    details = [face_of(faces, index, image) for index in range(len(faces))]
    wanted = wanted_of(attributes)
    if wanted and len(faces):
        for index, (detail, found) in enumerate(zip(details, analysis.attributes(faces, wanted), strict=True)):
            detail.update(members_of(found))
            if "mesh" in wanted:
                detail["Landmarks"] += mesh_landmarks(found, faces.landmarks[index], image)
    return details


def face_of(faces: Faces, index: int, image: Frame) -> dict[str, Any]:
    """What both a FaceDetail and a ComparedFace have."""
    roll, yaw, pitch = (float(angle) for angle in faces.pose[index])
    return {
        "BoundingBox": bounding_box(faces.xyxy[index], image),
        "Landmarks": [
            {"Type": name, "X": float(x) / image.width, "Y": float(y) / image.height}
            for name, (x, y) in zip(LANDMARKS, faces.landmarks[index], strict=True)
        ],
        "Pose": {"Roll": roll, "Yaw": yaw, "Pitch": pitch},
        "Quality": {"Brightness": float(faces.brightness[index]), "Sharpness": float(faces.sharpness[index])},
        "Confidence": percent(float(faces.confidence[index])),
    }
