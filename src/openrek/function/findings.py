"""One picture through recognition: four operations side by side, one result."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrek.function.services import Recognition

# Operation → (member of its response, name in the result)
_OPERATIONS = {
    "detect_labels": ("Labels", "labels"),
    "detect_faces": ("FaceDetails", "faces"),
    "detect_text": ("TextDetections", "text"),
    "detect_moderation_labels": ("ModerationLabels", "moderation"),
}
_VERSIONS = ("LabelModelVersion", "TextModelVersion", "ModerationModelVersion")

# The calls mostly wait: for the engine's pool here, for the network on AWS.
_EXECUTOR = ThreadPoolExecutor(max_workers=64, thread_name_prefix="analysis")


@dataclass(frozen=True, slots=True)
class Findings:
    """What recognition said of a picture, in Rekognition's shapes."""

    labels: list[dict[str, Any]]
    faces: list[dict[str, Any]]
    text: list[dict[str, Any]]
    moderation: list[dict[str, Any]]
    models: dict[str, str]
    """Versions of the models that answered."""
    timings_ms: dict[str, float]
    """Milliseconds from asking to answer, by operation, and `recognition` for all together."""

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


def analyse(recognition: "Recognition", image: dict[str, Any]) -> Findings:
    """Asks for labels, faces, text and moderation at once.

    Args:
        recognition: Whom to ask.
        image: Rekognition's Image: {"Bytes": …} or {"S3Object": …}.

    Raises:
        botocore.exceptions.ClientError: one of the four was refused; the others are waited for, then dropped.
    """
    started = time.perf_counter()
    futures: dict[str, Future[tuple[dict[str, Any], float]]] = {
        operation: _EXECUTOR.submit(copy_context().run, _ask, getattr(recognition, operation), image)
        for operation in _OPERATIONS
    }
    answers, timings, versions = {}, {}, {}
    failure: BaseException | None = None
    for operation, future in futures.items():
        member, name = _OPERATIONS[operation]
        failure = failure or future.exception()
        if failure is None:
            response, timings[name] = future.result()
            answers[name] = response[member]
            versions.update({key: response[key] for key in _VERSIONS if response.get(key)})
    if failure is not None:
        raise failure
    timings["recognition"] = _milliseconds(started)
    return Findings(**answers, models=versions, timings_ms=timings)


def leading(labels: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first labels that no other one names as its parent: "Cat", not also "Animal"."""
    parents = {parent["Name"] for label in labels for parent in label.get("Parents", ())}
    return [label for label in labels if label["Name"] not in parents][:most]


def _ask(call: Any, image: dict[str, Any]) -> tuple[dict[str, Any], float]:
    started = time.perf_counter()
    return call(Image=image), _milliseconds(started)


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
