"""One analysis of a frame: nothing before it is needed, nothing twice, the same from a file and from an array."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data
from tests.conftest import encode
from tests.images import page

from analysis_cost import counted
from openrek.errors import ImageFormatError
from openrek.vision import ATTRIBUTES, ArrayFrame, EncodedFrame, Engine, FrameAnalysis
from openrek.vision.runtime.memo import Memo

SECONDS = 60
"""A test that waits longer has failed."""
OBJECTS = {"nanodet": 1, "ssdlite": 1}
CLASSIFIER = {"efficientnet_lite0": 1}
DESCRIBED = {"centerface": 1, "faceres": 1, "face_expression": 1, "age": 1, "gender": 1}
"""What labels are inferred from where there is a face."""


def values(result: Any) -> Any:
    """The result as values that can be compared, bit by bit."""
    if isinstance(result, np.ndarray):
        return result.shape, result.tobytes()
    if is_dataclass(result):
        return [values(getattr(result, field.name)) for field in fields(result)]
    if isinstance(result, dict):
        return {name: values(value) for name, value in result.items()}
    if isinstance(result, tuple):
        return [values(each) for each in result]
    return result


def everything(analysis: FrameAnalysis) -> dict[str, Any]:
    """All results for a frame."""
    faces = analysis.faces
    return {
        "objects": values(analysis.objects),
        "labels": values(analysis.labels),
        "properties": values(analysis.properties),
        "faces": values(faces),
        "attributes": values(analysis.attributes(faces, ATTRIBUTES)),
        "embeddings": values(analysis.embeddings(faces)),
        "text": values(analysis.text),
        "moderation": values(analysis.moderation),
    }


@pytest.mark.parametrize(
    ("result", "runs"),
    [
        ("objects", OBJECTS),
        ("labels", OBJECTS | CLASSIFIER | DESCRIBED),
        ("properties", OBJECTS),
        ("faces", {"centerface": 1}),
        ("moderation", {"nsfw_mobilenet_v2": 1, "open_nsfw": 1} | CLASSIFIER),
    ],
)
def test_only_what_a_result_needs_is_run_and_only_once(
    engine: Engine, astronaut: bytes, result: str, runs: dict[str, int]
) -> None:
    analysis = engine.analysis(EncodedFrame.open(astronaut))
    with counted() as cost:
        first, again = getattr(analysis, result), getattr(analysis, result)
    assert first is again
    assert cost.runs == runs
    assert cost.decodes == {1: 1}


def test_labels_of_an_image_without_people_search_no_faces(engine: Engine, cat: bytes) -> None:
    with counted() as cost:
        labels = engine.analysis(EncodedFrame.open(cat)).labels
    assert labels.faces == ()
    assert cost.runs == OBJECTS | CLASSIFIER


def test_labels_share_the_search_and_the_attributes_of_faces(engine: Engine, astronaut: bytes) -> None:
    analysis = engine.analysis(EncodedFrame.open(astronaut))
    (described,) = analysis.labels.faces
    with counted() as cost:
        faces = analysis.faces
        (found,) = analysis.attributes(faces, frozenset({"age", "gender", "smile", "beard"}))
    assert not cost.runs
    assert described.xyxy.tolist() == faces.xyxy[0].tolist()
    assert (described.attributes.age, described.attributes.man) == (found.age, found.man)


def test_a_face_too_small_to_judge_is_not_described(engine: Engine) -> None:
    portrait = data.astronaut()  # type: ignore[no-untyped-call]
    small = cv2.resize(portrait, (128, 128), interpolation=cv2.INTER_AREA)
    canvas = np.full((512, 512, 3), 127, np.uint8)
    canvas[-128:, :128] = small
    analysis = engine.analysis(ArrayFrame(canvas))
    assert analysis.labels.faces == ()
    assert len(analysis.faces)


def test_nothing_is_decoded_before_a_result_is_needed(engine: Engine, astronaut: bytes) -> None:
    with counted() as cost:
        engine.analysis(EncodedFrame.open(astronaut))
    assert not cost.decodes


def test_all_results_together_run_each_model_once(engine: Engine, astronaut: bytes) -> None:
    analysis = engine.analysis(EncodedFrame.open(astronaut))
    with counted() as cost:
        once = everything(analysis)
        assert everything(analysis) == once
    lines = cost.runs.pop("ppocr_rec", 0)
    assert cost.decodes == {1: 1}
    assert cost.runs == {
        **OBJECTS,
        **CLASSIFIER,
        "centerface": 1,
        "facemesh": 1,
        "faceres": 1,
        "face_expression": 1,
        "age": 1,
        "gender": 1,
        "iris": 2,  # an eye each
        "face_embedding": 2,  # the face and its mirror image, which the architecture adds up
        "nsfw_mobilenet_v2": 1,
        "open_nsfw": 1,
        "ppocr_det": 1,
    }
    with counted() as cost:
        again = everything(engine.analysis(EncodedFrame.open(astronaut)))
    assert cost.runs["ppocr_rec"] == lines
    assert again == once


@pytest.mark.parametrize("second", ["attributes", "embeddings", "other attributes"])
def test_attributes_of_any_set_and_the_embedding_share_the_mesh(engine: Engine, astronaut: bytes, second: str) -> None:
    analysis = engine.analysis(EncodedFrame.open(astronaut))
    faces = analysis.faces
    with counted() as cost:
        analysis.attributes(faces, frozenset({"mouth_open", "age"}))
        if second == "embeddings":
            analysis.embeddings(faces)
        else:
            analysis.attributes(faces, ATTRIBUTES if second == "attributes" else frozenset({"mesh", "beard"}))
    assert cost.runs["facemesh"] == cost.runs["faceres"] == cost.runs["age"] == 1


def test_each_face_has_its_own_runs(engine: Engine) -> None:
    astronaut = data.astronaut()  # type: ignore[no-untyped-call]
    analysis = engine.analysis(ArrayFrame(np.concatenate([astronaut, astronaut[:, ::-1]], axis=1)))
    faces = analysis.faces
    assert len(faces) == 2
    with counted() as cost:
        together = analysis.attributes(faces, frozenset({"mesh"}))
        alone = [analysis.attributes(faces.take(np.array([index])), frozenset({"mesh"}))[0] for index in (0, 1)]
    assert cost.runs == {"facemesh": 2}
    assert values(together) == values(tuple(alone))
    assert values(alone[0]) != values(alone[1])


def test_threads_that_need_the_same_result_at_the_same_time_compute_it_once(engine: Engine, astronaut: bytes) -> None:
    expected = everything(engine.analysis(EncodedFrame.open(astronaut)))
    analysis = engine.analysis(EncodedFrame.open(astronaut))
    together = threading.Barrier(8)

    def analyze(_: int) -> dict[str, Any]:
        together.wait(SECONDS)
        return everything(analysis)

    with counted() as cost, ThreadPoolExecutor(8) as executor:
        results = list(executor.map(analyze, range(8)))
    assert all(result == expected for result in results)
    assert cost.decodes == {1: 1}
    assert {name: count for name, count in cost.runs.items() if count > 1 and name != "ppocr_rec"} == {
        "iris": 2,
        "face_embedding": 2,
    }


def test_what_was_started_is_not_run_again(engine: Engine, astronaut: bytes) -> None:
    analysis = engine.analysis(EncodedFrame.open(astronaut))
    with counted() as cost:
        analysis.start("faces", "text", "labels", "moderation")
        analysis.start("objects")
        started = everything(analysis)
    assert max(count for name, count in cost.runs.items() if name not in ("ppocr_rec", "iris", "face_embedding")) == 1
    assert started == everything(engine.analysis(EncodedFrame.open(astronaut)))


@pytest.mark.parametrize("width", [600, 1300, 2600])
def test_a_decoded_frame_has_the_results_of_a_png_of_it(engine: Engine, width: int) -> None:
    shown = np.concatenate([data.astronaut(), np.full((512, 512, 3), 255, np.uint8)], axis=1)  # type: ignore[no-untyped-call]
    times = width / 1024
    rows = (np.arange(round(512 * times)) / times).astype(int)
    columns = (np.arange(width) / times).astype(int)
    pixels = np.ascontiguousarray(shown[rows][:, columns])
    file = engine.analysis(EncodedFrame.open(encode(pixels, "PNG")))
    assert everything(engine.analysis(ArrayFrame(pixels))) == everything(file)
    assert len(file.faces) == 1


def test_text_of_a_decoded_frame_is_read(engine: Engine) -> None:
    pixels = EncodedFrame.open(page("STOP the parade")).pixels(10_000)
    (line,) = engine.analysis(ArrayFrame(pixels)).text.lines
    assert line.text == "STOP the parade"


def test_a_damaged_image_is_decoded_once_however_often_it_is_needed(engine: Engine, cat: bytes) -> None:
    analysis = engine.analysis(EncodedFrame.open(cat[: len(cat) // 2]))
    for result in ("objects", "labels", "faces", "text", "moderation", "properties"):
        for _ in range(2):
            with pytest.raises(ImageFormatError):
                getattr(analysis, result)


def test_a_memo_computes_once_and_repeats_what_was_raised() -> None:
    memo = Memo()
    computed: list[str] = []
    started, go_on = threading.Event(), threading.Event()

    def compute() -> str:
        computed.append("value")
        started.set()
        assert go_on.wait(SECONDS)
        return "value"

    with ThreadPoolExecutor(4) as executor:
        needed = [executor.submit(memo.get, "key", compute) for _ in range(4)]
        assert started.wait(SECONDS)
        go_on.set()
        assert [each.result(SECONDS) for each in needed] == ["value"] * 4
    assert computed == ["value"]

    def fail() -> str:
        computed.append("failure")
        raise LookupError("nothing there")

    for _ in range(3):
        with pytest.raises(LookupError, match="nothing there"):
            memo.get("other", fail)
    assert computed == ["value", "failure"]
