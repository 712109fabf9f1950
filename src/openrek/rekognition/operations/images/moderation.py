"""DetectModerationLabels.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html, names by the taxonomy of
https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html, which lies in moderation.toml.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from openrek.errors import InvalidParameterError, ResourceNotFoundError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.render.taxonomy import label_of
from openrek.rekognition.request_image import open_image
from openrek.rekognition.services import Services
from openrek.vision import Moderation

_FILE = Path(__file__).with_name("moderation.toml")
_MIN_CONFIDENCE = 50.0
# Labels below this are noise, whatever MinConfidence is.
_MIN = 1.0
_ILLUSTRATED = "Illustrated"


@dataclass(frozen=True, slots=True)
class ModerationLabel:
    """A label of the taxonomy, and the evidence it is detected by."""

    name: str
    vietnamese: str
    """The name in Vietnamese."""
    parent: str = ""
    """The label right above; "" of those at the top."""
    judged: str = ""
    """The judgement that it is: the name of a confidence of `Moderation`, "explicit" or "suggestive"."""
    seen: tuple[str, ...] = ()
    """Labels of the classifier that are one, in its own words; other classifiers may have the names of those labels."""
    also: str = ""
    """Further evidence beside what is seen: the name of a confidence of `Moderation`; the higher of both counts."""
    undressed: bool = False
    """Whether what is seen must be borne out by somebody who wears little."""

    @property
    def level(self) -> int:
        """1 to 3: how deep it lies in the taxonomy."""
        return 1 + taxonomy()[self.parent].level if self.parent else 1

    def confidence(self, found: Moderation) -> float:
        """0 to 1: by its own evidence; 0 where it has none."""
        if self.judged:
            return float(getattr(found, self.judged))
        confidence = max(self._seen(found), float(getattr(found, self.also)) if self.also else 0.0)
        return min(confidence, found.undressed) if self.undressed else confidence

    def _seen(self, found: Moderation) -> float:
        """0 to 1: by the classifier's labels."""
        known = {*self.seen, *map(label_of, self.seen)}
        shares = [share for name, share in found.shares if name in known]
        share = sum(shares) if found.exclusive else max(shares, default=0.0)
        return found.curve.of(min(share, 1.0)) if share else 0.0


@operation(
    "DetectModerationLabels",
    runs="engine",
    differs="Of the taxonomy of version 7: Explicit and Non-Explicit Nudity of Intimate parts and Kissing, both "
    "at the first level only, where a person or skin is seen; Weapons (guns, cannons; handguns from 80 %), Alcoholic "
    "Beverages (beer, wine), Female and Male Swimwear or Underwear and Gambling (slot machines), with "
    "their parents, where they are the main subject of the image. Graphic Violence, Visually Disturbing, "
    "Drugs & Tobacco, Alcohol Use, Rude Gestures, Hate Symbols and the labels below them are never "
    "detected. ContentTypes reports drawings in plain colours as Illustrated, not paintings. "
    "HumanLoopConfig is refused; there are no adapters for ProjectVersion to name.",
    cannot_occur={
        "HumanLoopQuotaExceededException": "there are no human loops: HumanLoopConfig is InvalidParameterException",
        "ResourceNotReadyException": "it is raised for adapters, which do not exist: ProjectVersion is "
        "ResourceNotFoundException",
    },
)
def detect_moderation_labels(request: Request, services: Services) -> Response:
    """The moderation labels that the models can detect, and whether the image is drawn."""
    if request.get("HumanLoopConfig"):
        raise InvalidParameterError("openrek does not have HumanLoopConfig; leave it out")
    if adapter := request.get("ProjectVersion"):
        raise ResourceNotFoundError(f"there is no adapter {adapter[:200]}; openrek does not have any")
    found = open_image(request["Image"], services).moderation
    drawn = percent(found.illustrated)
    return {
        "ModerationLabels": render(found, request.get("MinConfidence", _MIN_CONFIDENCE)),
        "ModerationModelVersion": services.engine.version,
        "ContentTypes": [{"Confidence": drawn, "Name": _ILLUSTRATED}] if drawn >= _MIN_CONFIDENCE else [],
    }


def render(found: Moderation, min_confidence: float) -> list[dict[str, Any]]:
    """Wire labels at least so sure, 0 to 100, by falling confidence; a label's parent is never less sure than it."""
    confidences: dict[str, float] = {}
    for label in taxonomy().values():
        confidence = percent(label.confidence(found))
        name = label.name
        while name:
            confidences[name] = max(confidences.get(name, 0.0), confidence)
            name = taxonomy()[name].parent
    # Of labels with equal confidence, the most specific comes first.
    ordered = sorted(confidences.items(), key=lambda item: (-item[1], -taxonomy()[item[0]].level, item[0]))
    return [
        {
            "Confidence": confidence,
            "Name": name,
            "ParentName": taxonomy()[name].parent,
            "TaxonomyLevel": taxonomy()[name].level,
        }
        for name, confidence in ordered
        if confidence >= max(min_confidence, _MIN)
    ]


@cache
def taxonomy() -> dict[str, ModerationLabel]:
    """Every label of version 7 by its name, parents before what is below them."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    labels = (ModerationLabel(**{**label, "seen": tuple(label.get("seen", ()))}) for label in content["label"])
    return {label.name: label for label in labels}
