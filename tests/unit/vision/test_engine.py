"""The engine with the default pack: what it finds, and that it always finds the same."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags
from PIL import Image as Pillow
from skimage import data
from tests.conftest import encode
from tests.images import page

from openrek.errors import ImageFormatError
from openrek.vision import ATTRIBUTES, EncodedFrame, Engine, Faces, Frame, load_packs, similarity

QUESTIONS = ("objects", "labels", "properties", "faces", "text", "moderation")
OF_FACES = ("attributes", "embeddings")
SECONDS = 60
"""A test that waits longer has failed."""


@pytest.fixture(scope="module")
def portrait(astronaut: bytes) -> EncodedFrame:
    """One person, one face."""
    return EncodedFrame.open(astronaut)


def ask(engine: Engine, question: str, image: Frame) -> Any:
    """The engine's answer; of all faces, where the question is about faces."""
    if question in OF_FACES:
        faces = engine.analysis(image).faces
        wanted = (ATTRIBUTES,) if question == "attributes" else ()
        return getattr(engine.analysis(image), question)(faces, *wanted)
    return getattr(engine.analysis(image), question)


@pytest.fixture(scope="module")
def message(engine: Engine, portrait: Frame) -> dict[str, Any]:
    """All that the engine can say of the portrait."""
    return {question: ask(engine, question, portrait) for question in (*QUESTIONS, *OF_FACES)}


@pytest.fixture(scope="module")
def face(message: dict[str, Any]) -> Faces:
    """The face of the portrait."""
    found: Faces = message["faces"]
    return found


def bare(answer: Any) -> Any:
    """The answer as values that can be compared, bit by bit."""
    if isinstance(answer, np.ndarray):
        return answer.shape, answer.tobytes()
    if is_dataclass(answer):
        return [bare(getattr(answer, field.name)) for field in fields(answer)]
    if isinstance(answer, dict):
        return {name: bare(value) for name, value in answer.items()}
    if isinstance(answer, tuple):
        return [bare(each) for each in answer]
    return answer


def arrays(answer: Any) -> Iterator[NDArray[Any]]:
    """All arrays of an answer."""
    if isinstance(answer, np.ndarray):
        yield answer
    elif is_dataclass(answer):
        for field in fields(answer):
            yield from arrays(getattr(answer, field.name))
    elif isinstance(answer, tuple):
        for each in answer:
            yield from arrays(each)


def blank(shade: int, size: tuple[int, int] = (480, 640)) -> EncodedFrame:
    """A picture of nothing."""
    return EncodedFrame.open(encode(np.full((*size, 3), shade, np.uint8), "PNG"))


def inside(points: NDArray[np.float32], box: NDArray[np.float32]) -> bool:
    """Whether all (N, 2) points lie in the (4,) box."""
    return bool((points >= box[:2]).all() and (points <= box[2:]).all())


def test_a_cat_is_found_in_the_picture_of_a_cat(engine: Engine, cat: bytes) -> None:
    labels = engine.analysis(EncodedFrame.open(cat)).labels
    assert labels.object_names[0] == "Cat"
    assert labels.objects.confidence[0] > 0.8
    # It fills the picture; nothing else in it is likely.
    box = labels.objects.xyxy[0]
    assert (box[2] - box[0]) * (box[3] - box[1]) > 0.8 * 451 * 300
    assert (labels.objects.confidence[1:] < 0.5).all()
    assert {name for name, _ in labels.shares[:3]} == {"Tiger Cat", "Egyptian Cat", "Tabby"}


def test_a_person_is_found_in_the_portrait(message: dict[str, Any]) -> None:
    labels = message["labels"]
    assert labels.object_names[0] == "Person"
    assert labels.objects.confidence[0] > 0.6


def test_objects_are_those_of_the_labels_named_and_surest_first(engine: Engine, message: dict[str, Any]) -> None:
    objects, labels = message["objects"], message["labels"]
    assert bare(objects) == bare(labels.objects)
    assert [engine.object_names[kind] for kind in objects.class_id] == list(labels.object_names)
    for scores in (objects.confidence, np.array([score for _, score in labels.shares])):
        assert (np.diff(scores) <= 0).all()
        assert ((scores > 0) & (scores <= 1)).all()
    assert (objects.xyxy >= 0).all()
    assert (objects.xyxy <= 512).all()
    assert (objects.xyxy[:, :2] < objects.xyxy[:, 2:]).all()


def test_the_portrait_has_one_face_with_its_features_where_they_belong(face: Faces) -> None:
    assert len(face) == 1
    assert face.confidence[0] > 0.8
    landmarks = face.landmarks[0]
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks
    assert inside(landmarks, face.xyxy[0])
    assert inside(np.array([[190, 95], [255, 150]], np.float32), face.xyxy[0])
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    # She looks into the camera, in good light.
    assert np.abs(face.pose[0]).max() < 15
    assert 40 < face.brightness[0] < 80
    assert face.sharpness[0] > 50


