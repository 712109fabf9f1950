"""The table of tasks: it covers the default pack, and tries a model as its task does."""

from dataclasses import replace

import pytest

from openrek.vision import ModelDescriptor, load_packs
from openrek.vision.runtime.smoke_test import smoke_test
from openrek.vision.tasks.task import REPLACEABLE, TASKS, check_choice

DEFAULT = next(pack for pack in load_packs() if pack.name == "default")
MODELS = {model.name: model for model in DEFAULT.models}
ONNX = [model for model in DEFAULT.models if model.file.suffix == ".onnx"]


@pytest.mark.parametrize("model", ONNX, ids=lambda model: model.name)
def test_every_model_of_the_default_pack_passes_the_smoke_test_of_its_task(model: ModelDescriptor) -> None:
    if model.architecture == "blazeface":  # helps CenterFace, and has too few landmarks to take its place
        with pytest.raises(LookupError, match="for faces there are centerface, yunet"):
            smoke_test(model, MODELS)
        return
    smoke_test(model, MODELS)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_goes_by_its_name(task: str) -> None:
    assert TASKS[task].name == task
    assert TASKS[task].architectures


def test_the_tasks_that_another_pack_can_take_over() -> None:
    assert set(REPLACEABLE) == {"objects", "labels", "faces", "face_embedding", "text_recognition"}


@pytest.mark.parametrize(
    ("name", "disguise", "reason"),
    [
        ("iris", {"task": "objects", "architecture": "nanodet"}, "iris does not work as nanodet"),
        ("nanodet", {"architecture": "yolov9"}, "the architecture yolov9; for objects there are"),
        ("efficientnet_lite0", {"labels": ("one", "two")}, "returns scores of 1000 labels and has names for 2"),
        ("gender", {"task": "painting"}, "gender does not work"),
    ],
)
def test_a_model_that_is_not_what_its_descriptor_says_fails_it(
    name: str, disguise: dict[str, object], reason: str
) -> None:
    with pytest.raises(LookupError, match=reason):
        smoke_test(replace(MODELS[name], **disguise), MODELS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "name", "reason"),
    [
        ("moderation", "open_nsfw", "no model can be chosen for moderation; it can for objects"),
        ("objects", "nothing", "nothing is chosen for objects, and no pack has it"),
        ("objects", "centerface", "centerface is chosen for objects, and it is for faces"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(task: str, name: str, reason: str) -> None:
    with pytest.raises(LookupError, match=reason):
        check_choice(task, MODELS.get(name), name)
