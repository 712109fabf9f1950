"""How long `openrek serve` takes to be ready, with none and with many analyses in its bucket.

    python benchmarks/start.py [--analyses 20000] [--rounds 9] [--json]

Both data folders were started once before. Starts alternate between them; each is timed from the start of the process
to its ready line. A page of history is timed once after each start, the first 24 and those behind the middle.
"""

import argparse
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openrek.ids import identifier_of

_READY = re.compile(r"ready after .* at (http://\S+)")
_NAMES = ("original.jpg", "annotated.jpg", "thumbnail.jpg")


def write_analyses(bucket: Path, count: int) -> list[str]:
    """Analyses as the service keeps them, one a minute, with small files; their identifiers, newest first."""
    identifiers = []
    newest = datetime.now(UTC)
    for number in range(count):
        made = newest - timedelta(minutes=number)
        identifier = identifier_of(made, str(number))
        folder = bucket / "analyses" / identifier
        folder.mkdir(parents=True)
        for name in _NAMES:
            (folder / name).write_bytes(b"\xff\xd8\xff\xd9")
        objects = {
            name.partition(".")[0]: {"bucket": bucket.name, "key": f"analyses/{identifier}/{name}"}
            for name in (*_NAMES, "result.json")
        }
        result = {
            "id": identifier,
            "created_at": made.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "image": {"width": 640, "height": 480, "format": "jpeg", "bytes": 4},
            **{name: [] for name in ("labels", "faces", "text", "moderation")},
            "objects": objects,
        }
        (folder / "result.json").write_text(json.dumps(result))
        identifiers.append(identifier)
    return identifiers


def start(data: Path, middle: str | None) -> tuple[float, list[float]]:
    """Seconds to the ready line, and seconds of each page of history."""
    command = [sys.executable, "-m", "openrek", "serve", "--port", "0", "--quiet", "--data", str(data)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr as lines:
        said = []
        for line in lines:
            said.append(line)
            if ready := _READY.search(line):
                seconds = time.perf_counter() - started
                break
        else:
            raise RuntimeError("the service did not start:\n" + "".join(said))
        pages = [page_seconds(f"{ready[1]}/v1/analyses{query}", data) for query in queries(middle)]
        process.send_signal(signal.SIGTERM)
        lines.read()
    if process.wait() != 0:
        raise RuntimeError("the service did not end in order")
    return seconds, pages


def queries(middle: str | None) -> tuple[str, ...]:
    """Those of the pages."""
    return ("",) if middle is None else ("", f"?after={middle}")


def page_seconds(url: str, data: Path) -> float:
    """Seconds of one page of history."""
    token = (data / "token").read_text().strip()
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    started = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        answer.read()
    return time.perf_counter() - started


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--analyses", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        none, many = Path(scratch) / "none", Path(scratch) / "many"
        start(none, None)
        start(many, None)
        identifiers = write_analyses(many / "objects" / "openrek", arguments.analyses)
        middle = identifiers[len(identifiers) // 2]
        without, filled, pages = [], [], []
        for _ in range(arguments.rounds):
            without.append(start(none, None)[0])
            seconds, taken = start(many, middle)
            filled.append(seconds)
            pages.append(taken)
    figures = {
        "start_seconds": {"0": statistics.median(without), str(arguments.analyses): statistics.median(filled)},
        "ratio": statistics.median(filled) / statistics.median(without),
        "page_seconds": {
            "first": statistics.median(page[0] for page in pages),
            "middle": statistics.median(page[1] for page in pages),
        },
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    print("| analyses | start, s |\n|---|---|")
    for count, seconds in figures["start_seconds"].items():  # type: ignore[attr-defined]
        print(f"| {int(count):,} | {seconds:.2f} |")
    print(f"\nratio {figures['ratio']:.2f}")
    for name, seconds in figures["page_seconds"].items():  # type: ignore[attr-defined]
        print(f"page of history, {name}: {seconds * 1000:.0f} ms")


if __name__ == "__main__":
    main()
