"""What the commands for AWS share: stack, region, profile, and error messages."""

import functools
from collections.abc import Callable
from typing import Any

import click

DEFAULT_STACK = "openrek"


def aws_options(function: Callable[..., None]) -> Callable[..., None]:
    """Adds --stack, --region and --profile."""
    function = click.option("--profile", metavar="NAME", help="Profile of ~/.aws.  [default: AWS_PROFILE]")(function)
    function = click.option("--region", metavar="NAME", help="As eu-west-1.  [default: AWS_REGION or the profile's]")(
        function
    )
    return click.option("--stack", metavar="NAME", default=DEFAULT_STACK, show_default=True, help="Name of the stack.")(
        function
    )


def aws_session(region: str | None, profile: str | None) -> Any:
    """boto3's session, with a region."""
    import os

    import boto3

    session = boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION"))
    if session.region_name is None:
        raise click.UsageError("No region. Use --region, for example --region eu-west-1, or set AWS_REGION.")
    return session


def plainly(function: Callable[..., None]) -> Callable[..., None]:
    """Ends the command with a message where AWS, the artefact or what is installed stands in the way."""

    @functools.wraps(function)
    def reported(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except ImportError as error:
            if error.name not in ("boto3", "botocore", "yaml"):
                raise
            raise click.ClickException(
                f"the commands for AWS need the package {error.name!r}: pip install 'openrek[aws]'"
            ) from None
        except Exception as error:
            message = _message(error)
            if message is None:
                raise
            raise click.ClickException(message) from None

    return reported


def _message(error: Exception) -> str | None:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    from openrek.deploy.stack import StackError
    from openrek.deploy.wheels import ArtefactError
    from openrek.errors import OpenrekError

    if isinstance(error, NoCredentialsError):
        return "No AWS credentials. Set AWS_PROFILE, use --profile, or run `aws configure`."
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        return f"AWS refused {error.operation_name}: {details.get('Code')}: {details.get('Message')}"
    if isinstance(error, OpenrekError):
        return error.message
    if isinstance(error, (BotoCoreError, StackError, ArtefactError, FileExistsError, PermissionError, ValueError)):
        return str(error)
    return None
