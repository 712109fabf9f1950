"""The whole on AWS: artefact, stack, console files, in this order; and away again."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson

from openrek.console import STATIC
from openrek.deploy.artefacts import Artefact, Tell, build_image_folder, build_zip
from openrek.deploy.buckets import OwnBucket
from openrek.deploy.container import delete_repository, find_builder, push_image
from openrek.deploy.stack import Stack, Told
from openrek.deploy.template import Authentication, Recognition, Template, build_template, template_yaml
from openrek.deploy.wheels import Architecture, Target
from openrek.gateway.openapi import openapi_document

DEFAULT_STACK = "openrek"
# The beginning is what function/role.json lets the function write logs to and hand to Rekognition. The bucket's name,
# the stack's with account and region behind it, may have 63 characters.
_STACK_NAME = re.compile(r"openrek(-?[a-z0-9])*")
_MAX_STACK_NAME = 24
_MIN_KEY_LENGTH = 20
# Parameters that belong to a flavour: changing it, one begins anew with its default.
_OF_FLAVOUR = ("Recognition", "MemorySize")


@dataclass(frozen=True, slots=True)
class Choices:
    """What to deploy. What is None stays as it is in the stack, or is the template's default in a new one."""

    recognition: Recognition | None = None
    architecture: Architecture | None = None
    key: str | None = None
    """The callers' key."""
    new_key: bool = False
    """Make a key, whatever the stack has."""
    jwt_issuer: str | None = None
    jwt_audiences: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of the template, by name."""

    def __post_init__(self) -> None:
        if bool(self.jwt_issuer) != bool(self.jwt_audiences):
            raise ValueError("tokens of an identity provider need both an issuer and an audience")
        if self.jwt_issuer and (self.key or self.new_key):
            raise ValueError("callers prove who they are with a key or with an identity provider's tokens, not both")
        if self.key is not None and len(self.key) < _MIN_KEY_LENGTH:
            raise ValueError(f"the key has {len(self.key)} characters; it must have at least {_MIN_KEY_LENGTH}")


@dataclass(frozen=True, slots=True)
class Deployed:
    """What there is now."""

    outputs: Mapping[str, str]
    changed: bool
    """Whether anything of the stack was."""
    key: str | None
    """The callers' key, if one was made now. It is kept nowhere."""
    artefact: Artefact


def check_stack_name(name: str) -> str:
    """The name, if all of the stack's own names can be made of it.

    Raises:
        ValueError: they cannot; the message states the rule.
    """
    if not _STACK_NAME.fullmatch(name) or len(name) > _MAX_STACK_NAME:
        raise ValueError(
            f"{name[:80]!r} cannot name the stack: it must begin with 'openrek', go on with a-z, 0-9 and single '-', "
            f"and have at most {_MAX_STACK_NAME} characters, as the role and the bucket's name need it"
        )
    return name


def write_files(folder: Path, choices: Choices, tell: Tell, python: str | None = None) -> tuple[Template, Artefact]:
    """Writes `template.yaml` and the artefact into the folder, without asking AWS for anything.

    Args:
        folder: Is made if it is not there.
        choices: None of the recognition is Amazon's, of the architecture arm64.
        tell: Is given what is done.
        python: The function's version of Python, Lambda's if None.

    Raises:
        ArtefactError: the artefact cannot be built.
        FileExistsError: the folder has an earlier artefact.
    """
    recognition = choices.recognition or "amazon"
    target = Target(choices.architecture or "arm64", *([python] if python else []))
    folder.mkdir(parents=True, exist_ok=True)
    if left := [name for name in ("function", "function.zip", "image") if (folder / name).exists()]:
        raise FileExistsError(f"{folder / left[0]} is there already; choose another folder or remove it")
    template = build_template(recognition, "jwt" if choices.jwt_issuer else "key")
    (folder / "template.yaml").write_text(template_yaml(template), encoding="utf-8")
    build = build_zip if recognition == "amazon" else build_image_folder
    return template, build(folder, target, tell)


def console_files() -> dict[str, bytes]:
    """The console's files and the API's description, by name, as the function serves them from the bucket."""
    paths = (path for path in STATIC.rglob("*") if path.is_file())
    files = {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in paths}
    return files | {"openapi.json": orjson.dumps(openapi_document())}


