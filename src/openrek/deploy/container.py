"""Building the image and pushing it to ECR, with docker or podman."""

import base64
import contextlib
import shutil
import subprocess
from collections import deque
from collections.abc import Sequence
from typing import Any

from openrek.deploy.artefacts import Artefact, StepCallback
from openrek.deploy.stack import TAG
from openrek.deploy.wheels import ArtefactError, Target

_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}
# Lambda takes one image, not an index with attestations: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
_BUILD_OPTIONS = {"docker": ["--provenance=false", "--load"], "podman": ["--format=docker"]}
# One that is in use while newer ones fail to be deployed must not go.
_KEPT_IMAGES = 30
_OUTPUT_LINES = 5
_LIFECYCLE = (
    '{"rules":[{"rulePriority":1,"description":"the newest, to go back to","selection":{"tagStatus":"any",'
    f'"countType":"imageCountMoreThan","countNumber":{_KEPT_IMAGES}' + '},"action":{"type":"expire"}}]}'
)


def find_builder() -> str:
    """`docker` or `podman`, whichever is here and answers.

    Raises:
        ArtefactError: neither works; the message names what is missing.
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


def push_image(
    ecr: Any, repository: str, artefact: Artefact, target: Target, builder: str, on_step: StepCallback
) -> str:
    """Builds the image, unless ECR has it already, and pushes it; its name by digest.

    Args:
        ecr: boto3's client.
        repository: Made where it is missing.

    Raises:
        ArtefactError: the builder failed; the message is its own.
    """
    location = _repository(ecr, repository)
    tag = artefact.sha256
    if (digest := _digest(ecr, repository, tag)) is None:
        image = f"{location}:{tag}"
        on_step(f"Building the image with {builder}")
        options = ["--platform", _PLATFORMS[target.architecture], "--tag", image]
        _run([builder, "build", *_build_options(builder), *options, str(artefact.path)], on_step=on_step)
        on_step("Pushing the image")
        login = ecr.get_authorization_token()["authorizationData"][0]
        user, _, password = base64.b64decode(login["authorizationToken"]).decode().partition(":")
        registry = location.partition("/")[0]
        _run([builder, "login", "--username", user, "--password-stdin", registry], password)
        _run([builder, "push", image], on_step=on_step)
        digest = _digest(ecr, repository, tag)
    return f"{location}@{digest}" if digest else f"{location}:{tag}"


def has_repository(ecr: Any, repository: str, *, must_look: bool) -> bool:
    """Whether there is a repository of this name that we made.

    Args:
        ecr: boto3's client.
        repository: Its name.
        must_look: Whether a missing permission is an error. Who only uses flavour amazon needs none for ECR.
    """
    try:
        found = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]
        return TAG in ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    except ecr.exceptions.RepositoryNotFoundException:
        return False
    except ecr.exceptions.ClientError as error:
        if must_look or error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False


def delete_repository(ecr: Any, repository: str) -> None:
    """Removes the repository with its images."""
    ecr.delete_repository(repositoryName=repository, force=True)


def _repository(ecr: Any, name: str) -> str:
    try:
        found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
        location: str = found["repositoryUri"]
        if TAG not in ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]:
            raise PermissionError(
                f"there is an ECR repository {name!r} that `openrek deploy` did not make; choose another name with "
                "--stack"
            )
    except ecr.exceptions.RepositoryNotFoundException:
        made = ecr.create_repository(
            repositoryName=name,
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfiguration={"encryptionType": "AES256"},
            tags=[TAG],
        )
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=_LIFECYCLE)
        location = made["repository"]["repositoryUri"]
    return location


def _digest(ecr: Any, repository: str, tag: str) -> str | None:
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
    except ecr.exceptions.ImageNotFoundException:
        return None
    return str(found[0]["imageDigest"]) if found else None


def _build_options(builder: str) -> list[str]:
    """Those that this builder knows: docker without buildx makes no attestations, nor does it know the word."""
    known = subprocess.run([builder, "build", "--help"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return [option for option in _BUILD_OPTIONS[builder] if option.partition("=")[0] in known]


def _run(command: Sequence[str], stdin: str | None = None, on_step: StepCallback | None = None) -> None:
    """Runs the builder and reports its lines as they arrive.

    Raises:
        ArtefactError: it failed; the message has its last lines.
    """
    last: deque[str] = deque(maxlen=_OUTPUT_LINES)
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(stdin or "")
            process.stdin.close()
        for line in process.stdout:
            if line := line.strip():
                last.append(line)
                if on_step is not None:
                    on_step(f"  {line}")
    if process.returncode:
        raise ArtefactError(f"`{command[0]} {command[1]}` failed:\n" + "\n".join(last))