def test_the_eyes_are_where_they_are_in_the_picture(face: Faces) -> None:
    assert face.landmarks[0, :2] == pytest.approx(np.array([[203, 100], [249, 104]]), abs=6)


def test_cats_have_no_faces_and_no_text(engine: Engine, cat: bytes) -> None:
    assert len(engine.analysis(EncodedFrame.open(cat)).faces) == 0
    assert engine.analysis(EncodedFrame.open(cat)).text.lines == ()


def test_neither_portrait_nor_cat_need_moderation(engine: Engine, portrait: Frame, cat: bytes) -> None:
    for picture in (portrait, EncodedFrame.open(cat)):
        judged = engine.analysis(picture).moderation
        assert judged.explicit < 0.1
        assert judged.suggestive < 0.1
        assert judged.illustrated < 0.5


@pytest.mark.parametrize("shade", [0, 255])
def test_a_blank_picture_shows_nothing(engine: Engine, shade: int) -> None:
    picture = blank(shade)
    assert len(engine.analysis(picture).faces) == 0
    assert engine.analysis(picture).text.lines == ()
    labels = engine.analysis(picture).labels
    assert (labels.objects.confidence < 0.2).all()
    assert all(labels.curve.of(share) < 0.1 for _, share in labels.shares)
    judged = engine.analysis(picture).moderation
    assert judged.explicit < 0.1
    assert judged.suggestive < 0.1
    found = engine.analysis(picture).properties
    assert (found.foreground, found.background) == (None, None)
    assert found.whole.brightness == pytest.approx(shade / 2.55)
    assert [(each.red, each.green, each.blue, each.share) for each in found.whole.colours] == [(shade,) * 3 + (1.0,)]


def test_who_has_no_face_has_no_attributes_and_no_embedding(engine: Engine) -> None:
    picture = blank(127)
    nobody = engine.analysis(picture).faces
    assert engine.analysis(picture).attributes(nobody, ATTRIBUTES) == ()
    assert engine.analysis(picture).embeddings(nobody).shape == (0, 128)


def test_a_smiling_woman_is_described_so(message: dict[str, Any], face: Faces) -> None:
    (found,) = message["attributes"]
    assert found.age is not None
    assert 15 < found.age[0] < found.age[1] < 60
    assert found.man is not None
    assert found.man < 0.2
    assert found.emotions is not None
    assert max(found.emotions, key=found.emotions.__getitem__) == "happy"
    assert sum(found.emotions.values()) == pytest.approx(1, abs=1e-3)
    assert found.traits["smile"] > 0.8
    assert found.traits["eyes_open"] > 0.5
    assert max(found.traits[name] for name in ("eyeglasses", "sunglasses", "beard", "mustache")) < 0.5
    assert found.mesh is not None
    assert found.mesh.shape == (468, 2)
    assert inside(found.mesh, face.xyxy[0] + np.array([-20, -20, 20, 20], np.float32))


def test_only_what_is_wanted_is_told(engine: Engine, portrait: Frame, face: Faces) -> None:
    (found,) = engine.analysis(portrait).attributes(face, frozenset({"age"}))
    assert found.age is not None
    assert (found.man, found.emotions, found.mesh, found.eye_direction) == (None, None, None, None)
    assert found.traits == {}
    with pytest.raises(ValueError, match=r"unknown attributes \['wealth'\]"):
        engine.analysis(portrait).attributes(face, frozenset({"wealth"}))


def test_the_same_face_is_alike_itself_and_its_vector_has_length_one(
    engine: Engine, portrait: Frame, message: dict[str, Any]
) -> None:
    (vector,) = message["embeddings"]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    mirrored = EncodedFrame.open(encode(np.asarray(portrait.pixels())[:, ::-1], quality=80))
    (other,) = engine.analysis(mirrored).embeddings(engine.analysis(mirrored).faces)
    assert similarity(vector, other[None])[0] > 0.8


@pytest.mark.parametrize(("text", "recogniser"), [("STOP the parade", "ppocr"), ("Xin chào Việt Nam", "tesseract-vie")])
def test_text_is_read_letter_by_letter_each_word_in_its_place(engine: Engine, text: str, recogniser: str) -> None:
    if recogniser != "ppocr":
        pytest.importorskip("tesserocr")
    (line,) = engine.analysis(EncodedFrame.open(page(text))).text.lines
    assert line.text == text
    assert line.recogniser == recogniser
    assert [word.text for word in line.words] == text.split()
    edges = [(word.polygon[:, 0].min(), word.polygon[:, 0].max()) for word in line.words]
    assert all(left < right for left, right in edges)
    assert all(before[1] < after[0] for before, after in pairwise(edges))
    # The page has its text at (40, 80), 56 pixels high.
    assert line.polygon[0] == pytest.approx([36, 80], abs=16)


