"""`openrek collections`"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrek.cli.client_errors import client_errors
from openrek.cli.plain import plain
from openrek.cli.settings import read_settings, state_options

if TYPE_CHECKING:
    from openrek.compose import System


@click.group(name="collections", short_help="List, export and import collections of faces.")
def command() -> None:
    """List, export and import collections of faces."""


@command.command(name="list")
@state_options
@client_errors
def list_(data_dir: Path | None) -> None:
    """List the collections with the numbers of their faces and users, and the model that embeds the faces."""
    with _system(data_dir) as system:
        after = ""
        while page := system.repositories.collections.page(after, 1000):
            for collection in page:
                click.echo(
                    f"{collection.name}  {collection.face_count:,} faces, {collection.user_count:,} users  "
                    f"{collection.model}"
                )
            after = page[-1].name


@command.command(short_help="Write a collection, with its vectors, into a file.")
@click.argument("collection")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; Parquet if it ends in .parquet, which needs pyarrow.  [default: COLLECTION.jsonl]",
)
@state_options
@client_errors
def export(collection: str, output: Path | None, data_dir: Path | None) -> None:
    """Write COLLECTION with its users and the vectors of its faces into a file, as JSON lines.

    A running service may go on: faces and users that are deleted during the export are not in the file. The file is
    readable by its owner only.
    """
    from openrek.rekognition.transfer.export import export_collection

    path = output or Path(f"{collection}.jsonl")
    with _system(data_dir) as system:
        total = system.repositories.collections.get(collection).face_count
        with _progress("Exporting", total) as progress:
            exported = export_collection(system.repositories, collection, path, progress)
    click.echo(f"{exported.faces:,} faces and {exported.users:,} users written to {plain(path)}.")


@command.command(name="import", short_help="Read a collection from a file.")
@click.argument("file", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--name", help="Name of the collection.  [default: the one in the file]")
@state_options
@client_errors
def import_(file: Path, name: str | None, data_dir: Path | None) -> None:
    """Add the users and faces of FILE, which `openrek collections export` wrote, to a collection.

    The collection is created if it does not exist. Faces keep their FaceIds, and those that the collection has are left
    as they are: an import that was interrupted is repeated. A running service finds the faces within a second.
    """
    from openrek.rekognition.transfer.collection_file import CollectionFile, CollectionSource
    from openrek.rekognition.transfer.importing import import_collection
    from openrek.rekognition.transfer.parquet_file import SUFFIX, ParquetFile, require_pyarrow

    with file.open("rb") as opened, _system(data_dir) as system:
        source: CollectionSource
        if file.suffix == SUFFIX:
            require_pyarrow()
            source = ParquetFile(file)
        else:
            source = CollectionFile(opened)
        collection = name or source.header.collection
        with _progress("Importing", None) as progress:
            imported = import_collection(system.repositories, source, collection, progress)
    click.echo(f"{imported.faces:,} faces and {imported.users:,} new users imported into {plain(collection)}.")
    if imported.rejected:
        click.echo(f"{imported.rejected:,} of the faces belong to other users of the collection already.", err=True)


@command.command(short_help="Take over a collection from Amazon Rekognition.")
@click.argument("collection")
@click.argument("source", metavar="FOLDER|s3://BUCKET/PREFIX")
@click.option(
    "--faces",
    "faces_file",
    required=True,
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    help="What `aws rekognition list-faces` printed, or a CSV manifest with the columns face_id and image.",
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file for the FaceIds, old and new.  [default: COLLECTION.faces.csv]",
)
@state_options
@client_errors
def adopt(collection: str, source: str, faces_file: Path, map_file: Path | None, data_dir: Path | None) -> None:
    """Index the images in SOURCE that the faces of a collection at AWS come from, into COLLECTION.

    AWS gives out no vectors, so the images are needed: the ExternalImageId of a face, or the manifest, names its image.
    The new FaceIds are written beside the old ones; users are created with their faces. Faces that are not found are
    reported, and the exit status is then 1. The command can be repeated.
    """
    from openrek.cli.bulk.adoption import AdoptionPlan, adopt_all, adopt_users, write_map
    from openrek.cli.bulk.session import local_session
    from openrek.rekognition.transfer.aws_faces import read_faces

    path = map_file or Path(f"{collection}.faces.csv")
    faces = read_faces(faces_file.read_bytes())
    with local_session(read_settings(data_dir=data_dir), collection, source, {"QualityFilter": "NONE"}) as session:
        plan = AdoptionPlan.of(faces, session.source.images())
        session.create_collection()
        adopted = list(plan.lost)
        with _progress("Indexing", len(plan.images)) as progress:
            for done, image in enumerate(adopt_all(session, plan), start=1):
                adopted += image
                progress(done)
        adopt_users(session, adopted)
    write_map(path, faces, adopted)
    lost = [face for face in adopted if face.face_id is None]
    click.echo(f"{len(adopted) - len(lost):,} of {len(faces):,} faces adopted. FaceIds, old and new: {plain(path)}")
    if lost:
        raise click.ClickException(f"{len(lost):,} faces were not found; {plain(path)} has the reasons.")


@command.command(short_help="Embed the faces of a collection by another model.")
@click.argument("collection")
@click.argument("source", metavar="[FOLDER|s3://BUCKET/PREFIX]", required=False)
@click.option("--delete-missing", is_flag=True, help="Delete the faces whose images are not there any more.")
@state_options
@client_errors
def reindex(collection: str, source: str | None, delete_missing: bool, data_dir: Path | None) -> None:
    """Embed all faces of COLLECTION by the model in use, after `openrek models use` selected another one.

    Vectors of different models cannot be compared, so every face is needed again: from the images in SOURCE that it was
    indexed from, which are recognized by their content, or from the crops that `openrek serve --keep-faces` kept. All
    faces change together or none does. They keep their FaceIds and users.
    """
    from openrek.cli.bulk.reindexing import reindex_collection

    with _system(data_dir) as system, _progress("Embedding", None) as progress:
        reindexed = reindex_collection(system, collection, source, progress, delete_missing=delete_missing)
    deleted = f" {reindexed.deleted:,} faces were deleted." if reindexed.deleted else ""
    click.echo(f"{reindexed.faces:,} faces are embedded by {reindexed.model} now.{deleted}")


def _system(data_dir: Path | None) -> "System":
    from openrek.compose import compose

    return compose(read_settings(data_dir=data_dir))


@contextmanager
def _progress(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar, as a function that takes the number of what is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)
