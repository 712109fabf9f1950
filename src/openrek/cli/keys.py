"""`openrek keys`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrek.cli.plain import plain
from openrek.cli.settings import read_settings, state_options
from openrek.config import Settings

if TYPE_CHECKING:
    from openrek.iam import AccessKeys


@click.group(name="keys", short_help="Manage access keys and their policies.")
def command() -> None:
    """Manage access keys for programs and people, each with a policy. The key in the data folder may do everything."""


@command.command()
@click.argument("user")
@click.option(
    "--policy",
    required=True,
    metavar="NAME|FILE",
    help="admin, read-only, detect-only, or a file with an IAM policy document.",
)
@state_options
def create(user: str, policy: str, data_dir: Path | None) -> None:
    """Create a key for USER and print it, once, as a profile for ~/.aws/credentials."""
    settings = read_settings(data_dir=data_dir)
    try:
        made = _open(settings).create(user, _policy(policy))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(made.as_profile(user, settings.region), nl=False)
    click.echo(
        f"\nThe secret is shown only this once. Save the lines above in a credentials file and set AWS_PROFILE={user}.",
        err=True,
    )


@command.command(name="list")
@click.option("--all", "ended_too", is_flag=True, help="Include revoked and expired keys.")
@state_options
def list_(ended_too: bool, data_dir: Path | None) -> None:
    """List the keys, without their secrets."""
    for record in _open(read_settings(data_dir=data_dir)).all():
        if not record.active and not ended_too:
            continue
        policy = "its own policy" if record.policy.lstrip().startswith("{") else record.policy
        until = f", until {record.expires_at:%Y-%m-%d %H:%M} UTC" if record.expires_at and record.active else ""
        state = "works" if record.active else "ended"
        click.echo(
            f"{record.access_key_id}  {plain(record.user)}  {policy}  {state}, made {record.created_at:%Y-%m-%d}{until}"
        )


@command.command()
@click.argument("access_key_id")
@click.option("--grace", "hours", type=click.FloatRange(min=0), default=0.0, help="Hours until the old key expires.")
@state_options
def rotate(access_key_id: str, hours: float, data_dir: Path | None) -> None:
    """Replace a key with a new one of the same user and policy, and print it once."""
    from openrek.errors import ResourceNotFoundError

    settings = read_settings(data_dir=data_dir)
    keys = _open(settings)
    try:
        made = keys.rotate(access_key_id, hours * 3600)
    except ResourceNotFoundError as error:
        raise click.ClickException(error.message) from None
    user = next(record.user for record in keys.all() if record.access_key_id == made.access_key_id)
    click.echo(made.as_profile(user, settings.region), nl=False)


@command.command()
@click.argument("access_key_id")
@state_options
def revoke(access_key_id: str, data_dir: Path | None) -> None:
    """Revoke a key; a running service rejects it within a second."""
    from openrek.errors import ResourceNotFoundError

    try:
        _open(read_settings(data_dir=data_dir)).revoke(access_key_id)
    except ResourceNotFoundError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{access_key_id} does not work any more.")


def _open(settings: Settings) -> "AccessKeys":
    from openrek.cli.plain import plainly
    from openrek.compose import compose

    try:
        return compose(settings).keys()
    except (RuntimeError, OSError) as error:
        raise plainly(error) from None


def _policy(name_or_file: str) -> str:
    from openrek.iam.builtin import BUILTIN_NAMES

    if name_or_file in BUILTIN_NAMES:
        return name_or_file
    try:
        return Path(name_or_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(
            f"{name_or_file!r} is neither a file nor one of {', '.join(BUILTIN_NAMES)}"
        ) from None
