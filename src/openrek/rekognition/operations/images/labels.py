"""DetectLabels.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from openrek.errors import InvalidParameterError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.render import image_properties
from openrek.rekognition.render.face_labels import FaceLabel, infer
from openrek.rekognition.render.geometry import bounding_box, percent
from openrek.rekognition.render.label_evidence import weigh
from openrek.rekognition.render.scenes import conclude
from openrek.rekognition.render.taxonomy import entry, label_of
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import Frame, Labels

_GENERAL = "GENERAL_LABELS"
_PROPERTIES = "IMAGE_PROPERTIES"
_ONLY_OF = {
    _GENERAL: ("MaxLabels", "MinConfidence", "Settings.GeneralLabels"),
    _PROPERTIES: ("Settings.ImageProperties",),
}
_MIN_CONFIDENCE = 55.0
_MAX_LABELS = 1000
# Labels below this are noise.
_MIN = 1.0
# Things at least so sure are counted.
_SURE = 0.5


@operation(
    "DetectLabels",
    runs="engine",
    differs="Knows the 1,037 labels of its models and their ancestors, by common names; filters also accept the names "
    "that COCO and ImageNet use. A label passes inclusion filters if one of them names it, its alias or its category; "
    "exclusion filters win. Scenes (Kitchen, Street, Beach, …) are inferred from the objects and labels of the image: "
    "see docs/design/scenes.md. Where a person is detected, faces from 40 pixels on yield Face, Head, Adult, Child, "
    "Male, Female, Man, Woman, Boy, Girl, Smile, Happy, Glasses, Sunglasses, Beard and Portrait, with its box as an "
    "instance: see docs/design/labels-from-faces.md. Sky, Water, Sea, Beach, Mountain, Tree, Grass, Plant, Snow, "
    "Building, Road, Indoors, Outdoors, Food and Furniture are judged of the image as a whole: see "
    "docs/design/scene-heads.md. Foreground is what lies within boxes of objects. "
    "Supports WebP, GIF (first frame), BMP, TIFF and AVIF besides JPEG and PNG.",
)
def detect_labels(request: Request, services: Services) -> Response:
    """Objects with their boxes, and labels of the whole image, by falling confidence; the image's properties."""
    features = set(request.get("Features", ())) or {_GENERAL}
    settings = request.get("Settings", {}).get("GeneralLabels", {})
    _check_requested(request, features)
    analysis = open_image(request["Image"], services)
    response: Response = {}
    if _GENERAL in features:
        found = render(analysis.labels, analysis.frame, request.get("MinConfidence", _MIN_CONFIDENCE))
        kept = [label for label in found if is_wanted(label, settings)] if settings else found
        response["Labels"] = kept[: request.get("MaxLabels", _MAX_LABELS)]
        response["LabelModelVersion"] = services.engine.version
    if _PROPERTIES in features:
        wanted = request.get("Settings", {}).get("ImageProperties", {})
        maximum = wanted.get("MaxDominantColors", image_properties.MAX_COLOURS)
        response["ImageProperties"] = image_properties.render(analysis.properties, maximum)
    return response


def _check_requested(request: Request, features: Collection[str]) -> None:
    """Returns if there are no settings of a feature that was not requested.

    Raises:
        InvalidParameterError: something is.
    """
    given = {**request, **{f"Settings.{name}": value for name, value in request.get("Settings", {}).items()}}
    for feature, members in _ONLY_OF.items():
        for member in members:
            if feature not in features and given.get(member) is not None:
                raise InvalidParameterError(f"{member} is only for {feature}, which Features does not ask for")


def render(labels: Labels, image: Frame, min_confidence: float) -> list[dict[str, Any]]:
    """One wire label per name, by descending confidence: the highest of its evidence. Its instances are its boxes.

    Ancestors of what is seen are labels too, and never less sure than it: an image of a cat is one of an animal, and
    one that might be of this or of that breed of dog is surely one of a dog. Scenes follow from the labels.
    """
    seen = weigh(labels)
    of_faces = list(infer(labels.faces, image.width * image.height))
    for label in of_faces:
        for name in (label.name, *entry(label.name).parents):
            seen[name] = max(seen.get(name, 0.0), label.confidence)
    surely = Counter(
        label_of(name)
        for name, confidence in zip(labels.object_names, labels.objects.confidence.tolist(), strict=True)
        if confidence >= _SURE
    )
    for scene, confidence in conclude(seen, surely).items():
        for name in (scene, *entry(scene).parents):
            seen[name] = max(seen.get(name, 0.0), confidence)
    confidences = {name: percent(confidence) for name, confidence in seen.items()}
    instances = _instances(labels, of_faces, image, min_confidence)
    # Of labels with equal confidence, the most specific comes first.
    ordered = sorted(confidences.items(), key=lambda item: (-item[1], -len(entry(item[0]).parents), item[0]))
    return [
        _label(name, confidence, instances.get(name, []))
        for name, confidence in ordered
        if confidence >= max(min_confidence, _MIN)
    ]


def _instances(
    labels: Labels, of_faces: Iterable[FaceLabel], image: Frame, min_confidence: float
) -> dict[str, list[dict[str, Any]]]:
    """Boxes of each label with enough confidence; for a label with enough confidence, its best box even if below."""
    present = {label_of(name): percent(confidence) for name, confidence in labels.present}
    names = map(label_of, labels.object_names)
    boxes = [
        *zip(names, labels.objects.xyxy, labels.objects.confidence.tolist(), strict=True),
        *((label.name, label.xyxy, label.confidence) for label in of_faces),
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for name, xyxy, score in boxes:
        confidence = percent(score)
        if confidence >= min_confidence or (name not in found and present.get(name, 0.0) >= min_confidence):
            found.setdefault(name, []).append({"BoundingBox": bounding_box(xyxy, image), "Confidence": confidence})
    return {name: sorted(each, key=lambda instance: -instance["Confidence"]) for name, each in found.items()}


def _label(name: str, confidence: float, instances: list[dict[str, Any]]) -> dict[str, Any]:
    known = entry(name)
    return {
        "Name": name,
        "Confidence": confidence,
        "Instances": instances,
        "Parents": _named(known.parents),
        "Aliases": _named(known.aliases),
        "Categories": _named(known.categories),
    }


def _named(names: Collection[str]) -> list[dict[str, str]]:
    return [{"Name": name} for name in names]


def is_wanted(label: Mapping[str, Any], filters: Mapping[str, Collection[str]]) -> bool:
    """Whether GeneralLabelsSettings lets a label through.

    It goes by its name, its aliases and what models call it, and by its categories. What one filter excludes no other
    brings back; with an inclusion filter only what one of them names is let through.
    """
    names = {label["Name"], *(alias["Name"] for alias in label["Aliases"]), *entry(label["Name"]).words}
    categories = {category["Name"] for category in label["Categories"]}
    if not names.isdisjoint(filters.get("LabelExclusionFilters", ())):
        return False
    if not categories.isdisjoint(filters.get("LabelCategoryExclusionFilters", ())):
        return False
    by_name, by_category = filters.get("LabelInclusionFilters"), filters.get("LabelCategoryInclusionFilters")
    if not by_name and not by_category:
        return True
    return not names.isdisjoint(by_name or ()) or not categories.isdisjoint(by_category or ())
