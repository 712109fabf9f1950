"""DetectLabels.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
"""

from collections.abc import Collection
from typing import Any

from openrek.errors import InvalidParameterException
from openrek.rekognition import image_properties
from openrek.rekognition.geometry import bounding_box, percent
from openrek.rekognition.picture import open_picture
from openrek.rekognition.registry import Request, Response, operation
from openrek.rekognition.services import Services
from openrek.vision import Image, Labels

_GENERAL = "GENERAL_LABELS"
_PROPERTIES = "IMAGE_PROPERTIES"
_MIN_CONFIDENCE = 55.0
_MAX_LABELS = 1000
# Boxes below this are noise beside a surer one of the same label; they are still returned when asked for.
_MIN_INSTANCE = 5.0


@operation("DetectLabels")
def detect_labels(request: Request, services: Services) -> Response:
    """Objects with their boxes, and labels of the whole picture, by falling confidence; the picture's properties."""
    features = set(request.get("Features", ())) or {_GENERAL}
    settings = request.get("Settings", {}).get("GeneralLabels", {})
    for name in ("LabelCategoryInclusionFilters", "LabelCategoryExclusionFilters"):
        if settings.get(name):
            raise InvalidParameterException(f"openrek does not know categories of labels yet, so it cannot take {name}")
    image = open_picture(request["Image"], services)
    response: Response = {}
    if _GENERAL in features:
        found = render(services.engine.labels(image), image, request.get("MinConfidence", _MIN_CONFIDENCE))
        kept = _filter(found, settings.get("LabelInclusionFilters"), settings.get("LabelExclusionFilters") or ())
        response["Labels"] = kept[: request.get("MaxLabels", _MAX_LABELS)]
        response["LabelModelVersion"] = services.engine.version
    if _PROPERTIES in features:
        wanted = request.get("Settings", {}).get("ImageProperties", {})
        most = wanted.get("MaxDominantColors", image_properties.MAX_COLOURS)
        response["ImageProperties"] = image_properties.render(services.engine.properties(image), most)
    return response


def render(labels: Labels, image: Image, min_confidence: float) -> list[dict[str, Any]]:
    """One wire label a name: its confidence is that of its surest evidence, its instances are its boxes."""
    confidences: dict[str, float] = {}
    instances: dict[str, list[dict[str, Any]]] = {}
    for name, xyxy, score in zip(labels.object_names, labels.objects.xyxy, labels.objects.confidence, strict=True):
        confidence = percent(float(score))
        confidences[name] = max(confidences.get(name, 0.0), confidence)
        if confidence >= max(min_confidence, _MIN_INSTANCE):
            instances.setdefault(name, []).append({"BoundingBox": bounding_box(xyxy, image), "Confidence": confidence})
    for name, score in labels.tags:
        confidences[name] = max(confidences.get(name, 0.0), percent(score))
    ordered = sorted(confidences.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "Name": name,
            "Confidence": confidence,
            "Instances": instances.get(name, []),
            "Parents": [],
            "Aliases": [],
            "Categories": [],
        }
        for name, confidence in ordered
        if confidence >= min_confidence
    ]


def _filter(
    labels: list[dict[str, Any]], included: Collection[str] | None, excluded: Collection[str]
) -> list[dict[str, Any]]:
    return [label for label in labels if label["Name"] not in excluded and (not included or label["Name"] in included)]
