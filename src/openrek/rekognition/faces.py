"""DetectFaces.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html
"""

from typing import Any

from openrek.errors import InvalidParameterException
from openrek.rekognition.geometry import bounding_box, percent
from openrek.rekognition.picture import open_picture
from openrek.rekognition.registry import Request, Response, operation
from openrek.rekognition.services import Services
from openrek.vision import Faces, Image

MAX_FACES = 100
# In the order of the engine's landmarks. Rekognition names sides as they lie in the picture.
LANDMARKS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")


@operation("DetectFaces")
def detect_faces(request: Request, services: Services) -> Response:
    """Faces with box, five landmarks, pose and quality, largest first."""
    wanted = set(request.get("Attributes", ())) - {"DEFAULT"}
    if wanted:
        raise InvalidParameterException(
            f"openrek does not have the face attributes {', '.join(sorted(wanted))} yet; "
            "ask for DEFAULT (box, landmarks, pose, quality), or leave Attributes out"
        )
    image = open_picture(request["Image"], services)
    return {"FaceDetails": render(services.engine.faces(image).largest(MAX_FACES), image)}


def render(faces: Faces, image: Image) -> list[dict[str, Any]]:
    """FaceDetails with default attributes."""
    return [face_of(faces, place, image) for place in range(len(faces))]


def face_of(faces: Faces, place: int, image: Image) -> dict[str, Any]:
    """What both a FaceDetail and a ComparedFace have."""
    roll, yaw, pitch = (float(angle) for angle in faces.pose[place])
    return {
        "BoundingBox": bounding_box(faces.xyxy[place], image),
        "Landmarks": [
            {"Type": name, "X": float(x) / image.width, "Y": float(y) / image.height}
            for name, (x, y) in zip(LANDMARKS, faces.landmarks[place], strict=True)
        ],
        "Pose": {"Roll": roll, "Yaw": yaw, "Pitch": pitch},
        "Quality": {"Brightness": float(faces.brightness[place]), "Sharpness": float(faces.sharpness[place])},
        "Confidence": percent(float(faces.confidence[place])),
    }
