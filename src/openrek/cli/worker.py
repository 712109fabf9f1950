"""`openrek worker`"""

import os
import time
from importlib.util import find_spec
from pathlib import Path

import click

from openrek.cli.settings import database_option, read_settings
from openrek.cli.stop_signals import StopSignals, end_now

_STOP_SECONDS = 9.0
_CLOSE_SECONDS = 8.0
_POLL_SECONDS = 0.2


@click.command(name="worker", short_help="Run jobs that a service started.")
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder of the service.  [default: per user]",
)
@database_option
@click.option("--s3", metavar="URL", help="Where the service keeps its objects: its own option --s3.")
@click.option("--jobs", type=int, help="Videos to analyze at a time.  [default: the number of cores less one]")
@click.option("--workers", type=int, help="Inference threads.  [default: the number of cores]")
@click.option("--quiet", is_flag=True, help="Do not print log records; they are still stored.")
def command(data_dir: Path | None, s3: str | None, jobs: int | None, workers: int | None, quiet: bool) -> None:
    """Run jobs, such as analyses of videos, that `openrek serve` started with the same data folder or database.

    Takes over the jobs of workers that died. Ctrl-C ends it, and another worker goes on with its jobs.
    """
    from openrek.closing import close_all
    from openrek.cloudwatch import Log
    from openrek.compose import compose

    settings = read_settings(data_dir=data_dir, s3=s3, jobs=jobs, workers=workers)
    if not settings.jobs:
        raise click.UsageError("A worker needs --jobs of at least 1.")
    if find_spec("dbos") is None:
        raise click.ClickException("Jobs need DBOS, which is not installed. Install it: pip install 'openrek[video]'")
    if os.name == "posix":
        os.umask(0o077)  # what it writes is the owner's alone
    stop = StopSignals(_STOP_SECONDS)
    stop.install()
    system = compose(settings)
    try:
        log = Log(None, system.log_store) if quiet else Log.to_stdout(system.log_store)
        runner = system.run_jobs(log)
    except BaseException:
        system.close()
        raise
    click.echo("openrek worker is ready", err=True)
    while not stop.requested:
        time.sleep(_POLL_SECONDS)
    unfinished = close_all({"jobs": runner.close, **system.closers()}, _CLOSE_SECONDS)
    end_now(f"openrek: not finished in time: {', '.join(unfinished)}\n" if unfinished else "")
