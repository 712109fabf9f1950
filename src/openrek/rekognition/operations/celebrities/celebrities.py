"""RecognizeCelebrities and GetCelebrityInfo: people whom the operator made known with `openrek celebrities add`.

https://docs.aws.amazon.com/rekognition/latest/dg/celebrities.html
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.operations.images.faces import face_of
from openrek.rekognition.registry import operation
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services

if TYPE_CHECKING:
    from openrek.state import Celebrity

MAX_FACES = 64
# One in a thousand strangers looks this much like somebody; a gallery of many people needs a higher bar than a pair.
_MIN_SIMILARITY = 0.95


@operation(
    "RecognizeCelebrities",
    runs="engine",
    differs="Recognizes the people you add with `openrek celebrities add NAME PHOTO…`, and nobody else.",
)
def recognize_celebrities(request: Request, services: Services) -> Response:
    """The 64 largest faces: those of known people with their names, and the others."""
    analysis, engine = open_image(request["Image"], services), services.engine
    image, faces = analysis.frame, analysis.faces.largest(MAX_FACES)
    gallery = services.resources.celebrities
    identifiers, known = gallery.faces(engine.face_model)
    vectors = analysis.embeddings(faces) if identifiers else None
    recognised: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for index in range(len(faces)):
        face = face_of(faces, index, image)
        alike = engine.similarity(vectors[index], known) if vectors is not None else np.zeros(0, np.float32)
        best = int(alike.argmax()) if len(alike) else -1
        if best >= 0 and alike[best] >= _MIN_SIMILARITY:
            person = gallery.get(identifiers[best])
            confidence = percent(float(alike[best]))
            recognised.append(
                {"Id": person.identifier, "Face": face, "MatchConfidence": confidence, **_described(person)}
            )
        else:
            others.append(face)
    recognised.sort(key=lambda celebrity: -celebrity["MatchConfidence"])
    return {"CelebrityFaces": recognised, "UnrecognizedFaces": others}


@operation("GetCelebrityInfo", runs="quick", differs="For people you added.", cannot_occur=ONLY_CONSTRAINTS)
def get_celebrity_info(request: Request, services: Services) -> Response:
    """Name and links of a known person."""
    return _described(services.resources.celebrities.get(request["Id"]))


def _described(person: "Celebrity") -> dict[str, Any]:
    described: dict[str, Any] = {"Name": person.name, "Urls": list(person.urls)}
    if person.gender is not None:
        described["KnownGender"] = {"Type": person.gender}
    return described
