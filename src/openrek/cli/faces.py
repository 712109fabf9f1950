"""`openrek faces`"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openrek.cli.client_errors import client_errors
from openrek.cli.face_curation import COMMANDS as CURATION
from openrek.cli.plain import plain
from openrek.cli.settings import has_database_option, read_settings, state_options

if TYPE_CHECKING:
    from openrek.cli.bulk.indexing import IndexedImage
    from openrek.cli.bulk.people import People
    from openrek.cli.bulk.report import Report

_FILTERS = ("NONE", "AUTO", "LOW", "MEDIUM", "HIGH")


@click.group(name="faces", short_help="Index folders of images into a collection, and correct who is who.")
def command() -> None:
    """Index the faces of many images into a collection, and correct who is who."""


for _subcommand in CURATION:
    command.add_command(_subcommand)


@command.command(short_help="Index a folder or a bucket into a collection.")
@click.argument("collection")
@click.argument("source", metavar="FOLDER|s3://BUCKET/PREFIX")
@click.option("--users", is_flag=True, help="Each folder is a person: its faces become those of a user of its name.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file to write.  [default: COLLECTION.index.csv]",
)
@click.option("--max-faces", type=click.IntRange(min=1), help="Index at most so many faces of an image, the largest.")
@click.option(
    "--quality-filter",
    type=click.Choice(_FILTERS),
    default="AUTO",
    show_default=True,
    help="Do not index faces below this quality.",
)
@click.option(
    "--keep-faces", is_flag=True, default=None, help="Keep the crop of each face; see `openrek serve --help`."
)
@click.option("--endpoint-url", metavar="URL", help="Index with the service at this URL instead of in this process.")
@state_options
@client_errors
def index(
    collection: str,
    source: str,
    users: bool,
    report_path: Path | None,
    max_faces: int | None,
    quality_filter: str,
    keep_faces: bool | None,
    endpoint_url: str | None,
    data_dir: Path | None,
) -> None:
    """Index every image of SOURCE into COLLECTION, which is created if it does not exist.

    The ExternalImageId of a face is the path of its image, with ":" in place of "/". Images that are indexed already
    are skipped: the same command continues a run that was interrupted. An image that cannot be indexed is reported and
    the rest goes on; the exit status is then 1. A running service finds the faces within a second.
    """
    from openrek.cli.bulk.people import People
    from openrek.cli.bulk.report import Outcome, Report
    from openrek.cli.bulk.session import local_session, remote_session

    options: dict[str, Any] = {"QualityFilter": quality_filter}
    if max_faces is not None:
        options["MaxFaces"] = max_faces
    if endpoint_url is None:
        settings = read_settings(data_dir=data_dir, keep_faces=keep_faces)
        opened = local_session(settings, collection, source, options)
    elif data_dir is not None or keep_faces is not None or has_database_option():
        raise click.UsageError("--data, --database and --keep-faces cannot be used with --endpoint-url.")
    else:
        opened = remote_session(endpoint_url, collection, source, options)
    with opened as session:
        images = session.source.images()
        if not images:
            raise click.ClickException(f"{plain(source)} has no images in a supported format.")
        with Report(report_path or Path(f"{collection}.index.csv")) as report:
            if session.create_collection():
                click.echo(f"Created the collection {collection}.", err=True)
            results = _with_progress(session.indexer().run(images), len(images))
            if users:
                results = _with_users(results, People(session.client, collection))
            faces = _write(results, report)
    counts = report.counts
    click.echo(
        f"{counts[Outcome.INDEXED]:,} images indexed with {faces:,} faces, "
        f"{counts[Outcome.SKIPPED]:,} already indexed, {counts[Outcome.NO_FACE]:,} without a face, "
        f"{counts[Outcome.FAILED]:,} failed. Report: {plain(report.path)}"
    )
    if counts[Outcome.FAILED]:
        sys.exit(1)


def _with_progress(results: "Iterator[IndexedImage]", total: int) -> "Iterator[IndexedImage]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(results, total, description="Indexing")


def _write(results: "Iterator[IndexedImage]", report: "Report") -> int:
    """Write a row an image; the number of faces that were indexed."""
    from openrek.cli.bulk.report import Outcome

    faces = 0
    for result in results:
        report.add(result.image.name, result.outcome, result.reason)
        faces += len(result.faces) if result.outcome is Outcome.INDEXED else 0
    return faces


def _with_users(results: "Iterator[IndexedImage]", people: "People") -> "Iterator[IndexedImage]":
    """The results of each folder, once its faces are associated with its user."""
    for person, group in groupby(results, key=lambda result: result.image.person):
        images = list(group)
        yield from images if person is None else _associated(people, person, images)


def _associated(people: "People", person: str, results: "list[IndexedImage]") -> "list[IndexedImage]":
    from dataclasses import replace

    for position, reason in people.associate(person, results).items():
        result = results[position]
        results[position] = replace(result, reason="; ".join(filter(None, (result.reason, reason))))
    return results
