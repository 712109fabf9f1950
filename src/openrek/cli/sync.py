"""`openrek sync`"""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrek.cli.aws import plainly
from openrek.cli.settings import read_settings

if TYPE_CHECKING:
    from openrek.deploy.migration import Location


@click.command(name="sync", short_help="Copy analyses between a data folder and S3.")
@click.argument("source")
@click.argument("destination")
@click.option("--bucket", metavar="NAME", help="Bucket inside a data folder.  [default: openrek]")
@click.option("--dry-run", is_flag=True, help="Only print what would be copied.")
@plainly
def command(source: str, destination: str, bucket: str | None, dry_run: bool) -> None:
    """Copy the analyses that DESTINATION lacks from SOURCE.

    Each is a data folder of `openrek serve`, or s3://BUCKET, or s3://BUCKET?endpoint=URL&region=REGION. Only whole
    analyses are copied; what is there already is not sent again, and nothing is removed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from openrek.deploy.migration import copy_analyses, identifiers
    from openrek.s3 import LocalObjectStore

    start = _location(source, bucket)
    end = _location(destination, bucket)
    local = end.objects
    if isinstance(local, LocalObjectStore) and not local.has(end.bucket):
        if dry_run:
            end = replace(end, to_be_made=True)
        else:
            local.create_bucket(end.bucket)
    names = identifiers(start)
    outcomes: Counter[str] = Counter()
    size = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Comparing" if dry_run else "Copying", total=len(names))
        for copied in copy_analyses(start, end, names, dry_run=dry_run):
            outcomes[copied.outcome] += 1
            size += copied.size_bytes
            progress.advance(task)
    verb = "would be copied" if dry_run else "copied"
    click.echo(f"{outcomes['copied']} {verb} ({size / 1e6:.1f} MB), {outcomes['same']} already present")
    if outcomes["incomplete"]:
        click.echo(f"{outcomes['incomplete']} have no result and were skipped", err=True)


def _location(where: str, bucket: str | None) -> "Location":
    from openrek.deploy.migration import Location
    from openrek.s3 import BotoObjectStore, LocalObjectStore, S3Location

    if where.startswith("s3:"):
        import boto3

        location = S3Location(where)
        requested = location.region if "region=" in where else None
        session = boto3.Session(region_name=requested or os.environ.get("AWS_REGION"))
        client = session.client(
            "s3", endpoint_url=location.endpoint, region_name=session.region_name or location.region
        )
        return Location(BotoObjectStore(client), location.bucket)
    settings = read_settings(data_dir=Path(where), bucket=bucket)
    return Location(LocalObjectStore(settings.data_dir / "objects"), settings.bucket)
