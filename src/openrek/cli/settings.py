"""Settings for commands: options override the environment; errors become messages."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from openrek.config import Settings, load_settings

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_DATABASE = "openrek.database"


def _remember(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_DATABASE] = value


data_option = click.option(
    "--data", "data_dir", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: per user]"
)
database_option = click.option(
    "--database",
    metavar="URL",
    help="Where state is: postgresql://USER@HOST/DATABASE.  [default: the data folder]",
    callback=_remember,
    expose_value=False,
)
"""Of every command that opens state. `read_settings` knows its value; the command is not called with it."""


def state_options(command: Decorated) -> Decorated:
    """Both `--data`, which the command is called with, and `--database`."""
    return data_option(database_option(command))


def has_database_option() -> bool:
    """Whether the command was given `--database`."""
    return _DATABASE in click.get_current_context().meta


def read_settings(**flags: object) -> Settings:
    """The settings; a wrong one ends the command with its message."""
    context = click.get_current_context(silent=True)
    if context is not None and _DATABASE in context.meta:
        flags["database"] = context.meta[_DATABASE]
    try:
        return load_settings(os.environ, **flags)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
