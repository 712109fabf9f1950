"""`openrek logs`"""

import time
from pathlib import Path

import click

from openrek.cli.plain import plain
from openrek.cli.settings import read_settings
from openrek.cloudwatch import LogQuery, LogRecord

_POLL_SECONDS = 0.5
_COLOURS = {"ERROR": "red", "WARNING": "yellow"}
_PAGE = 1000


@click.command(name="logs", short_help="Read or follow the log.")
@click.option("--follow", "-f", is_flag=True, help="Print new records as they arrive; stop with Ctrl-C.")
@click.option("--request", "request_id", metavar="ID", help="Only this request.")
@click.option("--analysis", "analysis_id", metavar="ID", help="Only this analysis.")
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help="Number of records.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder.  [default: per user]",
)
def command(
    follow: bool,
    request_id: str | None,
    analysis_id: str | None,
    lines: int,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Read the log that `openrek serve` keeps, oldest record first."""
    from openrek.cli.plain import plainly
    from openrek.compose import DATABASE_FILE, compose
    from openrek.db import LOG_FILE

    settings = read_settings(data_dir=data_dir)
    # An older release kept the log in the file of the state.
    if not any((settings.data_dir / name).exists() for name in (LOG_FILE, DATABASE_FILE)):
        raise click.ClickException(
            f"No log in {settings.data_dir}. Run `openrek serve` first, or choose another folder with --data."
        )
    system = compose(settings)
    try:
        store = system.log_store
    except (RuntimeError, OSError) as error:
        raise plainly(error) from None
    try:
        records = store.query(LogQuery(request_id, analysis_id, limit=lines, newest=True))
        position = _show(records, as_json, 0)
        while follow:
            time.sleep(_POLL_SECONDS)
            records = store.query(LogQuery(request_id, analysis_id, after=position, limit=_PAGE))
            position = _show(records, as_json, position)
    except KeyboardInterrupt:
        pass
    finally:
        store.close()


def _show(records: list[LogRecord], as_json: bool, position: int) -> int:
    for record in records:
        click.echo(record.line if as_json else _line(record))
    return (records[-1].position or position) if records else position


def _line(record: LogRecord) -> str:
    shown = record.as_dict()
    head = f"{shown.pop('timestamp')} {shown.pop('level'):<7} {shown.pop('event'):<10}"
    text = " ".join(f"{name}={value}" for name, value in shown.items())
    return click.style(plain(head), fg=_COLOURS.get(record.level)) + " " + plain(text)
