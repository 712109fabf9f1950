"""Model packs other than the default one: found where installed, refused in plain words where incomplete."""

import sys
from pathlib import Path

import pytest

from openrek.vision import Engine, RuntimeOptions, load_packs
from openrek.vision.pack import read_pack

MODEL = """
[pack]
name = "mine"
version = "2.1"
description = "A pack for tests."

[[model]]
name = "finder"
task = "objects"
architecture = "nanodet"
file = "finder.onnx"
sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
bytes = 5
license_code = "MIT"
license_weights = "MIT"
license_source = "LICENSE"
source = "made here"
trained_on = "nothing"
labels = ["cat", "dog"]
input = { layout = "NCHW", size = [1, 1] }
metrics = [{ name = "mAP", value = 0.5, data_set = "none", size = 10, command = "make" }]
"""


def pack(folder: Path, content: str = MODEL) -> Path:
    """A pack of one model whose file says "hello"."""
    (folder / "pack.toml").write_text(content, encoding="utf-8")
    (folder / "finder.onnx").write_bytes(b"hello")
    return folder


def test_a_pack_is_what_its_folder_says(tmp_path: Path) -> None:
    mine = read_pack(pack(tmp_path))
    assert (mine.name, mine.version, mine.description) == ("mine", "2.1", "A pack for tests.")
    (model,) = mine.models
    assert model.labels == ("cat", "dog")
    assert model.input["size"] == [1, 1]
    assert (model.metrics[0].name, model.metrics[0].value, model.metrics[0].size) == ("mAP", 0.5, 10)
    assert model.verify() == tmp_path / "finder.onnx"


def test_how_a_model_is_fed_cannot_be_changed(tmp_path: Path) -> None:
    (model,) = read_pack(pack(tmp_path)).models
    with pytest.raises(TypeError):
        model.input["layout"] = "NHWC"  # type: ignore[index]


@pytest.mark.parametrize("end", ["", "\n"], ids=["no last line's end", "a last line's end"])
def test_labels_can_stand_in_a_file_a_line_each(tmp_path: Path, end: str) -> None:
    (tmp_path / "labels.txt").write_text(f"cat\n\ncon mèo{end}", encoding="utf-8")
    (model,) = read_pack(pack(tmp_path, MODEL.replace('["cat", "dog"]', '"labels.txt"'))).models
    # An empty line is a class without a name: it keeps the places of those after it.
    assert model.labels == ("cat", "", "con mèo")


@pytest.mark.parametrize(
    "field",
    [line.split(" = ")[0] for line in MODEL.splitlines() if " = " in line],
)
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str) -> None:
    lines = [line for line in MODEL.splitlines() if not line.startswith(f"{field} = ") or field == "name"]
    if field == "name":
        lines.remove('name = "finder"')
    with pytest.raises(LookupError, match=rf"pack\.toml lacks the field '{field}'"):
        read_pack(pack(tmp_path, "\n".join(lines)))


def test_a_model_s_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (model,) = read_pack(pack(tmp_path)).models
    model.file.unlink()
    with pytest.raises(LookupError, match=r"finder is not there: .*finder\.onnx is missing"):
        model.verify()


def install(folder: Path) -> None:
    """A distribution in the folder that offers its pack, as pip would leave it."""
    (folder / "mypack").mkdir()
    (folder / "mypack" / "mypack.py").write_text(
        f"from pathlib import Path\ndef path():\n    return Path({str(pack(folder / 'mypack'))!r})\n"
    )
    (folder / "mypack.py").write_text((folder / "mypack" / "mypack.py").read_text())
    metadata = folder / "mypack-2.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mypack\nVersion: 2.1\n")
    (metadata / "entry_points.txt").write_text("[openrek.model_packs]\nmine = mypack:path\n")


def test_an_installed_pack_is_found_beside_the_default_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "mypack", raising=False)
    assert [each.name for each in load_packs()] == ["default", "mine"]


def test_without_a_pack_the_command_that_installs_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(LookupError, match=r"pip install \./packs/default"):
        load_packs()


def test_an_engine_without_its_models_names_the_one_it_lacks() -> None:
    with pytest.raises(LookupError, match="no installed pack has the model nanodet"):
        Engine([], RuntimeOptions(1))


def test_an_engine_does_not_start_with_a_damaged_model(tmp_path: Path) -> None:
    mine = read_pack(pack(tmp_path))
    (tmp_path / "finder.onnx").write_bytes(b"HELLO")
    with pytest.raises(LookupError, match="finder is damaged"):
        Engine([mine], RuntimeOptions(1))
