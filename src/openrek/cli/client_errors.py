"""Errors of Rekognition and S3 clients as the end of a command."""

import functools
from collections.abc import Callable
from typing import Any

import click

from openrek.cli.plain import plain


def client_errors(function: Callable[..., None]) -> Callable[..., None]:
    """End the command with a message where an operation, a model or what is installed stands in the way."""

    @functools.wraps(function)
    def reported(*args: Any, **kwargs: Any) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        from openrek.errors import OpenrekError

        try:
            function(*args, **kwargs)
        except ImportError as error:
            if error.name != "boto3":
                raise
            raise click.ClickException("This needs boto3: pip install 'openrek[aws]'") from None
        except ClientError as error:
            raise click.ClickException(plain(error.response["Error"]["Message"])) from None
        except OpenrekError as error:
            raise click.ClickException(plain(error.message)) from None
        except (BotoCoreError, LookupError, ValueError) as error:
            if isinstance(error, (KeyError, IndexError)):
                raise  # a bug: its traceback is needed
            raise click.ClickException(plain(error)) from None

    return reported