def test_coordinates_are_those_of_the_original_whatever_its_size(engine: Engine, face: Faces) -> None:
    large = Pillow.fromarray(data.astronaut()).resize((2048, 2048))  # type: ignore[no-untyped-call]
    found = engine.analysis(EncodedFrame.open(encode(np.asarray(large), quality=85))).faces
    assert len(found) == 1
    assert found.xyxy / 4 == pytest.approx(face.xyxy, abs=8)
    assert found.landmarks / 4 == pytest.approx(face.landmarks, abs=8)


def test_coordinates_are_those_of_the_upright_picture(engine: Engine, face: Faces) -> None:
    tags = Pillow.Exif()
    tags[ExifTags.Base.Orientation] = 6
    lying = np.ascontiguousarray(np.rot90(data.astronaut()))  # type: ignore[no-untyped-call]
    found = engine.analysis(EncodedFrame.open(encode(lying, quality=92, exif=tags))).faces
    assert found.xyxy == pytest.approx(face.xyxy, abs=6)
    assert found.landmarks == pytest.approx(face.landmarks, abs=6)


@pytest.mark.parametrize("question", ["objects", "labels", "faces", "attributes"])
def test_arrays_of_an_answer_cannot_be_written_to(message: dict[str, Any], question: str) -> None:
    found = list(arrays(message[question]))
    assert found
    for array in found:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_polygons_of_text_cannot_be_written_to(engine: Engine) -> None:
    found = list(arrays(engine.analysis(EncodedFrame.open(page("STOP"))).text))
    assert len(found) == 2  # the line's and the word's
    assert [array.flags.writeable for array in found] == [False, False]


@pytest.mark.parametrize("question", QUESTIONS)
def test_records_cannot_be_changed(message: dict[str, Any], question: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(message[question], fields(message[question])[0].name, None)


def test_eight_threads_are_answered_as_one(engine: Engine, astronaut: bytes, message: dict[str, Any]) -> None:
    portrait = EncodedFrame.open(astronaut)  # not decoded yet: threads meet at that, too
    start = threading.Barrier(8)
    questions = tuple(message)

    def answers(place: int) -> dict[str, Any]:
        start.wait(SECONDS)
        requested = [questions[(place + turn) % len(questions)] for turn in (0, 3)]
        return {question: bare(ask(engine, question, portrait)) for question in requested}

    one_by_one = {question: bare(answer) for question, answer in message.items()}
    with ThreadPoolExecutor(8) as executor:
        at_once = list(executor.map(answers, range(8)))
    for found in at_once:
        for question, answer in found.items():
            assert answer == one_by_one[question], question


def test_damaged_pictures_are_refused_and_do_no_harm(engine: Engine, cat: bytes) -> None:
    for _ in range(3):
        for question in QUESTIONS:
            with pytest.raises(ImageFormatError, match="cut off or damaged"):
                getattr(engine.analysis(EncodedFrame.open(cat[: len(cat) // 2])), question)
    assert engine.object_names[engine.analysis(EncodedFrame.open(cat)).objects.class_id[0]] == "Cat"


def test_the_version_and_the_models_are_those_of_the_packs(engine: Engine) -> None:
    packs = load_packs()
    assert engine.version == "-".join(f"{pack.name}-{pack.version}" for pack in packs)
    assert {model.name for model in engine.models} == {model.name for pack in packs for model in pack.models}
    assert engine.face_model


def test_properties_are_the_same_whether_the_objects_are_known_or_not(engine: Engine, cat: bytes) -> None:
    known = engine.analysis(EncodedFrame.open(cat))
    assert len(known.labels.objects)
    assert known.properties == engine.analysis(EncodedFrame.open(cat)).properties


@pytest.mark.parametrize(("yaw", "seen"), [(0, True), (55, True), (65, False), (-80, False)])
def test_glasses_of_faces_in_profile_have_a_low_confidence(
    engine: Engine, portrait: Frame, face: Faces, yaw: float, seen: bool
) -> None:
    """Programs expect every attribute of every face; of what is hardly seen the confidence is near one half."""
    turned = replace(face, pose=np.array([[0, yaw, 0]], np.float32))
    (found,) = engine.analysis(portrait).attributes(turned, frozenset({"eyeglasses", "sunglasses", "beard"}))
    assert set(found.traits) == {"eyeglasses", "sunglasses", "beard"}
    for name in ("eyeglasses", "sunglasses"):
        assert (abs(found.traits[name] - 0.5) > 0.2) is seen, found.traits
