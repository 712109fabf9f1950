"""CompareFaces.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CompareFaces.html
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.errors import InvalidParameterError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.operations.images.faces import face_of
from openrek.rekognition.quality_filter import passing
from openrek.rekognition.registry import operation
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import Faces, FrameAnalysis

MAX_TARGETS = 100
_THRESHOLD = 80.0


@operation(
    "CompareFaces",
    runs="engine",
    differs="1 % of pairs of different people have a Similarity above 80, 0.01 % above 99. The thresholds of "
    "QualityFilter are openrek's own; AUTO is LOW.",
)
def compare_faces(request: Request, services: Services) -> Response:
    """The largest face of the source, and how alike each of the target's 100 largest is."""
    source, target = (open_image(request[name], services) for name in ("SourceImage", "TargetImage"))
    quality = request.get("QualityFilter", "NONE")
    source.start("faces")
    target.start("faces")
    (one,), ours = _faces(source, "SourceImage", quality, 1)
    theirs, others = _faces(target, "TargetImage", quality, MAX_TARGETS)
    alike = services.engine.similarity(one, theirs)
    threshold = request.get("SimilarityThreshold", _THRESHOLD)
    matches: list[dict[str, Any]] = []
    unmatched: list[dict[str, Any]] = []
    for index in np.argsort(-(theirs @ one), kind="stable"):  # similarity has no more order where it is 0 or 1
        face = face_of(others, int(index), target.frame)
        found = percent(float(alike[index]))
        if found >= threshold:
            matches.append({"Similarity": found, "Face": face})
        else:
            unmatched.append(face)
    shown = face_of(ours, 0, source.frame)
    return {
        "SourceImageFace": {"BoundingBox": shown["BoundingBox"], "Confidence": shown["Confidence"]},
        "FaceMatches": matches,
        "UnmatchedFaces": unmatched,
    }


def _faces(analysis: FrameAnalysis, member: str, quality: str, maximum: int) -> tuple[NDArray[np.float32], Faces]:
    found = analysis.faces
    if not len(found):
        raise InvalidParameterError(f"{member} shows no face that could be compared")
    kept = passing(found, quality).largest(maximum)
    if not len(kept):
        raise InvalidParameterError(
            f"{member} shows no face that meets QualityFilter {quality}; use a better image, or NONE"
        )
    return analysis.embeddings(kept), kept
