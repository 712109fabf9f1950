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
from openrek.vision import Faces, FrameAnalysis, similarity_of

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
    analysis = open_image(request["Image"], services)
    image, faces = analysis.frame, analysis.faces.largest(MAX_FACES)
    known = recognized(analysis, faces, services)
    recognised: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for index in range(len(faces)):
        face = face_of(faces, index, image)
        if index in known:
            person, similarity = known[index]
            found = {"Id": person.identifier, "Face": face, "MatchConfidence": percent(similarity)}
            recognised.append({**found, **described(person)})
        else:
            others.append(face)
    recognised.sort(key=lambda celebrity: -celebrity["MatchConfidence"])
    return {"CelebrityFaces": recognised, "UnrecognizedFaces": others}


def recognized(analysis: FrameAnalysis, faces: Faces, services: Services) -> "dict[int, tuple[Celebrity, float]]":
    """The known people among faces of a frame: who it is and how similar, 0 to 1, by the index of the face."""
    model, gallery = services.engine.face_model, services.vectors.celebrities
    if not len(faces) or gallery.is_empty(model):
        return {}
    found: dict[int, tuple[Celebrity, float]] = {}
    for index, vector in enumerate(analysis.embeddings(faces)):
        nearest = gallery.nearest(vector, model)
        if nearest is None:
            continue
        person, cosine = nearest
        similarity = float(similarity_of(np.array([cosine], np.float32), model)[0])
        if similarity >= _MIN_SIMILARITY:
            found[index] = person, similarity
    return found


@operation("GetCelebrityInfo", runs="quick", differs="For people you added.", cannot_occur=ONLY_CONSTRAINTS)
def get_celebrity_info(request: Request, services: Services) -> Response:
    """Name and links of a known person."""
    return described(services.resources.celebrities.get(request["Id"]))


def described(person: "Celebrity") -> dict[str, Any]:
    """Name, links and gender of a known person."""
    members: dict[str, Any] = {"Name": person.name, "Urls": list(person.urls)}
    if person.gender is not None:
        members["KnownGender"] = {"Type": person.gender}
    return members
