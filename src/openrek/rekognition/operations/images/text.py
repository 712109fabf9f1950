"""DetectText.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectText.html
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openrek.errors import InvalidParameterError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.render.geometry import geometry, percent
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import Frame, Text

MAX_WORDS = 100
_MAX_CORNERS = 10
# Default of a WordFilter; without a filter all words are returned.
_MIN_CONFIDENCE = 80.0
# A region may reach beyond the image, but not so far that its corners overflow.
_FAR = 1000.0


@operation(
    "DetectText",
    runs="engine",
    differs="Reads lines within ±90° of upright, and upside down. Reads Latin script (Vietnamese with its "
    "diacritics), Chinese, Japanese, Russian and Arabic; not Korean, Thai or Indian scripts. Russian and Arabic lines "
    "are read reliably only upright, and below 28 pixels of height only if they are at least four times as long. If "
    "the largest line that may be in either script is in neither, the image's others are not tried. Short Cyrillic "
    "words in letters that also look Latin are read as Latin. "
    "TextModelVersion lists after a space which recognizer read which lines.",
)
def detect_text(request: Request, services: Services) -> Response:
    """Lines and their words, in reading order.

    TextModelVersion names the pack and its recognisers and, after that, which of them read which lines, by their Ids:
    "default-1.0.0+ppocr+tesseract-vie ppocr:0,2 tesseract-vie:1".
    """
    filters = request.get("Filters", {})
    regions = [region_corners(region) for region in filters.get("RegionsOfInterest", ())]
    words = {"MinConfidence": _MIN_CONFIDENCE, **filters["WordFilter"]} if "WordFilter" in filters else {}
    analysis = open_image(request["Image"], services)
    detections, readers = render(analysis.text, analysis.frame, words, regions)
    used = [f"{name}:{','.join(map(str, lines))}" for name, lines in sorted(readers.items())]
    return {"TextDetections": detections, "TextModelVersion": " ".join([services.engine.text_version, *used])}


def render(
    text: Text, image: Frame, word_filter: dict[str, float], regions: list[NDArray[np.float32]]
) -> tuple[list[dict[str, Any]], dict[str, list[int]]]:
    """Wire detections: all lines, then all words, each word with its line's Id; and the lines each recogniser read.

    A line stays while one of its words passes the filters; its text is then that of the words that passed.
    """
    lines: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    readers: dict[str, list[int]] = {}
    for line in text.lines:
        kept = []
        for word in line.words:
            place = geometry(word.polygon, image)
            if _passes(percent(word.confidence), place["BoundingBox"], word_filter, regions):
                kept.append((word, place))
        kept = kept[: MAX_WORDS - len(words)]
        if not kept:
            continue
        whole = len(kept) == len(line.words)
        readers.setdefault(line.recogniser, []).append(len(lines))
        detected = line.text if whole else " ".join(word.text for word, _ in kept)
        lines.append(_detection(detected, "LINE", len(lines), line.confidence, geometry(line.polygon, image)))
        for word, place in kept:
            words.append(_detection(word.text, "WORD", 0, word.confidence, place) | {"ParentId": len(lines) - 1})
    for identifier, detection in enumerate(words, len(lines)):
        detection["Id"] = identifier
    return lines + words, readers


def _detection(text: str, kind: str, identifier: int, confidence: float, place: dict[str, Any]) -> dict[str, Any]:
    return {
        "DetectedText": text,
        "Type": kind,
        "Id": identifier,
        "Confidence": percent(confidence),
        "Geometry": place,
    }


def _passes(
    confidence: float,
    box: dict[str, float],
    word_filter: dict[str, float],
    regions: list[NDArray[np.float32]],
) -> bool:
    if confidence < word_filter.get("MinConfidence", 0):
        return False
    if box["Width"] < word_filter.get("MinBoundingBoxWidth", 0):
        return False
    if box["Height"] < word_filter.get("MinBoundingBoxHeight", 0):
        return False
    centre = (box["Left"] + box["Width"] / 2, box["Top"] + box["Height"] / 2)
    return not regions or any(cv2.pointPolygonTest(region, centre, False) >= 0 for region in regions)


def region_corners(region: dict[str, Any]) -> NDArray[np.float32]:
    """The region's corners, (N, 2), as ratios.

    Raises:
        InvalidParameterError: it has none, or one that lies nowhere.
    """
    corners = np.array(_corners(region), np.float64)
    if not (np.abs(corners) <= _FAR).all():
        raise InvalidParameterError(
            f"the corners of RegionsOfInterest are parts of the image, from 0 to 1; none may be beyond {_FAR:g}"
        )
    return corners.astype(np.float32)


def _corners(region: dict[str, Any]) -> list[tuple[float, float]]:
    polygon, box = region.get("Polygon"), region.get("BoundingBox")
    if (polygon is None) is (box is None):
        raise InvalidParameterError("each of RegionsOfInterest must have one of BoundingBox and Polygon")
    if polygon is not None:
        if not 3 <= len(polygon) <= _MAX_CORNERS:
            raise InvalidParameterError(
                f"a Polygon of RegionsOfInterest has {len(polygon)} points; it must have 3 to {_MAX_CORNERS}"
            )
        return [(point.get("X", 0.0), point.get("Y", 0.0)) for point in polygon]
    assert box is not None
    left, top, width, height = (box.get(side, 0.0) for side in ("Left", "Top", "Width", "Height"))
    if not (width > 0 and height > 0):
        raise InvalidParameterError(
            f"a BoundingBox of RegionsOfInterest is {width:g} wide and {height:g} high; both must be above 0"
        )
    return [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
