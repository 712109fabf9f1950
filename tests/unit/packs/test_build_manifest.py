"""What people write of the pack, what the pack says, and what its models are agree."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import onnxruntime
import pytest

import openrek_pack_default
from openrek_pack_build import labels
from openrek_pack_build.fetch import AnalysisStore, fetch, read_member
from openrek_pack_build.manifest import pack_toml, read_plan
from openrek_pack_build.recipes import RECIPES

BUILD = Path(__file__).parents[3] / "packs" / "default" / "build"
PLAN = read_plan(BUILD / "models.toml")
PACK = openrek_pack_default.path()


def test_pack_toml_is_what_models_toml_gives() -> None:
    assert (PACK / "pack.toml").read_text(encoding="utf-8") == pack_toml(PLAN, PACK)


def test_every_file_of_the_pack_has_a_recipe() -> None:
    files = {path.name for path in PACK.iterdir() if path.suffix in {".npz", ".onnx", ".txt", ".traineddata"}}
    assert files == set(RECIPES)


def test_every_archive_is_pinned_and_used() -> None:
    assert all(len(archive.sha256) == 64 for archive in PLAN.archives.values())
    # Class names come from an archive that holds no model of the pack.
    assert {model["archive"] for model in PLAN.models if "source" not in model} | {"mobilenet"} == set(PLAN.archives)


@pytest.mark.parametrize(
    "model", [model for model in PLAN.models if model["file"].endswith(".onnx")], ids=lambda model: model["name"]
)
def test_the_model_has_the_tensors_that_are_declared(model: dict[str, dict[str, str]]) -> None:
    session = onnxruntime.InferenceSession(PACK / str(model["file"]), providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == [model["input"]["name"]]
    assert [value.name for value in session.get_outputs()] == list(model["outputs"])


def test_an_archive_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"other")
    right = hashlib.sha256(b"other").hexdigest()
    archive = AnalysisStore("a", "npm", "a", "1.0.0", "a.tgz", right)
    assert fetch(archive, tmp_path) == tmp_path / "a.tgz"
    with pytest.raises(ValueError, match="is not the pinned archive"):
        fetch(AnalysisStore("a", "npm", "a", "1.0.0", "a.tgz", "0" * 64), tmp_path)


def tarball(compression: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{compression}") as writer:  # type: ignore[call-overload]
        entry = tarfile.TarInfo("./folder/file")
        entry.size = 4
        writer.addfile(entry, io.BytesIO(b"data"))
    return buffer.getvalue()


def member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)


def test_members_are_read_from_each_kind_of_archive(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(tarball("gz"))
    members = [("debian-binary", b"2.0"), ("control.tar.xz", b""), ("data.tar.xz", tarball("xz"))]
    (tmp_path / "a.deb").write_bytes(b"!<arch>\n" + b"".join(member(*each) for each in members))
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("./folder/file", b"data")
    assert [read_member(tmp_path / name, "./folder/file") for name in ("a.tgz", "a.deb", "a.whl")] == [b"data"] * 3
    (tmp_path / "b.deb").write_bytes(b"other")
    with pytest.raises(ValueError, match="no Debian package"):
        read_member(tmp_path / "b.deb", "./folder/file")


def test_display_names_begin_with_capitals() -> None:
    names = ["fire hydrant", "TV", "jack-in-the-box", "Lakeland terrier", "bird of paradise"]
    assert [labels.display_name(name) for name in names] == [
        "Fire Hydrant",
        "TV",
        "Jack-in-the-box",
        "Lakeland Terrier",
        "Bird of Paradise",
    ]