class Deployment:
    """One stack with what it needs beside it: the bucket or the repository of its artefacts.

    Args:
        session: boto3's, with a region.
        name: The stack's, see `check_stack_name`.
        poll_seconds: How often the stack is looked at while it changes.
    """

    def __init__(self, session: Any, name: str, poll_seconds: float = 2.0) -> None:
        self._session = session
        self._name = check_stack_name(name)
        self._region: str = session.region_name
        self._account: str = session.client("sts").get_caller_identity()["Account"]
        self.stack = Stack(session.client("cloudformation"), name, poll_seconds)
        self.bucket = self._bucket(name)
        self._artefacts = self._bucket(f"{name}-code")

    def deploy(self, choices: Choices, folder: Path, tell: Tell, told: Told) -> Deployed:
        """Makes or updates everything and waits for the end.

        Args:
            choices: See there.
            folder: An empty one for the artefact.
            tell: Is given what is done.
            told: Is given the stack's events.

        Raises:
            ArtefactError: the artefact cannot be built.
            StackError: the stack was rolled back.
            botocore.exceptions.ClientError: AWS refused something.
        """
        before = self.stack.parameters() if self.stack.exists() else {}
        choices = _completed(choices, before)
        assert choices.recognition is not None
        builder = find_builder() if choices.recognition == "openrek" else ""
        template, artefact = write_files(folder, choices, tell)
        values, made_key = _values(choices, before)
        values |= self._placed(choices, artefact, builder, tell)
        tell("Creating the stack" if not before else "Updating the stack")
        same_flavour = before.get("Recognition") == choices.recognition
        changed = self.stack.deploy(
            template_yaml(template), _parameters(template, values, before, same_flavour=same_flavour), told
        )
        tell("Sending the console's files")
        self.bucket.put_web(console_files())
        return Deployed(self.stack.outputs(), changed, made_key, artefact)

    def destroy(self, tell: Tell, told: Told, *, with_data: bool, removed: Callable[[int], None]) -> bool:
        """Removes the stack and its artefacts, and the data if told; whether there was anything.

        Args:
            tell: Is given what is done.
            told: Is given the stack's events.
            with_data: Also the bucket, with all versions of everything in it.
            removed: Is given the number of objects removed so far.
        """
        found = bool(self.stack.parameters())
        if found:
            tell("Removing the stack")
            self.stack.delete(told)
        if self._artefacts.exists():
            found = True
            tell("Removing the artefacts")
            self._artefacts.delete()
        found |= delete_repository(self._session.client("ecr"), self._name)
        if with_data and self.bucket.exists():
            found = True
            tell(f"Removing the data in {self.bucket.name}")
            self.bucket.delete(removed)
        return found

    def _placed(self, choices: Choices, artefact: Artefact, builder: str, tell: Tell) -> dict[str, str]:
        """Sends the artefact to where the stack takes it from; the parameters that say where."""
        if choices.recognition == "openrek":
            target = Target(choices.architecture or "arm64")
            ecr = self._session.client("ecr")
            return {"ImageUri": push_image(ecr, self._name, artefact, target, builder, tell)}
        if not self._artefacts.exists():
            self._artefacts.create(self._region)
        key = f"{artefact.sha256}.zip"
        tell("Sending the function")
        self._artefacts.put_once(key, artefact.path)
        return {"CodeBucket": self._artefacts.name, "CodeKey": key}

    def _bucket(self, name: str) -> OwnBucket:
        name = f"{name}-{self._account}-{self._region}"
        return OwnBucket(self._session.client("s3"), name, self._account)


def _completed(choices: Choices, before: Mapping[str, str]) -> Choices:
    """The choices with those that an earlier deployment made."""
    keep_tokens = "JwtIssuer" in before and choices.key is None and not choices.new_key and not choices.jwt_issuer
    return Choices(
        cast(Recognition, choices.recognition or before.get("Recognition", "amazon")),
        cast(Architecture, choices.architecture or before.get("Architecture", "arm64")),
        choices.key,
        choices.new_key,
        before["JwtIssuer"] if keep_tokens else choices.jwt_issuer,
        tuple(before["JwtAudience"].split(",")) if keep_tokens else choices.jwt_audiences,
        choices.parameters,
    )


def _values(choices: Choices, before: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
    """The parameters that the choices decide, and the key if one was made."""
    assert choices.recognition is not None
    assert choices.architecture is not None
    values = {**choices.parameters, "Recognition": choices.recognition, "Architecture": choices.architecture}
    authentication: Authentication = "jwt" if choices.jwt_issuer else "key"
    if authentication == "jwt":
        assert choices.jwt_issuer is not None
        return values | {"JwtIssuer": choices.jwt_issuer, "JwtAudience": ",".join(choices.jwt_audiences)}, None
    made = None
    key = choices.key
    if key is None and (choices.new_key or "TokenSha256" not in before):
        key = made = secrets.token_urlsafe(32)
    if key is not None:
        values["TokenSha256"] = hashlib.sha256(key.encode()).hexdigest()
    return values, made


def _parameters(
    template: Template, values: Mapping[str, str], before: Mapping[str, str], *, same_flavour: bool
) -> dict[str, str | None]:
    """Values for the template's parameters; None for those that keep what they have."""
    kept = {name for name in before if same_flavour or name not in _OF_FLAVOUR}
    return {name: values.get(name) for name in template["Parameters"] if name in values or name in kept}
