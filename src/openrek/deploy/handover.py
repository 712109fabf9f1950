"""What those need who deploy with tools of their own: all files, with what is left to do written beside them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson

from openrek.deploy.artefacts import Artefact, StepCallback
from openrek.deploy.buckets import WEB_PREFIX
from openrek.deploy.deployment import DEFAULT_STACK, Choices, console_files, write_artefact
from openrek.deploy.template import Template, build_template, template_yaml

_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}
_STEPS = """\
# Deploying {stack} with tools of your own

`template.yaml` has your choices as its parameters' defaults, and `parameters.json` the same in the form of
`aws cloudformation create-stack --parameters file://parameters.json`. What is empty there must be filled in:

{missing}

1. {artefact}
2. The stack:

       aws cloudformation deploy --stack-name {stack} --template-file template.yaml \\
           --capabilities CAPABILITY_NAMED_IAM --parameter-overrides {overrides}

3. The console, once the stack is there. Its bucket is among the stack's outputs, as is the console's address:

       aws s3 sync web/ s3://BUCKET/web/ --delete

`openrek deploy aws` does not touch a stack that it has not made, nor does `openrek destroy aws`.
The bucket stays when the stack goes. A new stack of the same name takes it in only if the template names it in words:
`BucketName: {stack}-ACCOUNT-REGION`.
"""
_MEANINGS = {
    "CodeBucket": "a bucket of yours in the same region, where the function's zip is",
    "ImageUri": "the image in ECR, by its digest",
    "TokenSha256": 'SHA-256 of the callers\' key: `printf %s "$KEY" | sha256sum`; --key-file or --new-key fill it in',
}
_ZIP_STEP = """\
The function:

       aws s3 cp function.zip s3://CODE_BUCKET/{key}"""
_IMAGE_STEP = """\
The image, in an ECR repository of yours:

       docker build --provenance=false --platform {platform} --tag REPOSITORY:{tag} image/
       docker push REPOSITORY:{tag}"""


def write_handover(folder: Path, stack: str, choices: Choices, on_step: StepCallback) -> tuple[Artefact, str | None]:
    """Writes template, parameters, artefact, the console's files and the steps into the folder. Nothing is sent to AWS.

    Args:
        folder: Is made if it is not there.
        stack: Name of the stack that is to be made.
        choices: None of the recognition is Amazon's, of the architecture arm64.
        on_step: Called with a description of each step.

    Returns:
        The artefact, and the callers' key if the choices want a new one.

    Raises:
        ArtefactError: the artefact cannot be built.
        FileExistsError: the folder has an earlier artefact.
    """
    names = ("function", "function.zip", "image", "web")
    if left := [name for name in names if (folder / name).exists()]:
        raise FileExistsError(f"{folder / left[0]} is there already; choose another folder or remove it")
    artefact = write_artefact(folder, choices, on_step)
    recognition, architecture = choices.recognition or "amazon", choices.architecture or "arm64"
    key = choices.key or choices.made_key()
    known = {**choices.parameters, "Recognition": recognition, "Architecture": architecture}
    if choices.jwt_issuer:
        known |= {"JwtIssuer": choices.jwt_issuer, "JwtAudience": ",".join(choices.jwt_audiences)}
    if recognition == "amazon":
        known["CodeKey"] = f"{artefact.sha256}.zip"
    template = build_template(recognition, choices.authentication, known)
    # The key's hash is not a default, so it is not in the template.
    secret = {"TokenSha256": hashlib.sha256(key.encode()).hexdigest()} if key else {}
    values = _values(template, secret)
    (folder / "template.yaml").write_text(template_yaml(template), encoding="utf-8")
    listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    (folder / "parameters.json").write_bytes(orjson.dumps(listed, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / "README.md").write_text(_steps(stack, values, artefact, secret, architecture), encoding="utf-8")
    for name, data in console_files().items():
        path = folder / WEB_PREFIX / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return artefact, None if choices.key else key


def _values(template: Template, secret: Mapping[str, str]) -> dict[str, str]:
    """Each parameter's value; empty where it is not known here."""
    return {name: str(rule.get("Default", secret.get(name, ""))) for name, rule in template["Parameters"].items()}


def _steps(
    stack: str, values: Mapping[str, str], artefact: Artefact, secret: Mapping[str, str], architecture: str
) -> str:
    missing = [name for name in _MEANINGS if values.get(name) == ""]
    if "CodeKey" in values:
        step = _ZIP_STEP.format(key=values["CodeKey"])
    else:
        step = _IMAGE_STEP.format(platform=_PLATFORMS[architecture], tag=artefact.sha256[:12])
    given = [*(f"{name}={value}" for name, value in secret.items()), *(f"{name}=…" for name in missing)]
    return _STEPS.format(
        stack=stack or DEFAULT_STACK,
        missing="\n".join(f"- `{name}`: {_MEANINGS[name]}" for name in missing),
        artefact=step,
        overrides=" ".join(given),
    )
