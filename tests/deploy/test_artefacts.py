"""What Lambda is given: small, the same each time, for its machine and not this one's."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from openrek.deploy.artefacts import COMPILE, Artefact, build_image_folder, build_zip
from openrek.deploy.deployment import console_files
from openrek.deploy.tree import PACKAGES, files_of
from openrek.deploy.wheels import ArtefactError, Target, install_wheels
from tests.deploy.conftest import linted, run

MAX_ZIP_BYTES = 10_000_000
MAX_IMAGE_BYTES = 420_000_000
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


@pytest.fixture(scope="module", params=["arm64", "x86_64"])
def image(package_index: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    """Of either processor, built by somebody whose files others may not read."""
    folder = tmp_path_factory.mktemp("image")
    before = os.umask(0o077)
    try:
        return build_image_folder(folder, Target(request.param), silent)
    finally:
        os.umask(before)


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


def test_lambda_may_read_the_image_s_files_whoever_built_them(image: Artefact) -> None:
    paths = [image.path / "function", *(image.path / "function").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o755}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o755, 0o644}


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


def dry_run(folder: Path, *arguments: str, stdin: str | None = None) -> dict[str, str]:
    """Deploys into the folder, with an AWS that nobody can ask; the parameters."""
    done = run("deploy", "aws", "--dry-run", "--output", str(folder), *arguments, stdin=stdin)
    assert done.exit_code == 0, done.output
    listed = json.loads((folder / "parameters.json").read_text())
    return {each["ParameterKey"]: each["ParameterValue"] for each in listed}


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.mark.usefixtures("nobody")
def test_a_dry_run_writes_all_that_a_deployment_needs(zipped: Path, tmp_path: Path) -> None:
    values = dry_run(tmp_path)
    names = {"template.yaml", "parameters.json", "function.zip", "web", "README.md"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert (tmp_path / "function.zip").read_bytes() == zipped.read_bytes()
    assert values["CodeKey"] == hashlib.sha256(zipped.read_bytes()).hexdigest() + ".zip"
    assert {name for name, value in values.items() if value == ""} == {
        "CodeBucket",
        "TokenSha256",
        "CorsOrigins",
        "AlarmTopicArn",
    }
    steps = (tmp_path / "README.md").read_text()
    assert f"aws s3 cp function.zip s3://CODE_BUCKET/{values['CodeKey']}" in steps
    assert "--parameter-overrides CodeBucket=… TokenSha256=…" in steps
    found = {path.relative_to(tmp_path / "web").as_posix() for path in (tmp_path / "web").rglob("*") if path.is_file()}
    assert found == set(console_files())
    again = run("deploy", "aws", "--dry-run", "--output", str(tmp_path))
    assert again.exit_code == 1
    assert "is there already" in again.output


@pytest.mark.usefixtures("nobody")
def test_a_dry_run_writes_what_was_chosen(zipped: Path, tmp_path: Path) -> None:
    options = ("--memory", "2048", "--log-days", "7", "--cors-origin", "https://a.example", "--key-file", "-")
    values = dry_run(tmp_path, *options, stdin="a key that is long enough\n")
    assert (values["MemorySize"], values["LogRetentionDays"], values["CorsOrigins"]) == (
        "2048",
        "7",
        "https://a.example",
    )
    assert values["TokenSha256"] == hashlib.sha256(b"a key that is long enough").hexdigest()
    template = yaml.safe_load((tmp_path / "template.yaml").read_text())
    assert template["Parameters"]["MemorySize"]["Default"] == 2048
    assert "Default" not in template["Parameters"]["TokenSha256"]
    assert linted((tmp_path / "template.yaml").read_text()) == []


@pytest.mark.usefixtures("nobody")
def test_a_dry_run_makes_a_key_when_told_and_takes_tokens(zipped: Path, tmp_path: Path) -> None:
    done = run("deploy", "aws", "--dry-run", "--output", str(tmp_path / "key"), "--new-key")
    key = next(line.removeprefix("Key: ") for line in done.stdout.splitlines() if line.startswith("Key: "))
    text = (tmp_path / "key" / "parameters.json").read_text()
    assert hashlib.sha256(key.encode()).hexdigest() in text
    assert key not in text
    values = dry_run(tmp_path / "jwt", "--jwt-issuer", "https://a.example", "--jwt-audience", "b")
    assert (values["JwtIssuer"], values["JwtAudience"]) == ("https://a.example", "b")
    assert "TokenSha256" not in values


@pytest.mark.usefixtures("nobody", "package_index")
def test_a_dry_run_writes_the_same_image_s_folder(tmp_path: Path) -> None:
    values = dry_run(tmp_path / "out", "--recognition", "openrek", "--architecture", "x86_64")
    names = {"template.yaml", "parameters.json", "image", "web", "README.md"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert (values["Recognition"], values["Architecture"], values["ImageUri"]) == ("openrek", "x86_64", "")
    again = build_image_folder(tmp_path / "again", Target("x86_64"), silent)
    steps = (tmp_path / "out" / "README.md").read_text()
    assert f"--platform linux/amd64 --tag REPOSITORY:{again.sha256[:12]} image/" in steps
