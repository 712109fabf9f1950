"""Descriptors of packs to pull: complete, safe, and those that come with openrek true to themselves."""

import re
from pathlib import Path

import pytest

from openrek.model_store import CatalogueModel, read_catalogue, read_entry
from openrek.rekognition.render.taxonomy import label_of
from openrek.vision import load_packs
from openrek.vision.tasks.task import REPLACEABLE, TASKS

TEXT = """
[pack]
name = "mine"
version = "1"
description = "Mine."

[[model]]
name = "finder"
task = "objects"
architecture = "yolox"
file = "finder.onnx"
url = "https://models.example/finder.onnx"
sha256 = ""
bytes = 0
license_code = "MIT"
license_weights = "Apache-2.0"
license_source = "LICENSE"
source = "models.example"
trained_on = "nothing"
labels = ["Red"]
input = { size = [64, 64] }
metrics = []
"""
MODELS = [model for offer in read_catalogue().values() for model in offer.models]
FREE = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause"}


def described(folder: Path, text: str = TEXT) -> Path:
    """A descriptor's file."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_offer_is_what_its_file_says(tmp_path: Path) -> None:
    offer = read_entry(described(tmp_path))
    assert (offer.name, offer.version, offer.tasks, offer.bytes) == ("mine", "1", ("objects",), 0)
    assert offer.licences == ("MIT", "Apache-2.0")
    assert offer.models[0].url == "https://models.example/finder.onnx"


@pytest.mark.parametrize("field", re.findall(r"^(?!url)(\w+) = ", TEXT, re.MULTILINE))
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str) -> None:
    lines = TEXT.splitlines()
    lines.remove(next(line for line in lines if line.startswith(f"{field} = ")))
    with pytest.raises(LookupError, match=rf"mine\.toml lacks the field '{field}'"):
        read_entry(described(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize(
    ("found", "instead", "message"),
    [
        ('file = "finder.onnx"', 'file = "../../finder.onnx"', "must be a plain name"),
        ('file = "finder.onnx"', 'file = "/etc/passwd"', "must be a plain name"),
        ('file = "finder.onnx"', 'file = "pack.toml"', "must be a plain name"),
        ('labels = ["Red"]', 'labels = "../labels.txt"', "must be a plain name"),
        ('name = "mine"', 'name = "../mine"', "cannot have the name"),
        ('name = "mine"', 'name = "default"', "cannot have the name"),
        ("https://", "http://", "only https"),
        ('sha256 = ""', 'sha256 = "abc"', "64 hexadecimal digits, or empty"),
        ("bytes = 0", "bytes = -1", "whole number"),
        ('task = "objects"', 'task = "moderation"', "it must be for one of objects, labels, faces, face_embedding"),
        ('task = "objects"', 'task = "build"', "no model of it is for one of"),
        ("bytes = 0", 'bytes = 0\nmade = "clip_labels"', "must have one of url and made"),
        ('url = "https://models.example/finder.onnx"', 'made = "magic"', "must be one of clip_labels, siglip_labels"),
        ("metrics = []", "metrics = [", "is not TOML"),
        ("[[model]]", "[[models]]", "lacks the field 'model'"),
    ],
)
def test_what_is_not_allowed_is_told(tmp_path: Path, found: str, instead: str, message: str) -> None:
    assert found in TEXT
    with pytest.raises(LookupError, match=message):
        read_entry(described(tmp_path, TEXT.replace(found, instead)))


def test_two_models_of_one_task_are_refused(tmp_path: Path) -> None:
    second = TEXT[TEXT.index("[[model]]") :].replace("finder", "other")
    with pytest.raises(LookupError, match="two models have the task objects"):
        read_entry(described(tmp_path, TEXT + second))


def test_a_descriptor_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"nothing\.toml cannot be read: No such file"):
        read_entry(tmp_path / "nothing.toml")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_all_that_can_be_pulled_may_be_used_for_money(model: CatalogueModel) -> None:
    assert {model.content["license_code"], model.content["license_weights"]} <= FREE
    assert model.content["license_source"]
    assert model.content["trained_on"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_hash_in_the_catalogue_says_where_it_is_from(model: CatalogueModel) -> None:
    assert bool(model.sha256) == bool(model.content.get("hash_source"))
    assert bool(model.sha256) == bool(model.bytes)


@pytest.mark.parametrize("model", [each for each in MODELS if each.task in REPLACEABLE], ids=lambda model: model.name)
def test_the_engine_knows_the_architectures_of_the_catalogue(model: CatalogueModel) -> None:
    assert model.content["architecture"] in TASKS[model.task].architectures
    assert model.file.endswith(".onnx")


def test_the_catalogue_s_names_are_those_of_the_files() -> None:
    offers = read_catalogue()
    assert {path.stem for path in next(iter(offers.values())).folder.glob("*.toml")} == set(offers)


def test_objects_of_the_catalogue_have_the_names_that_the_default_pack_s_have() -> None:
    (default,) = (pack for pack in load_packs() if pack.name == "default")
    names = next(model.labels for model in default.models if model.name == "nanodet")
    folder = next(iter(read_catalogue().values())).folder
    assert tuple((folder / "coco80.txt").read_text(encoding="utf-8").splitlines()) == names
    tags = next(model.labels for model in default.models if model.task == "labels")
    labels = (folder / "clip_labels.txt").read_text(encoding="utf-8").splitlines()
    known = list(dict.fromkeys(map(label_of, tags)))
    assert labels[: len(known)] == known
    assert len(set(labels)) == len(labels)
