"""DetectModerationLabels.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html, names by the taxonomy of
https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html
"""

from typing import Any

from openrek.errors import InvalidParameterException
from openrek.rekognition.geometry import percent
from openrek.rekognition.picture import open_picture
from openrek.rekognition.registry import Request, Response, operation
from openrek.rekognition.services import Services

_MIN_CONFIDENCE = 50.0
_EXPLICIT = "Explicit"
_SUGGESTIVE = "Non-Explicit Nudity of Intimate parts and Kissing"
_ILLUSTRATED = "Illustrated"


@operation("DetectModerationLabels")
def detect_moderation_labels(request: Request, services: Services) -> Response:
    """The two top-level labels that the default pack's models can tell, and whether the picture is drawn."""
    for member in ("HumanLoopConfig", "ProjectVersion"):
        if request.get(member):
            raise InvalidParameterException(f"openrek does not have {member}; leave it out")
    found = services.engine.moderation(open_picture(request["Image"], services))
    least = request.get("MinConfidence", _MIN_CONFIDENCE)
    labels: list[dict[str, Any]] = [
        {"Confidence": percent(score), "Name": name, "ParentName": "", "TaxonomyLevel": 1}
        for name, score in ((_EXPLICIT, found.explicit), (_SUGGESTIVE, found.suggestive))
        if percent(score) >= least
    ]
    drawn = percent(found.illustrated)
    return {
        "ModerationLabels": sorted(labels, key=lambda label: -label["Confidence"]),
        "ModerationModelVersion": services.engine.version,
        "ContentTypes": [{"Confidence": drawn, "Name": _ILLUSTRATED}] if drawn >= _MIN_CONFIDENCE else [],
    }
