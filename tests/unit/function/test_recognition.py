"""Recognition of one image: four calls of a client, or one analysis rendered as their responses."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from analysis_cost import counted
from openrek.errors import QueueFullError
from openrek.function import function_role
from openrek.function.local_recognition import LocalRecognition
from openrek.function.recognition import ClientRecognition, SourceImage
from openrek.iam import Caller, Evaluator, Policy
from openrek.rekognition import Client, Services
from openrek.rekognition.admission import Admission
from openrek.s3 import MemoryObjectStore
from openrek.vision import Engine, RuntimeOptions, load_packs

SECONDS = 30
ACTIONS = ("DetectLabels", "DetectFaces", "DetectText", "DetectModerationLabels")
PARTS = ("labels", "faces", "text", "moderation")
RESOURCES: Any = SimpleNamespace(region="us-east-1", tags=None)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(load_packs(), RuntimeOptions(2)) as engine:
        yield engine


def services(engine: Engine, **parts: Any) -> Services:
    return Services(engine, MemoryObjectStore(), RESOURCES, **parts)


def caller(*actions: str) -> Caller:
    """Who may do these."""
    statement = {"Effect": "Allow", "Action": [f"rekognition:{action}" for action in actions], "Resource": "*"}
    policy = Policy.parse({"Version": "2012-10-17", "Statement": [statement]})
    return Caller("arn:aws:iam::000000000000:role/some", Evaluator([policy]))


class FakeClient:
    """A Rekognition service whose calls wait for each other, so that they must be made side by side."""

    def __init__(self, *rejected: str) -> None:
        self.rejected = rejected
        self.requests: list[tuple[str, Any]] = []
        self.together = threading.Barrier(4)

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> dict[str, Any]:
            self.together.wait(SECONDS)
            self.requests.append((operation, request))
            if operation in self.rejected:
                raise ClientError({"Error": {"Code": "ThrottlingException", "Message": operation}}, operation)
            members = {"detect_labels": "Labels", "detect_faces": "FaceDetails", "detect_text": "TextDetections"}
            return {members.get(operation, "ModerationLabels"): [operation], "LabelModelVersion": "3.0"}

        return call


def test_a_service_is_called_four_times_side_by_side(cat: bytes) -> None:
    client = FakeClient()
    recognized = ClientRecognition(client).analyze_image(SourceImage(cat, ("bucket", "a b.jpg"), version="v1"))
    image = {"S3Object": {"Bucket": "bucket", "Name": "a b.jpg", "Version": "v1"}}
    assert sorted(client.requests) == [
        (name, {"Image": image})
        for name in ("detect_faces", "detect_labels", "detect_moderation_labels", "detect_text")
    ]
    findings = recognized.findings.as_dict()
    assert [findings[part] for part in PARTS] == [
        ["detect_labels"],
        ["detect_faces"],
        ["detect_text"],
        ["detect_moderation_labels"],
    ]
    assert findings["models"] == {"LabelModelVersion": "3.0"}
    assert list(findings["timings_ms"]) == [*PARTS, "recognition"]
    assert (recognized.original.width, recognized.original.height, recognized.original.format) == (451, 300, "JPEG")


def test_of_several_refusals_of_a_service_the_first_operation_s_is_raised(cat: bytes) -> None:
    client = FakeClient("detect_moderation_labels", "detect_faces")
    with pytest.raises(ClientError, match="detect_faces"):
        ClientRecognition(client).analyze_image(SourceImage(cat))
    assert len(client.requests) == 4


@pytest.mark.parametrize("place", [None, ("bucket", "key")])
def test_one_analysis_has_the_responses_of_the_four_operations(
    engine: Engine, astronaut: bytes, place: tuple[str, str] | None
) -> None:
    client = Client(services(engine))
    image = {"Bytes": astronaut}
    with counted() as cost:
        recognized = LocalRecognition(services(engine)).analyze_image(SourceImage(astronaut, place))
        recognized.original.image()
    assert cost.decodes == {1: 1}
    assert not cost.reads
    found = recognized.findings
    assert found.labels == client.detect_labels(Image=image)["Labels"]
    assert found.faces == client.detect_faces(Image=image)["FaceDetails"]
    assert found.text == client.detect_text(Image=image)["TextDetections"]
    assert found.moderation == client.detect_moderation_labels(Image=image)["ModerationLabels"]
    assert set(found.models) == {"LabelModelVersion", "TextModelVersion", "ModerationModelVersion"}
    assert list(found.timings_ms) == [*PARTS, "recognition"]


@pytest.mark.parametrize("denied", ACTIONS)
def test_each_of_the_four_operations_needs_permission(engine: Engine, cat: bytes, denied: str) -> None:
    allowed = caller(*(action for action in ACTIONS if action != denied))
    with pytest.raises(ClientError, match=f"rekognition:{denied}") as rejected:
        LocalRecognition(services(engine, caller=allowed)).analyze_image(SourceImage(cat))
    assert rejected.value.response["Error"]["Code"] == "AccessDeniedException"


def test_without_any_permission_nothing_is_computed(engine: Engine, cat: bytes) -> None:
    with counted() as cost, pytest.raises(ClientError, match="rekognition:DetectLabels"):
        LocalRecognition(services(engine, caller=caller("ListCollections"))).analyze_image(SourceImage(cat))
    assert (cost.runs, cost.decodes) == ({}, {})


def test_the_function_s_role_may_do_all_four(engine: Engine, cat: bytes) -> None:
    role = function_role("openrek")
    assert LocalRecognition(services(engine, caller=role)).analyze_image(SourceImage(cat)).findings.labels


@pytest.mark.parametrize("damage", [b"", b"no image", None])
def test_an_image_that_cannot_be_read_is_refused_as_by_the_operations(
    engine: Engine, cat: bytes, damage: bytes | None
) -> None:
    data = cat[: len(cat) // 2] if damage is None else damage
    with pytest.raises(ClientError) as rejected:
        LocalRecognition(services(engine)).analyze_image(SourceImage(data, ("bucket", "key")))
    assert rejected.value.response["Error"]["Code"] == "InvalidImageFormatException"


def test_a_stored_image_may_be_larger_than_one_that_is_sent(engine: Engine, cat: bytes) -> None:
    padded = cat + bytes(6_000_000)
    recognition = LocalRecognition(services(engine))
    assert recognition.analyze_image(SourceImage(padded, ("bucket", "key"))).findings.labels
    with pytest.raises(ClientError):
        recognition.analyze_image(SourceImage(padded))


def test_an_image_that_there_is_no_room_for_is_rejected_as_a_whole(engine: Engine, cat: bytes) -> None:
    admission = Admission(1)
    recognition = LocalRecognition(services(engine, admission=admission))
    taken = admission.acquire()
    with counted() as cost, pytest.raises(QueueFullError):
        recognition.analyze_image(SourceImage(cat))
    assert not cost.runs
    with taken.carried():  # a request that was admitted is never rejected half-way
        assert recognition.analyze_image(SourceImage(cat)).findings.labels
