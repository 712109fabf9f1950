"""Faces that lie on their side or upside down, with no word of it in the file."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from openrek.vision import ArrayFrame, EncodedFrame, Engine, Faces, Limits
from openrek.vision.boxes import iou
from openrek.vision.faces.orientation import upright
from openrek.vision.quarter_turns import turned_boxes, turned_points

WANTED = frozenset({"age", "gender", "emotions", "smile", "eye_direction", "mesh"})
TURNS = (1, 2, 3)

Pixels = NDArray[np.uint8]


def turned(pixels: Pixels, quarters: int) -> ArrayFrame:
    return ArrayFrame(np.ascontiguousarray(np.rot90(pixels, quarters)))


def difference(one: float, other: float) -> float:
    """Degrees between two angles."""
    return abs((one - other + 180) % 360 - 180)


def found_again(faces: Faces, lying: Faces, frame: ArrayFrame, quarters: int) -> list[tuple[int, int]]:
    """Which face of the upright image is which of the image turned by so many quarters."""
    boxes = turned_boxes(lying.xyxy, frame.width, frame.height, -quarters)
    pairs = []
    for place, box in enumerate(faces.xyxy):
        overlap = iou(box, boxes) if len(boxes) else np.zeros(1)
        if overlap.max() >= 0.3:
            pairs.append((place, int(overlap.argmax())))
    return pairs


@pytest.fixture(scope="module")
def astronaut() -> Pixels:
    return np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("quarters", TURNS)
def test_a_lying_portrait_has_the_face_of_the_upright_one(engine: Engine, astronaut: Pixels, quarters: int) -> None:
    upright_frame, frame = ArrayFrame(astronaut), turned(astronaut, quarters)
    standing, lying = engine.analysis(upright_frame), engine.analysis(frame)
    assert len(lying.faces) == len(standing.faces) == 1
    assert found_again(standing.faces, lying.faces, frame, quarters) == [(0, 0)]
    roll, yaw, pitch = lying.faces.pose[0] - standing.faces.pose[0]
    assert difference(roll, -90 * quarters) < 5
    assert abs(yaw) < 5
    assert abs(pitch) < 5
    marks = turned_points(lying.faces.landmarks, frame.width, frame.height, -quarters)
    assert marks == pytest.approx(standing.faces.landmarks, abs=4)


@pytest.mark.parametrize("quarters", TURNS)
def test_a_lying_face_is_judged_as_if_it_stood(engine: Engine, astronaut: Pixels, quarters: int) -> None:
    frame = turned(astronaut, quarters)
    standing, lying = engine.analysis(ArrayFrame(astronaut)), engine.analysis(frame)
    (one,), (other,) = standing.attributes(standing.faces, WANTED), lying.attributes(lying.faces, WANTED)
    assert one.age is not None
    assert other.age == pytest.approx(one.age, abs=2)
    assert other.man == pytest.approx(one.man, abs=0.05)
    assert other.traits["smile"] == pytest.approx(one.traits["smile"], abs=0.05)
    assert other.eye_direction == pytest.approx(one.eye_direction, abs=3)
    assert one.mesh is not None
    assert other.mesh is not None
    mesh = turned_points(other.mesh, frame.width, frame.height, -quarters)
    assert mesh == pytest.approx(one.mesh, abs=4)
    (likeness,) = engine.similarity(standing.embeddings(standing.faces)[0], lying.embeddings(lying.faces))
    assert likeness > 0.99


@pytest.mark.parametrize("quarters", TURNS)
@pytest.mark.parametrize("name", ["group-1", "group-3", "stock-group-1"])
def test_a_lying_group_is_found_like_an_upright_one(engine: Engine, shared: Path, name: str, quarters: int) -> None:
    pixels = EncodedFrame.open((shared / "data" / "faces_misc" / f"{name}.jpg").read_bytes()).pixels()
    standing, frame = engine.analysis(ArrayFrame(pixels)).faces, turned(pixels, quarters)
    lying = engine.analysis(frame).faces
    assert abs(len(lying) - len(standing)) <= len(standing) / 6
    pairs = found_again(standing, lying, frame, quarters)
    assert len(pairs) >= len(standing) * 5 / 6
    for place, again in pairs:
        assert difference(lying.pose[again, 0], standing.pose[place, 0] - 90 * quarters) < 20


@pytest.mark.parametrize(
    ("folder", "places"),
    [("face_mask/without_mask", slice(1, None, 12)), ("face_mask/with_mask", slice(3, None, 12))],
)
def test_portraits_are_found_whichever_way_up(engine: Engine, shared: Path, folder: str, places: slice) -> None:
    """Of 12 portraits, at most two fewer than upright."""
    files = sorted((shared / "data" / folder).glob("*.jpg"))[places][:12]
    limits = Limits(max_bytes=1 << 20, min_side=0)
    images = [EncodedFrame.open(file.read_bytes(), limits).pixels() for file in files]
    images = [pixels for pixels in images if len(engine.analysis(ArrayFrame(pixels)).faces)]
    assert len(images) >= 10
    for quarters in TURNS:
        right = 0
        for pixels in images:
            standing, lying = (engine.analysis(frame).faces for frame in (ArrayFrame(pixels), turned(pixels, quarters)))
            right += len(lying) > 0 and difference(lying.pose[0, 0], standing.pose[0, 0] - 90 * quarters) < 20
        assert right >= len(images) - 2


def test_an_upright_and_a_lying_face_are_both_found(engine: Engine, astronaut: Pixels) -> None:
    both = np.concatenate([astronaut, np.rot90(astronaut)], axis=1)
    faces = engine.analysis(ArrayFrame(np.ascontiguousarray(both))).faces
    assert len(faces) == 2
    left, right = np.argsort(faces.xyxy[:, 0])
    assert difference(faces.pose[left, 0], faces.pose[right, 0] + 90) < 10


@pytest.mark.parametrize("quarters", [0, *TURNS])
@pytest.mark.parametrize("name", ["000000000632", "000000001503", "000000002157", "000000005600"])
def test_nothing_becomes_a_face_by_turning(engine: Engine, shared: Path, name: str, quarters: int) -> None:
    file = shared / "data" / "coco128_val2017" / "images" / f"{name}.jpg"
    assert len(engine.analysis(turned(EncodedFrame.open(file.read_bytes()).pixels(), quarters)).faces) == 0


def test_an_upright_portrait_costs_one_run_of_the_detector(
    engine: Engine, astronaut: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    locator = engine._models.faces._search._locator
    runs: list[tuple[int, ...]] = []
    detect = locator._detector.detect

    def counted(pixels: Pixels, minimum: float) -> tuple[NDArray[np.float32], ...]:
        runs.append(pixels.shape)
        return detect(pixels, minimum)

    monkeypatch.setattr(locator, "_detector", type("Counted", (), {"detect": staticmethod(counted)})())
    assert len(engine.analysis(ArrayFrame(astronaut)).faces) == 1
    assert len(runs) == 1


def test_landmarks_say_whether_a_face_looks_upright() -> None:
    box = np.array([[0, 0, 100, 120]], np.float32)
    face = np.array([[28, 45], [72, 45], [50, 70], [33, 95], [67, 95]], np.float32)
    aside = np.array([[50, 60], [66, 62], [40, 75], [50, 95], [62, 96]], np.float32)
    fallen = np.array([[40, 55], [60, 60], [50, 70], [45, 75], [60, 78]], np.float32)
    standing_on_its_head = np.array([100, 120], np.float32) - face
    views = np.stack([face, aside, fallen, standing_on_its_head])
    assert upright(np.repeat(box, 4, axis=0), views).tolist() == [True, False, False, False]
