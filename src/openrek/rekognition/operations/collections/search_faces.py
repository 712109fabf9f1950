"""SearchFaces and SearchFacesByImage.

https://docs.aws.amazon.com/rekognition/latest/dg/search-face-with-id-procedure.html
"""

from openrek.errors import InvalidParameterError
from openrek.rekognition.face_search import audit, face_matches
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.quality_filter import passing
from openrek.rekognition.registry import operation
from openrek.rekognition.render.geometry import bounding_box, percent
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services

_COLLECTION = "collection/{CollectionId}"
_CROWDS = (
    "Similarity expresses how alike two faces are, not how likely they are one person's: the more faces a "
    "collection has, the higher the threshold to use, see [faces.md](faces.md). At most 80 matches by default."
)


@operation("SearchFaces", runs="database", resource=_COLLECTION, differs=_CROWDS)
def search_faces(request: Request, services: Services) -> Response:
    """Faces of the collection like one of it, which is not among them."""
    resources = services.resources
    collection = resources.collections.get(request["CollectionId"])
    number, vector = resources.faces.vector(collection, request["FaceId"])
    matches = face_matches(request, services, collection, vector, but=number)
    audit("SearchFaces", services, collection, matches)
    return {"SearchedFaceId": request["FaceId"], "FaceMatches": matches, "FaceModelVersion": collection.model}


@operation(
    "SearchFacesByImage",
    runs="engine",
    resource=_COLLECTION,
    differs=f"{_CROWDS} The thresholds of QualityFilter are openrek's own; AUTO is LOW.",
)
def search_faces_by_image(request: Request, services: Services) -> Response:
    """Faces of the collection like the largest face of an image."""
    resources = services.resources
    resources.collections.get(request["CollectionId"]).require_model(services.engine.face_model)
    analysis = open_image(request["Image"], services)
    faces = analysis.faces
    if not len(faces):
        raise InvalidParameterError("There are no faces in the image. Should be at least 1.")
    quality = request.get("QualityFilter", "NONE")
    largest = passing(faces, quality).largest(1)
    if not len(largest):
        raise InvalidParameterError(
            f"There are no faces in the image that meet QualityFilter {quality}. Should be at least 1. Use a better "
            "image, or QualityFilter NONE."
        )
    (vector,) = analysis.embeddings(largest)
    # Read again: what was indexed while the image was analyzed is found.
    collection = resources.collections.get(request["CollectionId"])
    matches = face_matches(request, services, collection, vector)
    audit("SearchFacesByImage", services, collection, matches, len(faces) - 1)
    return {
        "SearchedFaceBoundingBox": bounding_box(largest.xyxy[0], analysis.frame),
        "SearchedFaceConfidence": percent(float(largest.confidence[0])),
        "FaceMatches": matches,
        "FaceModelVersion": collection.model,
    }
