"""The image's way to ECR. A program in docker's place writes down what it is asked; nothing is really built here."""

import json
import stat
from pathlib import Path

import pytest

from openrek.deploy.artefacts import Artefact
from openrek.deploy.container import _build_options, _run, find_builder, push_image
from openrek.deploy.wheels import ArtefactError, Target
from tests.deploy.conftest import ACCOUNT, REGION, client, run

REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/openrek"


HELP = "--load --provenance bool --platform stringArray --tag stringArray"


def program(folder: Path, name: str, script: str, options: str = HELP) -> Path:
    """A program on the PATH that knows these options of `build`; the file in which it notes its arguments."""
    notes = folder / f"{name}.notes"
    path = folder / name
    told = f'[ "$2" = --help ] && {{ echo "{options}"; exit 0; }}'
    path.write_text(f'#!/bin/sh\n{told}\necho "$@" >> {notes}\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return notes


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that alone is searched for programs, with a shell in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cat"):
        (folder / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_docker_is_taken_and_podman_in_its_stead(programs: Path) -> None:
    program(programs, "podman", "exit 0")
    assert find_builder() == "podman"
    program(programs, "docker", "exit 0")
    assert find_builder() == "docker"
    program(programs, "docker", "exit 1")
    assert find_builder() == "podman"


def test_what_is_missing_is_told_before_anything_is_built(programs: Path, aws: str) -> None:
    done = run("deploy", "aws", "--recognition", "openrek")
    assert done.exit_code == 1
    assert "neither docker nor podman is installed" in done.output
    assert "--dry-run" in done.output
    program(programs, "docker", "exit 1")
    with pytest.raises(ArtefactError, match="is its service running"):
        find_builder()


def test_a_failing_build_is_told_with_its_own_words(
    programs: Path, aws: str, package_index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(programs, "docker", '[ "$1" = build ] && { echo "no space left on device" >&2; exit 1; }; exit 0')
    done = run("deploy", "aws", "--recognition", "openrek")
    assert done.exit_code == 1
    assert "`docker build` failed" in done.output
    assert "no space left on device" in done.output


def test_the_image_is_built_for_the_function_and_pushed_without_its_password_in_sight(
    programs: Path, aws: str, package_index: None
) -> None:
    notes = program(programs, "docker", f'[ "$1" = login ] && cat > {programs / "password"}; exit 0')
    done = run("deploy", "aws", "--recognition", "openrek")
    assert done.exit_code == 0, done.output
    _, build, login, push = notes.read_text().splitlines()
    assert build.startswith("build --provenance=false --load --platform linux/arm64 --tag ")
    image = build.split()[6]
    assert image.startswith(f"{REPOSITORY}:")
    assert len(image.partition(":")[2]) == 64
    password = (programs / "password").read_text()
    assert password
    assert login.split() == ["login", "--username", "AWS", "--password-stdin", REPOSITORY.partition("/")[0]]
    assert push == f"push {image}"

    functions = client("lambda").list_functions()["Functions"]
    (made,) = [each for each in functions if "authoriser" not in each["FunctionName"]]
    # moto's CloudFormation does not look at the kind of package, so neither can this.
    assert (made["FunctionName"], made["MemorySize"]) == ("openrek-openrek", 3008)
    assert made["Environment"]["Variables"]["OPENREK_RECOGNITION"] == "openrek"
    (kept,) = client("ecr").describe_repositories()["repositories"]
    assert (kept["imageTagMutability"], kept["imageScanningConfiguration"]) == ("IMMUTABLE", {"scanOnPush": True})
    rules = json.loads(client("ecr").get_lifecycle_policy(repositoryName="openrek")["lifecyclePolicyText"])
    assert rules["rules"][0]["selection"]["countNumber"] == 30

    requested = run("destroy", "aws", stdin="n\n")
    assert "the ECR repository 'openrek' with all its images" in " ".join(requested.output.split())
    assert run("destroy", "aws", "--yes").exit_code == 0
    assert client("ecr").describe_repositories()["repositories"] == []


def test_a_docker_that_makes_no_attestations_is_not_told_to_leave_them_out(programs: Path) -> None:
    program(programs, "docker", "exit 0", options="--platform string")
    program(programs, "podman", "exit 0", options="--format string --load")
    assert _build_options("docker") == []
    assert _build_options("podman") == ["--format=docker"]


def test_what_the_builder_says_is_told_as_it_comes(programs: Path) -> None:
    program(programs, "docker", 'echo "step 1"; echo "step 2" >&2; exit 0')
    told: list[str] = []
    _run(["docker", "build"], on_step=told.append)
    assert [line.strip() for line in told] == ["step 1", "step 2"]


def test_an_image_that_is_there_is_neither_built_nor_sent_again(programs: Path, aws: str, tmp_path: Path) -> None:
    ecr = client("ecr")
    artefact = Artefact(tmp_path, "a" * 64, 1)
    tell: list[str] = []
    notes = program(programs, "docker", "exit 0")
    push_image(ecr, "openrek", artefact, Target(), "docker", tell.append)
    notes.unlink()
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {}, "layers": []})
    put = ecr.put_image(repositoryName="openrek", imageManifest=manifest, imageTag=artefact.sha256)
    image = push_image(ecr, "openrek", artefact, Target(), "docker", tell.append)
    assert image == f"{REPOSITORY}@{put['image']['imageId']['imageDigest']}"
    assert not notes.exists()
