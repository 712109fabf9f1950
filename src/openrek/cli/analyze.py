"""`openrek analyze`"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"}
_SHOWN = 5


@click.command(name="analyze", short_help="Analyse pictures or folders of pictures.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as POST /v1/analyses answers.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write <name>.json and <name>.annotated.jpg into.",
)
def command(paths: tuple[Path, ...], as_json: bool, save: Path | None) -> None:
    """Labels, faces, text and moderation of each picture, on this machine and without a server.

    Folders are searched for pictures. A picture that cannot be read is reported and the rest goes on; the exit status
    is then 1.
    """
    from rich.console import Console
    from rich.progress import track

    pictures = list(_find(paths))
    if not pictures:
        raise click.ClickException("no pictures there; looked for " + ", ".join(sorted(_PICTURES)))
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)

    errors = Console(stderr=True, soft_wrap=True)
    shown = track(_analyse_all(pictures), "Analysing", len(pictures), console=errors, transient=True)
    rows, failed = [], 0
    for name, outcome in zip(_names(pictures), shown, strict=True):
        path, finding, reason = outcome
        if finding is None:
            failed += 1
            errors.print(f"{path}: {reason}", style="red", markup=False, highlight=False)
            continue
        if save is not None:
            _save(save, name, path, finding)
        if as_json:
            _print_json(path, finding)
        else:
            rows.append((path, finding))
    if rows:
        _print_table(rows)
    if failed:
        errors.print(f"{failed} of {len(pictures)} pictures could not be analysed", style="red")
        sys.exit(1)


def _find(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in _PICTURES)
        else:
            yield path


def _names(pictures: list[Path]) -> list[str]:
    """A file name for each picture's outcome, each once: 'a', 'b', 'a-2'."""
    seen: dict[str, int] = {}
    names = []
    for path in pictures:
        seen[path.stem] = seen.get(path.stem, 0) + 1
        names.append(path.stem if seen[path.stem] == 1 else f"{path.stem}-{seen[path.stem]}")
    return names


def _analyse_all(pictures: list[Path]) -> Iterator[tuple[Path, dict[str, Any] | None, str]]:
    """(path, findings or None, reason) in order; as many pictures under way as keep the cores busy."""
    from collections import deque
    from concurrent.futures import Future, ThreadPoolExecutor

    from openrek import client
    from openrek.config import usable_cores

    try:
        client()
    except LookupError as error:
        raise click.ClickException(str(error)) from None
    ahead = usable_cores() + 1
    with ThreadPoolExecutor(ahead) as executor:
        waiting: deque[Future[tuple[Path, dict[str, Any] | None, str]]] = deque()
        for path in pictures:
            waiting.append(executor.submit(_analyse, path))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _analyse(path: Path) -> tuple[Path, dict[str, Any] | None, str]:
    from botocore.exceptions import ClientError

    from openrek import analyze

    try:
        return path, analyze(path), ""
    except ClientError as error:
        return path, None, error.response["Error"]["Message"]
    except OSError as error:
        return path, None, error.strerror or str(error)


def _save(folder: Path, name: str, path: Path, finding: dict[str, Any]) -> None:
    import orjson

    from openrek.function.picture import process

    (folder / f"{name}.annotated.jpg").write_bytes(process(path.read_bytes(), finding).annotated)
    (folder / f"{name}.json").write_bytes(orjson.dumps({"path": str(path)} | finding, option=orjson.OPT_INDENT_2))


def _print_json(path: Path, finding: dict[str, Any]) -> None:
    import orjson

    click.echo(orjson.dumps({"path": str(path)} | finding).decode())


def _print_table(rows: list[tuple[Path, dict[str, Any]]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from openrek.function.analysis import leading

    table = Table(show_lines=len(rows) > 1)
    for heading in ("Picture", "Labels", "Faces", "Text", "Moderation"):
        table.add_column(heading, overflow="fold")
    for path, finding in rows:
        labels = [f"{label['Name']} {label['Confidence']:.0f}%" for label in leading(finding["labels"], _SHOWN)]
        lines = [text["DetectedText"] for text in finding["text"] if text["Type"] == "LINE"]
        table.add_row(
            path.name,
            ", ".join(labels),
            str(len(finding["faces"])),
            " / ".join(lines[:_SHOWN]) + (" …" if len(lines) > _SHOWN else ""),
            ", ".join(label["Name"] for label in finding["moderation"]),
        )
    Console().print(table)
