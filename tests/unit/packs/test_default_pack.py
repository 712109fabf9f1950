"""The default pack is whole, described, and what it says it is."""

from dataclasses import fields
from pathlib import Path

import onnxruntime
import pytest

from openrek.vision import ModelDescriptor, load_packs
from openrek.vision.pack import read_pack

MODELS = [model for pack in load_packs() if pack.name == "default" for model in pack.models]
MAX_BYTES = 110 * 1024 * 1024
OPTIONAL = {"labels", "int8", "is_int8"}
COMMERCIAL = {"Apache-2.0", "BSD-2-Clause", "CC0-1.0", "MIT"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_field_is_filled(model: ModelDescriptor) -> None:
    empty = [field.name for field in fields(model) if not getattr(model, field.name) and field.name not in OPTIONAL]
    assert empty == []
    assert {"layout", "size", "colour", "mean", "std", "resize"} <= set(model.input)
    assert all(metric.data_set and metric.size and metric.command for metric in model.metrics)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_licences_allow_commercial_use(model: ModelDescriptor) -> None:
    assert {model.license_code, model.license_weights} <= COMMERCIAL


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_file_is_the_one_described(model: ModelDescriptor) -> None:
    assert model.verify().stat().st_size == model.bytes


@pytest.mark.parametrize("model", [model for model in MODELS if model.file.suffix == ".onnx"], ids=lambda m: m.name)
def test_the_model_loads_with_one_input(model: ModelDescriptor) -> None:
    session = onnxruntime.InferenceSession(str(model.file), providers=["CPUExecutionProvider"])
    assert len(session.get_inputs()) == 1


def test_the_pack_stays_small() -> None:
    in_8_bits = (model.int8.bytes for model in MODELS if model.int8 is not None)
    assert sum(model.bytes for model in MODELS) + sum(in_8_bits) <= MAX_BYTES


def test_class_names_are_complete_and_distinct() -> None:
    by_name = {model.name: model for model in MODELS}
    assert len(by_name["nanodet"].labels) == len(set(by_name["nanodet"].labels)) == 80
    assert len(by_name["efficientnet_lite0"].labels) == len(set(by_name["efficientnet_lite0"].labels)) == 1000


def test_a_changed_file_is_not_loaded(tmp_path: Path) -> None:
    model = MODELS[0]
    (tmp_path / model.file.name).write_bytes(b"other")
    changed = ModelDescriptor(
        **{field.name: getattr(model, field.name) for field in fields(model)} | {"file": tmp_path / model.file.name}
    )
    with pytest.raises(LookupError, match="damaged"):
        changed.verify()


def test_a_folder_without_a_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no model pack"):
        read_pack(tmp_path)
