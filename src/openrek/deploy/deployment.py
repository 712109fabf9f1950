"""The whole on AWS: artefact, stack, console files, in this order; and away again."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
from botocore.exceptions import ClientError

from openrek.console import STATIC
from openrek.deploy.artefacts import Artefact, StepCallback, build_image_folder, build_zip
from openrek.deploy.buckets import OwnBucket
from openrek.deploy.container import delete_repository, find_builder, has_repository, push_image
from openrek.deploy.stack import ProgressCallback, Stack
from openrek.deploy.template import (
    ROUTES,
    Authentication,
    Recognition,
    Template,
    build_template,
    check_parameters,
    taking_in,
    template_yaml,
)
from openrek.deploy.wheels import Architecture, Target
from openrek.web.openapi import openapi_document

DEFAULT_STACK = "openrek"
# The beginning is what function/role.json lets the function write logs to and hand to Rekognition. The bucket's name,
# the stack's with account and region behind it, may have 63 characters.
_STACK_NAME = re.compile(r"openrek(-?[a-z0-9])*")
_MAX_STACK_NAME = 24
_MIN_KEY_LENGTH = 20
# Parameters that belong to a flavour: changing it, one begins anew with its default.
_OF_FLAVOUR = ("Recognition", "MemorySize")
_PAGES = ("index.html", "docs.html")
_DEFAULT_CONCURRENCY = 5
_KEPT_UNRESERVED = 100


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
        tokens = {"JwtIssuer": self.jwt_issuer} if self.jwt_issuer else {}
        check_parameters(build_template("amazon", self.authentication), {**self.parameters, **tokens})

    @property
    def authentication(self) -> Authentication:
        """How callers prove who they are."""
        return "jwt" if self.jwt_issuer else "key"

    def made_key(self) -> str | None:
        """A new key, if one is wanted."""
        return secrets.token_urlsafe(32) if self.new_key else None


@dataclass(frozen=True, slots=True)
class Deployed:
    """What there is now."""

    outputs: Mapping[str, str]
    changed: bool
    """Whether anything of the stack was."""
    artefact: Artefact
    alarm_topic: str = ""
    """SNS topic that is notified of alarms; empty for none."""


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


def write_artefact(folder: Path, choices: Choices, on_step: StepCallback, python: str | None = None) -> Artefact:
    """Writes the artefact into the folder, without calls to AWS.

    Args:
        folder: Is made if it is not there.
        choices: None of the recognition is Amazon's, of the architecture arm64.
        on_step: Called with a description of each step.
        python: The function's version of Python, Lambda's if None.

    Raises:
        ArtefactError: the artefact cannot be built.
    """
    target = Target(choices.architecture or "arm64", *([python] if python else []))
    folder.mkdir(parents=True, exist_ok=True)
    build = build_zip if (choices.recognition or "amazon") == "amazon" else build_image_folder
    return build(folder, target, on_step)


def console_files() -> dict[str, bytes]:
    """The console's files by name below `web/`: pages as they are, all else in a folder named for its content.

    The folder's name changes whenever a file does, so that browsers and CloudFront may keep files forever.
    """
    paths = (path for path in STATIC.rglob("*") if path.is_file())
    files = {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in paths}
    pages = {name: data for name, data in files.items() if name in _PAGES}
    assets = {name: data for name, data in files.items() if name not in _PAGES}
    digest = hashlib.sha256()
    for name, data in sorted(assets.items()):
        digest.update(f"{name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    version = digest.hexdigest()[:16]
    pages = {name: data.replace(b'"/console/', f'"/console/{version}/'.encode()) for name, data in pages.items()}
    # Shows the page that it runs on AWS, where its login form has "Key" in place of "Token".
    pages["index.html"] = pages["index.html"].replace(b"<html ", b'<html data-place="aws" ', 1)
    versioned = {f"{version}/{name}": data for name, data in assets.items()}
    return pages | versioned | {"openapi.json": orjson.dumps(openapi_document(frozenset(ROUTES)))}


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

    def deploy(
        self,
        choices: Choices,
        folder: Path,
        on_step: StepCallback,
        on_event: ProgressCallback,
        show_key: Callable[[str], None],
    ) -> Deployed:
        """Makes or updates everything and waits for the end.

        Args:
            choices: See there.
            folder: An empty one for the artefact.
            on_step: Called with a description of each step.
            on_event: Called with each event of the stack.
            show_key: Is given the callers' key, if one was made, as soon as it counts. It is kept nowhere.

        Raises:
            ArtefactError: the artefact cannot be built.
            StackError: the stack was rolled back.
            botocore.exceptions.ClientError: AWS refused something.
        """
        self.stack.check_ours()
        is_new = not self.stack.exists()
        before = {} if is_new else self.stack.parameters()
        choices = _completed(choices, before)
        assert choices.recognition is not None
        builder = find_builder() if choices.recognition == "openrek" else ""
        artefact = write_artefact(folder, choices, on_step)
        values, made_key = _values(choices, before)
        values |= self._placed(choices, artefact, builder, on_step)
        values |= self._concurrency(values, before, on_step)
        template = build_template(choices.recognition, choices.authentication, bucket=self.bucket.name)
        same_flavour = before.get("Recognition") == choices.recognition
        parameters = _parameters(template, values, before, same_flavour=same_flavour)
        if is_new and self.bucket.exists():
            on_step(f"Creating the stack around the bucket {self.bucket.name}")
            self.stack.deploy(template_yaml(taking_in(template)), parameters, on_event)
            if made_key is not None:
                show_key(made_key)
                made_key = None
            is_new = False
        on_step("Creating the stack" if is_new else "Updating the stack")
        changed = self.stack.deploy(template_yaml(template), parameters, on_event)
        if made_key is not None:
            show_key(made_key)
        on_step("Sending the console's files")
        self.bucket.put_web(console_files())
        topic = values.get("AlarmTopicArn", before.get("AlarmTopicArn", ""))
        return Deployed(self.stack.outputs(), changed, artefact, topic)

    def destroy(
        self, on_step: StepCallback, on_event: ProgressCallback, *, with_data: bool, removed: Callable[[int], None]
    ) -> bool:
        """Removes the stack and its artefacts, and the data with `with_data`. Whether there was anything.

        Args:
            on_step: Called with a description of each step.
            on_event: Called with each event of the stack.
            with_data: Also the bucket, with all versions of everything in it.
            removed: Is given the number of objects removed so far.
        """
        self.stack.check_ours()
        repository = self.repository()
        found = self.stack.is_there()
        if found:
            on_step("Removing the stack")
            self.stack.delete(on_event)
        if self._artefacts.exists() and self._artefacts.is_ours():
            found = True
            on_step("Removing the artefacts")
            self._artefacts.delete()
        if repository is not None:
            found = True
            on_step("Removing the images")
            delete_repository(self._session.client("ecr"), repository)
        if with_data and self.bucket.exists():
            found = True
            on_step(f"Removing the data in {self.bucket.name}")
            self.bucket.delete(removed)
        return found

    def repository(self) -> str | None:
        """The ECR repository that was made for the stack's images, if there is one."""
        uses_images = "ImageUri" in self.stack.parameters()
        return self._name if has_repository(self._session.client("ecr"), self._name, must_look=uses_images) else None

    def _placed(self, choices: Choices, artefact: Artefact, builder: str, on_step: StepCallback) -> dict[str, str]:
        """Sends the artefact to where the stack takes it from; the parameters that say where."""
        if choices.recognition == "openrek":
            target = Target(choices.architecture or "arm64")
            ecr = self._session.client("ecr")
            return {"ImageUri": push_image(ecr, self._name, artefact, target, builder, on_step)}
        if not self._artefacts.exists():
            self._artefacts.create(self._region)
        elif not self._artefacts.is_ours():
            raise PermissionError(f"there is a bucket {self._artefacts.name} that `openrek deploy` did not make")
        key = f"{artefact.sha256}.zip"
        on_step("Sending the function")
        self._artefacts.put_once(key, artefact.path)
        return {"CodeBucket": self._artefacts.name, "CodeKey": key}

    def _concurrency(
        self, values: Mapping[str, str], before: Mapping[str, str], on_step: StepCallback
    ) -> dict[str, str]:
        """MaxConcurrency 0 where the account cannot reserve the template's default, as a new account's limit is 10.

        Lambda keeps 100 concurrent executions unreserved, or all of a smaller limit:
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
        """
        if "MaxConcurrency" in values or "MaxConcurrency" in before:
            return {}
        try:
            limits = self._session.client("lambda").get_account_settings()["AccountLimit"]
        except ClientError:  # who deploys may lack this permission, which only this needs
            return {}
        if limits["UnreservedConcurrentExecutions"] - _KEPT_UNRESERVED >= _DEFAULT_CONCURRENCY:
            return {}
        on_step(
            f"This account may run {limits['ConcurrentExecutions']} functions at once, too few to reserve some for "
            "this one: that limit bounds it"
        )
        return {"MaxConcurrency": "0"}

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
    if choices.authentication == "jwt":
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
