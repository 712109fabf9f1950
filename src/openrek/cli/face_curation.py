"""Commands of `openrek faces` that correct who is who in a collection."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openrek.cli.client_errors import client_errors
from openrek.cli.plain import plain
from openrek.cli.settings import read_settings, state_options

if TYPE_CHECKING:
    from openrek.rekognition.curation.curation import Curation

_PAGE = 1000


@click.command(name="list", short_help="List the faces of a collection.")
@click.argument("collection")
@click.option("--user", metavar="USER_ID", help="Only the faces of this user.")
@click.option("--unknown", is_flag=True, help="Only faces without a user.")
@state_options
@client_errors
def list_faces(collection: str, user: str | None, unknown: bool, data_dir: Path | None) -> None:
    """List the faces of COLLECTION: FaceId, user or "-", and ExternalImageId."""
    if user is not None and unknown:
        raise click.UsageError("--user and --unknown cannot be used together.")
    with _curation(data_dir) as curation:
        for face in _all(lambda after: curation.faces(collection, _PAGE, after, user=user, unknown=unknown), "faces"):
            name = face.get("ExternalImageId", "")
            click.echo(plain(f"{face['FaceId']}  {face.get('UserId', '-')}  {name}".rstrip()))


@click.command(name="users", short_help="List the users of a collection with their faces.")
@click.argument("collection")
@state_options
@client_errors
def list_users(collection: str, data_dir: Path | None) -> None:
    """List the users of COLLECTION, each with its FaceIds."""
    with _curation(data_dir) as curation:
        for user in _all(lambda after: curation.users(collection, _PAGE, after), "users"):
            click.echo(f"{plain(user['user_id'])}  {_count(user['face_ids'])}")
            for face_id in user["face_ids"]:
                click.echo(f"  {face_id}")


@click.command(name="remove", short_help="This is not them: take faces from a user.")
@click.argument("collection")
@click.argument("user")
@click.argument("face_ids", nargs=-1, required=True, metavar="FACE_ID…")
@state_options
@client_errors
def remove_faces(collection: str, user: str, face_ids: tuple[str, ...], data_dir: Path | None) -> None:
    """Take faces from USER. They stay in COLLECTION, without a user."""
    with _curation(data_dir) as curation:
        curation.disassociate(collection, user, face_ids)
    click.echo(f"{_count(face_ids)} taken from {plain(user)}.")


@click.command(name="merge", short_help="Same person: merge a user into another.")
@click.argument("collection")
@click.argument("user")
@click.argument("other")
@state_options
@client_errors
def merge_users(collection: str, user: str, other: str, data_dir: Path | None) -> None:
    """Move all faces of OTHER to USER and delete OTHER."""
    with _curation(data_dir) as curation:
        merged = curation.merge(collection, user, other)
    click.echo(f"{plain(user)} has {_count(merged['face_ids'])} now.")


@click.command(name="groups", short_help="Group the faces without a user by person.")
@click.argument("collection")
@click.option(
    "--min-similarity",
    type=click.FloatRange(1, 100),
    default=99,
    show_default=True,
    help="Faces of a group are at least this similar, on average.",
)
@click.option(
    "--faces",
    "limit",
    type=click.IntRange(2, 50_000),
    default=20_000,
    show_default=True,
    help="Compare so many of the newest faces.",
)
@state_options
@client_errors
def group_faces(collection: str, min_similarity: float, limit: int, data_dir: Path | None) -> None:
    """Group the faces of COLLECTION that have no user, the largest group first. `openrek faces name` names a group."""
    with _curation(data_dir) as curation:
        found = curation.groups(collection, limit, min_similarity)
    for number, group in enumerate(found["groups"], start=1):
        click.echo(f"{number}  {_count(group['face_ids'])}, similarity {group['similarity']:.1f}")
        for face_id in group["face_ids"]:
            click.echo(f"  {face_id}")
    grouped = sum(len(group["face_ids"]) for group in found["groups"])
    click.echo(f"{found['faces'] - grouped:,} of {found['faces']:,} faces are in no group.", err=True)
    if found["more"]:
        click.echo("The collection has further faces without a user; compare more with --faces.", err=True)


@click.command(name="name", short_help="Give faces to a user.")
@click.argument("collection")
@click.argument("user")
@click.argument("face_ids", nargs=-1, required=True, metavar="FACE_ID…")
@state_options
@client_errors
def name_faces(collection: str, user: str, face_ids: tuple[str, ...], data_dir: Path | None) -> None:
    """Give faces of COLLECTION to USER, who is created if new, up to 100 at once."""
    with _curation(data_dir) as curation:
        named = curation.name(collection, user, face_ids)
    for failure in named["unsuccessful"]:
        click.echo(f"{plain(failure['face_id'])}: {', '.join(failure['reasons'])}", err=True)
    click.echo(f"{_count(named['associated'])} given to {plain(user)}.")
    if named["unsuccessful"]:
        raise click.exceptions.Exit(1)


@click.command(name="explain", short_help="Why two faces match.")
@click.argument("collection")
@click.argument("face_id")
@click.argument("other")
@state_options
@client_errors
def explain_match(collection: str, face_id: str, other: str, data_dir: Path | None) -> None:
    """Print the similarity of two faces of COLLECTION, and where they are in their images."""
    with _curation(data_dir) as curation:
        match = curation.match(collection, face_id, other)
    click.echo(f"similarity {match['similarity']:.1f}, cosine {match['cosine']:.4f}, by {match['face_model']}")
    for entry in match["faces"]:
        face = entry["face"]
        box = ", ".join(f"{side.lower()} {value:.3f}" for side, value in face["BoundingBox"].items())
        crop = f", crop faces/{collection}/{face['FaceId']}.jpg" if entry["has_crop"] else ""
        click.echo(plain(f"{face['FaceId']}  {face.get('ExternalImageId', face['ImageId'])}  {box}{crop}"))


COMMANDS = (list_faces, list_users, remove_faces, merge_users, group_faces, name_faces, explain_match)


@contextmanager
def _curation(data_dir: Path | None) -> "Iterator[Curation]":
    from openrek.compose import compose
    from openrek.rekognition.curation.curation import Curation

    with compose(read_settings(data_dir=data_dir)) as system:
        yield Curation(system.services())


def _all(page: Callable[[int], dict[str, Any]], members: str) -> Iterator[dict[str, Any]]:
    after: str | None = "0"
    while after is not None:
        found = page(int(after))
        yield from found[members]
        after = found["next"]


def _count(faces: "tuple[str, ...] | list[str]") -> str:
    return "1 face" if len(faces) == 1 else f"{len(faces):,} faces"
