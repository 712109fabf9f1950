"""`openrek analyze`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openrek.cli.analyze_videos import analyse_videos, print_json
from openrek.cli.outcomes import IMAGES, VIDEOS, Outcomes, find, is_video, skipped
from openrek.cli.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 5
_NAMED = 20
"""Skipped files that are named; of more the number is given."""


@click.command(name="analyze", short_help="Analyse images, videos or folders of them.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line, as POST /v1/analyses returns.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for <name>.json and <name>.annotated.jpg, and for poster, contact sheet and timeline thumbnails of "
    "videos; it mirrors the folders given.",
)
def command(paths: tuple[Path, ...], as_json: bool, save: Path | None) -> None:
    """Labels, faces, text and moderation of each image or video, on this machine and without a server.

    Folders are searched for images of up to 15 MiB each and for MP4 and MOV videos; what is skipped because of its
    ending is counted and named on standard error. A file that cannot be read is reported and the rest goes on; the exit
    status is then 1. Videos also have segments: shots, black frames and colour bars.
    """
    from rich.console import Console

    files = list(find(paths))
    others = skipped(paths)
    if not files:
        _report(others)
        extensions = ", ".join(sorted(IMAGES | VIDEOS))
        raise click.ClickException(f"No images found, and no videos. Supported file extensions: {extensions}.")
    try:
        outcomes = None if save is None else Outcomes(save, files)
    except OSError as error:
        raise click.ClickException(f"cannot write into {plain(save)}: {error.strerror or error}") from None
    _load()

    errors = Console(stderr=True, soft_wrap=True)
    videos = [(index, path) for index, (path, _) in enumerate(files) if is_video(path)]
    numbers = {index for index, _ in videos}
    images = [(index, path) for index, (path, _) in enumerate(files) if index not in numbers]
    failed = _analyse_images(images, outcomes, errors, as_json) + analyse_videos(videos, outcomes, errors, as_json)
    _report(others)
    if failed:
        kinds = "images" if not videos else "videos" if not images else "files"
        errors.print(f"{failed} of {len(files)} {kinds} could not be analysed", style="red")
        sys.exit(1)


def _analyse_images(images: list[tuple[int, Path]], outcomes: Outcomes | None, errors: "Console", as_json: bool) -> int:
    """How many could not be analysed."""
    from rich.progress import track

    from openrek.cli.look_ahead import look_ahead

    rows, failed = [], 0
    analysed = look_ahead(_analyse, [path for _, path in images])
    for (index, _), (path, finding, rejected) in zip(
        images, track(analysed, "Analysing", len(images), console=errors, transient=True), strict=True
    ):
        reason = rejected
        if finding is not None and outcomes is not None:
            reason = _save(outcomes, index, path, finding)
        if finding is None or reason:
            failed += 1
            errors.print(f"{plain(path)}: {plain(reason)}", style="red", markup=False, highlight=False)
        elif as_json:
            print_json(path, finding)
        else:
            rows.append((path, finding))
    if rows:
        _print_table(rows)
    return failed


def _report(others: list[Path]) -> None:
    """How many files were skipped, and the names of the first ones."""
    if not others:
        return
    names = ", ".join(plain(path.name) for path in others[:_NAMED])
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    files = "1 file that is" if len(others) == 1 else f"{len(others):,} files that are"
    click.echo(
        f"Skipped {files} not in a supported image or video format: {names}{more}. "
        "Convert images among them to JPEG or PNG, videos to MP4.",
        err=True,
    )


def _save(outcomes: Outcomes, index: int, path: Path, finding: dict[str, Any]) -> str:
    """The reason why it could not be saved; empty if it was."""
    try:
        outcomes.save(index, path, finding)
    except OSError as error:
        return f"the result cannot be written: {error.strerror or error}"
    return ""


def _load() -> None:
    from openrek.app import warm_up

    try:
        warm_up()
    except (LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _analyse(path: Path) -> tuple[Path, dict[str, Any] | None, str]:
    """(path, findings or None, reason)"""
    from botocore.exceptions import ClientError

    from openrek import analyze

    try:
        return path, analyze(path), ""
    except ClientError as error:
        return path, None, error.response["Error"]["Message"]
    except OSError as error:
        return path, None, error.strerror or str(error)


def _print_table(rows: list[tuple[Path, dict[str, Any]]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from openrek.function.findings import leading

    table = Table(show_lines=len(rows) > 1)
    for heading in ("Picture", "Labels", "Faces", "Text", "Moderation"):
        table.add_column(heading, overflow="fold")
    for path, finding in rows:
        labels = [f"{label['Name']} {label['Confidence']:.0f}%" for label in leading(finding["labels"], _SHOWN)]
        lines = [text["DetectedText"] for text in finding["text"] if text["Type"] == "LINE"]
        cells = (
            path.name,
            ", ".join(labels),
            str(len(finding["faces"])),
            " / ".join(lines[:_SHOWN]) + (" …" if len(lines) > _SHOWN else ""),
            ", ".join(label["Name"] for label in finding["moderation"]),
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))  # never as markup: "[1]" may be text in the image
    Console().print(table)
