"""Building the image and pushing it to ECR, with docker or podman."""

import base64
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from openrek.deploy.artefacts import Artefact, Tell
from openrek.deploy.wheels import ArtefactError, Target

_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}
# Lambda takes one image, not an index with attestations: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
_BUILD_OPTIONS = {"docker": ["--provenance=false"], "podman": ["--format=docker"]}
_KEPT_IMAGES = 3
_TOLD_LINES = 5
_LIFECYCLE = (
    '{"rules":[{"rulePriority":1,"description":"the newest, to go back to","selection":{"tagStatus":"any",'
    f'"countType":"imageCountMoreThan","countNumber":{_KEPT_IMAGES}' + '},"action":{"type":"expire"}}]}'
)


def find_builder() -> str:
    """`docker` or `podman`, whichever is here and answers.

    Raises:
        ArtefactError: neither does; the message says what is missing.
    """
    silent = []
    for name in _BUILD_OPTIONS:
        if shutil.which(name) is None:
            continue
        if subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:  # noqa: S603
            return name
        silent.append(name)
    if silent:
        raise ArtefactError(f"{silent[0]} is installed, but `{silent[0]} info` fails: is its service running?")
    raise ArtefactError(
        "the flavour openrek is a container image, and neither docker nor podman is installed here. Install one, or "
        "write the image's folder with --dry-run and build it elsewhere"
    )


def push_image(ecr: Any, repository: str, artefact: Artefact, target: Target, builder: str, tell: Tell) -> str:
    """Builds the image, unless ECR has it already, and pushes it; its name by digest.

    Args:
        ecr: boto3's client.
        repository: Made where it is missing.

    Raises:
        ArtefactError: the builder failed; the message is its own.
    """
    place = _repository(ecr, repository)
    tag = artefact.sha256
    if (digest := _digest(ecr, repository, tag)) is None:
        image = f"{place}:{tag}"
        tell(f"Building the image with {builder}")
        options = [*_BUILD_OPTIONS[builder], "--platform", _PLATFORMS[target.architecture], "--tag", image]
        _run([builder, "build", *options, str(artefact.path)])
        tell("Pushing the image")
        login = ecr.get_authorization_token()["authorizationData"][0]
        user, _, password = base64.b64decode(login["authorizationToken"]).decode().partition(":")
        registry = place.partition("/")[0]
        _run([builder, "login", "--username", user, "--password-stdin", registry], password)
        _run([builder, "push", image])
        digest = _digest(ecr, repository, tag)
    return f"{place}@{digest}" if digest else f"{place}:{tag}"


def delete_repository(ecr: Any, repository: str) -> bool:
    """Removes the repository with its images; whether there was one."""
    try:
        ecr.delete_repository(repositoryName=repository, force=True)
    except ecr.exceptions.RepositoryNotFoundException:
        return False
    return True


def _repository(ecr: Any, name: str) -> str:
    try:
        place: str = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryUri"]
    except ecr.exceptions.RepositoryNotFoundException:
        made = ecr.create_repository(
            repositoryName=name,
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfiguration={"encryptionType": "AES256"},
        )
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=_LIFECYCLE)
        place = made["repository"]["repositoryUri"]
    return place


def _digest(ecr: Any, repository: str, tag: str) -> str | None:
    found = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]
    return str(found[0]["imageId"]["imageDigest"]) if found else None


def _run(command: Sequence[str], stdin: str | None = None) -> None:
    ran = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        said = "\n".join((ran.stderr or ran.stdout).strip().splitlines()[-_TOLD_LINES:])
        raise ArtefactError(f"`{command[0]} {command[1]}` failed:\n{said}")
