"""Settings for commands: options override the environment; errors become messages."""

import os

import click

from openrek.config import Settings, load_settings

database_option = click.option(
    "--database",
    metavar="URL",
    help="Keep state on PostgreSQL: postgresql://USER@HOST/DATABASE.  [default: the data folder]",
)
"""Of every command that opens state."""


def read_settings(**flags: object) -> Settings:
    """The settings; a wrong one ends the command with its message."""
    try:
        return load_settings(os.environ, **flags)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
