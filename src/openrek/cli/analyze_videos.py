"""`openrek analyze` of videos."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openrek.cli.outcomes import Outcomes, spelt
from openrek.cli.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN = 5
_ROWS = 12
_FEWEST_ROWS = 2
_SHORTEST_ROW_MS = 1000


def analyse_videos(videos: list[tuple[int, Path]], outcomes: Outcomes | None, errors: "Console", as_json: bool) -> int:
    """Analyses one video after another: each keeps all cores busy.

    Args:
        videos: Place in the list of files, and path.
        outcomes: Where results are written, if anywhere.
        errors: For progress and errors.
        as_json: Print one JSON object per line instead of tables.

    Returns:
        How many could not be analysed.
    """
    failed = 0
    for index, path in videos:
        if reason := _analyse(index, path, outcomes, errors, as_json):
            failed += 1
            errors.print(f"{plain(path)}: {plain(reason)}", style="red", markup=False, highlight=False)
    return failed


def print_json(path: Path, finding: dict[str, Any]) -> None:
    """One line of JSON, with the path."""
    import orjson

    click.echo(orjson.dumps({"path": spelt(path)} | finding).decode())


def _analyse(index: int, path: Path, outcomes: Outcomes | None, errors: "Console", as_json: bool) -> str:
    """The reason why it could not be analysed; empty if it was."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from openrek.app import local_video_findings
    from openrek.errors import OpenrekError
    from openrek.video import ContactSheet

    sheet = ContactSheet()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[at]}"))
    with Progress(*columns, TimeRemainingColumn(), console=errors, transient=True) as progress:
        task = progress.add_task(f"Analysing {plain(path.name)}", total=None, at="")

        def on_progress(done_ms: int, declared_ms: int) -> None:
            total = max(declared_ms, done_ms) or None
            progress.update(task, completed=done_ms, total=total, at=_clock(done_ms))

        try:
            finding = local_video_findings(path, on_progress, sheet.push).as_dict()
        except OpenrekError as error:
            return error.message
        except OSError as error:
            return error.strerror or str(error)
    if outcomes is not None:
        try:
            outcomes.save_video(index, path, finding, sheet)
        except OSError as error:
            return f"the result cannot be written: {error.strerror or error}"
    if as_json:
        print_json(path, finding)
    else:
        _print_tables(path, finding)
    return ""


def _print_tables(path: Path, finding: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    video = finding["video"]
    size, rate = f"{video['FrameWidth']} × {video['FrameHeight']}", f"{video['FrameRate']:.4g}"
    facts = f"{_clock(video['DurationMillis'])}, {size}, {rate} frames/s, {video['Codec']}"
    table = Table(title=Text(f"{plain(path.name)}: {plain(facts)}"), title_justify="left")
    for heading in ("Time", "Labels", "Faces", "Text", "Moderation"):
        table.add_column(heading, overflow="fold")
    for start, end in _windows(finding):
        cells = (f"{_clock(start)} – {_clock(end)}", *_cells(finding, start, end))
        table.add_row(*(Text(plain(cell)) for cell in cells))  # never as markup: "[1]" may be text in the video
    console = Console()
    console.print(table)
    console.print(Text(f"Segments: {_segments(finding['segments'])}"))


def _windows(finding: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Times of the table's rows: one a shot, if they are few enough, else parts of equal length."""
    duration = finding["video"]["DurationMillis"]
    starts = [each["StartTimestampMillis"] for each in finding["segments"] if each["Type"] == "SHOT"]
    if not _FEWEST_ROWS <= len(starts) <= _ROWS:
        step = max(-(-duration // _ROWS), _SHORTEST_ROW_MS)
        starts = list(range(0, duration, step))
    yield from zip(starts, [*starts[1:], duration], strict=True)


def _cells(finding: dict[str, Any], start: int, end: int) -> tuple[str, str, str, str]:
    def within(part: str) -> list[dict[str, Any]]:
        return [item for item in finding[part] if start <= item["Timestamp"] < end]

    from openrek.function.findings import leading

    best: dict[str, dict[str, Any]] = {}
    for item in within("labels"):
        label = item["Label"]
        if label["Confidence"] > best.get(label["Name"], {}).get("Confidence", -1):
            best[label["Name"]] = label
    ordered = sorted(best.values(), key=lambda label: -label["Confidence"])
    labels = ", ".join(f"{label['Name']} {label['Confidence']:.0f}%" for label in leading(ordered, _SHOWN))
    times = [item["Timestamp"] for item in within("faces")]
    faces = max((times.count(time) for time in set(times)), default=0)
    texts = [item["TextDetection"] for item in within("text")]
    lines = list(dict.fromkeys(text["DetectedText"] for text in texts if text["Type"] == "LINE"))
    shown = " / ".join(lines[:_SHOWN]) + (" …" if len(lines) > _SHOWN else "")
    moderation = dict.fromkeys(item["ModerationLabel"]["Name"] for item in within("moderation"))
    return labels, str(faces), shown, ", ".join(moderation)


def _segments(segments: list[dict[str, Any]]) -> str:
    shots = sum(segment["Type"] == "SHOT" for segment in segments)
    cues = [
        f"{segment['TechnicalCueSegment']['Type']} {_clock(segment['StartTimestampMillis'])} – "
        f"{_clock(segment['EndTimestampMillis'])}"
        for segment in segments
        if segment["Type"] == "TECHNICAL_CUE"
    ]
    more = f" and {len(cues) - _ROWS} more" if len(cues) > _ROWS else ""
    return f"{shots} shot{'' if shots == 1 else 's'}; " + ", ".join(cues[:_ROWS]) + more


def _clock(milliseconds: int) -> str:
    """As 1:02:03.4."""
    tenths = milliseconds // 100
    seconds, tenth = divmod(tenths, 10)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{tenth}" if hours else f"{minutes}:{seconds:02}.{tenth}"
