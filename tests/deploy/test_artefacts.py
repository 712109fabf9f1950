"""What Lambda is given: small, the same each time, for its machine and not this one's."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from openrek.deploy.artefacts import COMPILE, Artefact, build_image_folder, build_zip
from openrek.deploy.tree import PACKAGES, files_of
from openrek.deploy.wheels import ArtefactError, Target, install_wheels
from tests.deploy.conftest import run

MAX_ZIP_BYTES = 10_000_000
MAX_IMAGE_BYTES = 350_000_000
AARCH64 = 183
"""ELF's number of the machine."""


def silent(_text: str) -> None:
    pass


def machine_of(library: bytes) -> int:
    """e_machine of an ELF file."""
    assert library[:4] == b"\x7fELF"
    return int.from_bytes(library[18:20], "little")


@pytest.fixture(scope="module")
def zipped(package_index: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_zip(tmp_path_factory.mktemp("zip"), Target(), silent).path


def test_the_same_source_is_the_same_zip(zipped: Path, tmp_path: Path) -> None:
    again = build_zip(tmp_path, Target(), silent)
    assert again.path.read_bytes() == zipped.read_bytes()


def test_the_zip_is_small(zipped: Path) -> None:
    assert zipped.stat().st_size <= MAX_ZIP_BYTES


def test_the_zip_has_the_function_and_not_what_only_other_machines_need(zipped: Path) -> None:
    names = zipfile.ZipFile(zipped).namelist()
    assert {"openrek/aws.py", "openrek/function/role.json", "PIL/Image.py"} <= set(names)
    parts = {part for name in names for part in Path(name).parts}
    assert not parts & {"tests", "__pycache__", "boto3", "numpy", "onnxruntime", "cli", "deploy", "static", "bin"}
    assert names == sorted(names)


def test_what_is_compiled_is_for_the_function_s_machine(zipped: Path) -> None:
    with zipfile.ZipFile(zipped) as archive:
        libraries = [name for name in archive.namelist() if ".so" in Path(name).suffixes]
        assert libraries
        assert {machine_of(archive.read(name)) for name in libraries} == {AARCH64}
    assert any("cpython-313-aarch64" in name for name in libraries)


def test_the_licences_come_along(zipped: Path) -> None:
    names = zipfile.ZipFile(zipped).namelist()
    for package in PACKAGES["amazon"]:
        module = package.replace("-", "_")
        assert any(name.lower().startswith(module) and "licen" in name.lower() for name in names), package


@pytest.fixture(scope="module")
def image(package_index: None, tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    return build_image_folder(tmp_path_factory.mktemp("image"), Target(), silent)


def test_the_image_has_the_models_and_keeps_within_its_size(image: Artefact) -> None:
    tree = image.path / "function"
    assert image.unpacked_bytes == sum(path.stat().st_size for path in files_of(tree))
    assert image.unpacked_bytes <= MAX_IMAGE_BYTES
    assert list(tree.glob("openrek_pack_default/*.onnx"))
    lines = (image.path / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        "FROM --platform=$BUILDPLATFORM public.ecr.aws/lambda/python:3.13 AS compiled",
        "COPY function/ /function/",
        f"RUN {COMPILE}",
        "FROM public.ecr.aws/lambda/python:3.13",
        "COPY --from=compiled /function/ ${LAMBDA_TASK_ROOT}/",
        'CMD ["openrek.aws.handler"]',
    ]


def test_the_image_s_files_compile_and_keep_within_the_size_even_so(image: Artefact, tmp_path: Path) -> None:
    """The command of the Dockerfile, with this Python in place of the image's."""
    tree = tmp_path / "function"
    shutil.copytree(image.path / "function", tree)
    command = COMPILE.replace("/function", str(tree)).split()
    done = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert list(tree.glob("openrek/function/__pycache__/handler.*.pyc"))
    assert sum(path.stat().st_size for path in files_of(tree)) <= MAX_IMAGE_BYTES


def test_a_pip_that_finds_nothing_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(ArtefactError, match=r"Python 3\.13 on Linux arm64.*\n.*orjson"):
        install_wheels(["orjson"], tmp_path / "tree", Target())
    done = run("deploy", "aws", "--dry-run", "--output", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert "pip could not fetch" in done.output
    assert "Traceback" not in done.output


def test_a_package_that_is_not_here_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="'no-such-package' is not installed"):
        install_wheels(["no-such-package"], tmp_path, Target())


def test_a_dry_run_writes_template_and_zip_and_asks_aws_nothing(
    zipped: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    done = run("deploy", "aws", "--dry-run", "--output", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"template.yaml", "function.zip"}
    assert (tmp_path / "function.zip").read_bytes() == zipped.read_bytes()
    assert "CodeKey" in yaml.safe_load((tmp_path / "template.yaml").read_text())["Parameters"]
    again = run("deploy", "aws", "--dry-run", "--output", str(tmp_path))
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_a_dry_run_writes_the_same_image_s_folder(
    image: Artefact, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    done = run("deploy", "aws", "--recognition", "openrek", "--dry-run", "--output", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"template.yaml", "image"}
    assert image.sha256 in done.output
    assert "ImageUri" in yaml.safe_load((tmp_path / "template.yaml").read_text())["Parameters"]
