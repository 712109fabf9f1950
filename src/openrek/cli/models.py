"""`openrek models`"""

import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrek.cli.plain import plain
from openrek.cli.settings import read_settings

if TYPE_CHECKING:
    from openrek.model_store import CatalogueEntry, Library, Pulled, TrustPolicy
    from openrek.vision import ModelPack

_INDENT = "    "
_DATA = click.option(
    "--data", "data_dir", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: per user]"
)


@click.group(name="models", short_help="Pull, verify and use other models.")
def command() -> None:
    """Manage models other than those that come with openrek. Nothing is downloaded unless you pull it."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_DATA
def list_(as_json: bool, data_dir: Path | None) -> None:
    """List installed and available models, and which are in use."""
    import json
    from dataclasses import asdict

    from openrek.model_store import listed
    from openrek.vision import load_packs

    try:
        packs = listed(_library(data_dir), load_packs())
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        for pack in packs:
            click.echo(json.dumps(asdict(pack), ensure_ascii=False))
        return
    for pack in packs:
        state = f"in use: {', '.join(pack.used_for)}" if pack.used_for else pack.state
        licences = ", ".join(pack.licences)
        facts = "; ".join(fact for fact in (_size(pack.bytes), licences, f"for {', '.join(pack.tasks)}") if fact)
        name = plain(pack.name)
        head = _wrapped(f"{name} ({state})", first="")
        click.echo(click.style(name, bold=True) + head.removeprefix(name))
        click.echo(_wrapped(plain(pack.description)))
        click.echo(_wrapped(plain(facts)) + "\n")


@command.command()
@click.argument("name")
@click.option(
    "--sha256",
    "hashes",
    multiple=True,
    metavar="[FILE=]HEX",
    help="SHA-256 of the file, if the descriptor has none.",
)
@click.option(
    "--trust-first-download",
    is_flag=True,
    help="Accept the file downloaded now, and require it from then on.",
)
@_DATA
def pull(name: str, hashes: tuple[str, ...], trust_first_download: bool, data_dir: Path | None) -> None:
    """Download the pack NAME, or the one that a descriptor file (NAME.toml) describes, and verify it.

    A download that broke off goes on where it stopped. Nothing is used before `openrek models use`.
    """
    from openrek.model_store import PullError, TrustPolicy

    library = _library(data_dir)
    offer = _offer(name)
    trust = TrustPolicy(_hashes(hashes, offer), trust_first_download)
    click.echo(f"{offer.name}: {_size(offer.bytes)}, {', '.join(offer.licences)}", err=True)
    try:
        pulled = _pull(offer, library, trust)
    except (PullError, LookupError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"cannot write into {library.folder}: {error.strerror or error}") from None
    for file, digest in pulled.trusted.items():
        click.echo(f"{file} was accepted at its first download; its SHA-256 is {digest}", err=True)
    click.echo(f"{offer.name} is in {library.folder / offer.name}. To use it: openrek models use {offer.name}")


@command.command()
@click.argument("name", required=False)
@_DATA
def verify(name: str | None, data_dir: Path | None) -> None:
    """Verify the files of the pack NAME, or of all packs, against their descriptors."""
    from openrek.vision import load_packs

    library = _library(data_dir)
    try:
        installed = {pack.name: pack for pack in load_packs()}
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    sound = True
    for each in (*installed, *library.names()) if name is None else (name,):
        try:
            sound &= _verify(installed[each] if each in installed else library.pack(each))
        except LookupError as error:
            click.echo(str(error), err=True)
            sound = False
    if not sound:
        sys.exit(1)


@command.command()
@click.argument("name")
@click.option("--task", help="Use it for this task only, for example objects.  [default: every task of the pack]")
@_DATA
def use(name: str, task: str | None, data_dir: Path | None) -> None:
    """Use the pulled pack NAME, or `default`, from the next start of the service on."""
    try:
        tasks = _library(data_dir).use(name, task)
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{name} is used for {', '.join(tasks)} from the next start on.")


def _wrapped(text: str, first: str = _INDENT) -> str:
    """Lines as wide as the terminal, indented, broken between words alone."""
    width = shutil.get_terminal_size().columns
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=_INDENT, break_on_hyphens=False)


def _library(data_dir: Path | None) -> "Library":
    from openrek.model_store import Library

    return Library(read_settings(data_dir=data_dir).data_dir)


def _offer(name: str) -> "CatalogueEntry":
    from openrek.model_store import read_catalogue, read_entry

    try:
        if name.endswith(".toml"):
            return read_entry(Path(name))
        offers = read_catalogue()
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    if name not in offers:
        raise click.ClickException(
            f"Unknown pack {name!r}. Available: {', '.join(offers)}. A descriptor of your own is a file "
            "whose name ends in .toml"
        )
    return offers[name]


def _hashes(given: tuple[str, ...], offer: "CatalogueEntry") -> dict[str, str]:
    files = [model.file for model in offer.models if model.url]
    lacking = [model.file for model in offer.models if model.url and not model.sha256] or files
    hashes = {}
    for each in given:
        file, _, digest = each.rpartition("=")
        if not file and len(lacking) != 1:
            raise click.UsageError(f"Name the file: --sha256 FILE={digest}, where FILE is one of {', '.join(lacking)}.")
        if len(digest) != 64 or set(digest.lower()) - set("0123456789abcdef"):
            raise click.UsageError(f"{digest!r} is not a valid SHA-256; it must be 64 hexadecimal digits.")
        hashes[file or lacking[0]] = digest.lower()
    return hashes


def _pull(offer: "CatalogueEntry", library: "Library", trust: "TrustPolicy") -> "Pulled":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    from openrek.model_store import pull

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, TaskID] = {}

        def report(file: str, done: int, total: int | None) -> None:
            if file not in bars:
                bars[file] = progress.add_task(plain(file), total=total)
            progress.update(bars[file], completed=done, total=total)

        return pull(offer, library, trust, report)


def _verify(pack: "ModelPack") -> bool:
    """Whether all files of a pack match its descriptor. Prints the result."""
    broken = 0
    for model in pack.models:
        try:
            model.verify()
        except (LookupError, OSError) as error:
            click.echo(str(error), err=True)
            broken += 1
    if not broken:
        click.echo(f"{pack.name} {pack.version}: {len(pack.models)} files, all as described")
    return not broken


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count else "unknown size"
