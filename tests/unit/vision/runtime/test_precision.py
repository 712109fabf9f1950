"""Models in 8 bits or in floats: by the CPU, or as set."""

from dataclasses import replace
from pathlib import Path

import pytest
from skimage import data

from openrek.vision import ArrayFrame, Engine, ModelPack, RuntimeOptions, load_packs
from openrek.vision.pack import QuantizedFile
from openrek.vision.runtime import options
from openrek.vision.runtime.session_cache import SessionCache

PACKS = load_packs()
QUANTIZED = {model.name: model for pack in PACKS for model in pack.models if model.int8 is not None}


@pytest.mark.parametrize(("able", "suffix"), [(True, "_int8.onnx"), (False, ".onnx")], ids=["able", "unable"])
def test_by_default_the_cpu_decides(monkeypatch: pytest.MonkeyPatch, able: bool, suffix: str) -> None:
    monkeypatch.setattr(options, "multiplies_bytes", lambda: able)
    cache = SessionCache(PACKS)
    assert QUANTIZED
    for name in QUANTIZED:
        assert cache.models[name].file.name == f"{name}{suffix}"
        assert cache.models[name].is_int8 is able


@pytest.mark.parametrize("able", [True, False])
def test_a_setting_wins_over_the_cpu(monkeypatch: pytest.MonkeyPatch, able: bool) -> None:
    monkeypatch.setattr(options, "multiplies_bytes", lambda: able)
    assert RuntimeOptions(precision="int8").int8
    assert not RuntimeOptions(precision="float").int8


def test_another_execution_provider_than_the_cpu_gets_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    names = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: names)
    monkeypatch.setattr(options, "multiplies_bytes", lambda: True)
    assert not RuntimeOptions(provider="cuda").int8
    assert RuntimeOptions(provider="cuda", precision="int8").int8
    assert RuntimeOptions().int8


def test_an_unknown_precision_is_an_error() -> None:
    with pytest.raises(ValueError, match="precision is 'fast'; it must be one of auto, float, int8"):
        RuntimeOptions(precision="fast")


def test_a_model_without_a_file_in_8_bits_runs_in_floats() -> None:
    cache = SessionCache(PACKS, RuntimeOptions(precision="int8"))
    others = [model for pack in PACKS for model in pack.models if model.int8 is None]
    assert others
    assert all(cache.models[model.name] is model for model in others)


def test_only_the_files_that_run_are_verified(tmp_path: Path) -> None:
    model = QUANTIZED["nanodet"]
    missing = QuantizedFile(tmp_path / "nanodet_int8.onnx", "0" * 64, 1, "", ())
    pack = ModelPack("p", "1", "", (replace(model, int8=missing),))
    SessionCache([pack], RuntimeOptions(precision="float")).verify()
    with pytest.raises(LookupError, match=r"_int8\.onnx is missing"):
        SessionCache([pack], RuntimeOptions(precision="int8")).verify()


@pytest.mark.parametrize("name", sorted(QUANTIZED))
def test_files_in_8_bits_are_those_described_with_their_figures(name: str) -> None:
    model = QUANTIZED[name]
    file = model.in_int8
    assert file.verify().stat().st_size == file.bytes < model.bytes
    assert model.int8 is not None
    assert model.int8.calibration
    assert {metric.name for metric in file.metrics} == {metric.name for metric in model.metrics}
    for metric in model.metrics:
        (same,) = (each for each in file.metrics if each.name == metric.name and each.data_set == metric.data_set)
        assert same.value >= metric.value - 0.01


def test_both_see_the_same_in_a_photograph() -> None:
    pixels = data.astronaut()  # type: ignore[no-untyped-call]
    seen = {}
    for precision in ("float", "int8"):
        with Engine(PACKS, RuntimeOptions(2, precision=precision)) as engine:
            analysis = engine.analysis(ArrayFrame(pixels))
            seen[precision] = analysis.labels, analysis.faces
    (labels, faces), (labels8, faces8) = seen["float"], seen["int8"]
    assert labels8.object_names[0] == labels.object_names[0] == "Person"
    assert labels8.objects.confidence[0] == pytest.approx(labels.objects.confidence[0], abs=0.05)
    assert labels8.objects.xyxy[0] == pytest.approx(labels.objects.xyxy[0], abs=16)
    assert len(faces8) == len(faces) == 1
    assert faces8.xyxy == pytest.approx(faces.xyxy, abs=6)
    assert faces8.landmarks == pytest.approx(faces.landmarks, abs=4)
    assert labels8.shares == labels.shares
