"""What recognition finds in one image, in Rekognition's shapes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OPERATIONS: Mapping[str, str] = {
    "labels": "detect_labels",
    "faces": "detect_faces",
    "text": "detect_text",
    "moderation": "detect_moderation_labels",
}
"""Method of a Rekognition client, by the name of its part of the result."""
_MEMBERS = {
    "labels": "Labels",
    "faces": "FaceDetails",
    "text": "TextDetections",
    "moderation": "ModerationLabels",
}
_VERSIONS = ("LabelModelVersion", "TextModelVersion", "ModerationModelVersion")


@dataclass(frozen=True, slots=True)
class Findings:
    """What recognition found in an image, in Rekognition's shapes."""

    labels: list[dict[str, Any]]
    faces: list[dict[str, Any]]
    text: list[dict[str, Any]]
    moderation: list[dict[str, Any]]
    models: dict[str, str]
    """Versions of the models."""
    timings_ms: dict[str, float]
    """Milliseconds from the start to the response, by part, and `recognition` for all together."""

    @classmethod
    def of(cls, responses: Mapping[str, Mapping[str, Any]], timings_ms: Mapping[str, float]) -> "Findings":
        """The findings in the responses of OPERATIONS, by part."""
        versions = {
            key: response[key] for part in OPERATIONS for key in _VERSIONS if (response := responses[part]).get(key)
        }
        parts = {part: responses[part][member] for part, member in _MEMBERS.items()}
        timings = {name: timings_ms[name] for name in (*OPERATIONS, "recognition")}
        return cls(**parts, models=versions, timings_ms=timings)

    def as_dict(self) -> dict[str, Any]:
        """The findings as parts of the result JSON."""
        return {
            "labels": self.labels,
            "faces": self.faces,
            "text": self.text,
            "moderation": self.moderation,
            "models": self.models,
            "timings_ms": self.timings_ms,
        }


def leading(labels: list[dict[str, Any]], maximum: int) -> list[dict[str, Any]]:
    """The first labels that no other one names as its parent: "Cat", not also "Animal"."""
    parents = {parent["Name"] for label in labels for parent in label.get("Parents", ())}
    return [label for label in labels if label["Name"] not in parents][:maximum]


def milliseconds(started: float) -> float:
    """Since `started`, of `time.perf_counter`."""
    return round((time.perf_counter() - started) * 1000, 1)
