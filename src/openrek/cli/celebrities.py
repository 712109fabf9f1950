"""`openrek celebrities`"""

from pathlib import Path

import click

from openrek.cli.plain import plain
from openrek.cli.settings import read_settings, state_options

_GENDERS = ("Male", "Female", "Nonbinary", "Unlisted")


@click.group(name="celebrities", short_help="Manage the people that RecognizeCelebrities recognizes.")
def command() -> None:
    """Manage the people that RecognizeCelebrities recognizes. There are none until you add them."""


@command.command()
@click.argument("name")
@click.argument(
    "photos", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True, metavar="PHOTO…"
)
@click.option("--url", "urls", multiple=True, help="A page about the person; repeatable.")
@click.option("--gender", type=click.Choice(_GENDERS), help="The person's publicly known gender.")
@state_options
def add(name: str, photos: tuple[Path, ...], urls: tuple[str, ...], gender: str | None, data_dir: Path | None) -> None:
    """Add NAME, or more photos of NAME, each with exactly one face. A running service uses them at once."""
    from rich.progress import track

    from openrek.cli.plain import plainly
    from openrek.compose import compose
    from openrek.errors import RequestError
    from openrek.vision import EncodedFrame, Limits

    if not 1 <= len(name.strip()) <= 255:
        raise click.UsageError("NAME must have 1 to 255 characters")
    vectors = []
    with compose(read_settings(data_dir=data_dir)) as system:
        try:
            engine = system.engine
        except (LookupError, OSError) as error:
            raise plainly(error) from None
        for photo in track(photos, "Reading faces", transient=True):
            try:
                image = EncodedFrame.open(photo.read_bytes(), Limits(max_bytes=100_000_000))
                analysis = engine.analysis(image)
                faces = analysis.faces
                if len(faces) != 1:
                    shown = f"{len(faces)} faces" if len(faces) else "no face"
                    raise click.ClickException(f"{photo}: shows {shown}; it must show one; nothing was added")
                vectors.append(analysis.embeddings(faces)[0])
            except RequestError as error:
                raise click.ClickException(f"{photo}: {error.message}; nothing was added") from None
        person = system.repositories.celebrities.add(name.strip(), engine.face_model, vectors, urls, gender)
    count = len(photos)
    click.echo(
        f"{plain(person.name)} is known as {person.identifier}, by {count} more photo{'s' if count > 1 else ''}."
    )


@command.command(name="list")
@state_options
def list_(data_dir: Path | None) -> None:
    """List the people, and those whose photos were embedded by another face model and must be added again."""
    from openrek.cli.plain import plainly
    from openrek.compose import compose

    with compose(read_settings(data_dir=data_dir)) as system:
        gallery = system.repositories.celebrities
        everybody = gallery.all()
        if not everybody:
            click.echo("No celebrities yet. Add one: openrek celebrities add NAME PHOTO…", err=True)
            return
        try:
            stale = gallery.stale(system.engine.face_model)
        except LookupError as error:
            raise plainly(error) from None
    for person, faces in everybody:
        old = stale.get(person.identifier, 0)
        note = f"; {old} read by another face model: add {'them' if old > 1 else 'it'} again" if old else ""
        click.echo(f"{person.identifier}  {plain(person.name)}  ({faces} photo{'s' if faces != 1 else ''}{note})")


@command.command()
@click.argument("name")
@state_options
def remove(name: str, data_dir: Path | None) -> None:
    """Remove NAME and their faces."""
    from openrek.compose import compose
    from openrek.errors import ResourceNotFoundError

    try:
        with compose(read_settings(data_dir=data_dir)) as system:
            system.repositories.celebrities.remove(name)
    except ResourceNotFoundError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{plain(name)} is forgotten.")
