"""Images per second of the engine beside the last release, on the same cores, with the accuracy and memory of both.

    python benchmarks/engine.py [--release FOLDER | --commit 1eee0eb] [--shared ../shared] [--count 40] [--rounds 5]
        [--precision auto] [--json]

The release is taken with git, source and models, and runs with this environment's packages. Each round runs the models
of DetectLabels, DetectFaces, DetectText and the whole analysis with one engine and then with the other, on the
photographs of overhead.py. The ratio is taken within each round: of the time on the clock, and of CPU time, which a
busy machine changes less. The goal is 1.5 for each, with no more memory, and accuracy within .005.

With --shared, the accuracy of both is measured, too: with 1/5 of the images of accuracy.py, or all with --all.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_LAST_RELEASE = "1eee0eb"
_ROOT = Path(__file__).parents[1]
_GOAL = 1.5
_RUNNER = Path(__file__).with_name("engine_runner.py")
_SOURCES = ("src", "packs/default/src")


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one round."""

    per_second: float
    """Images, by the clock."""
    cpu_seconds: float
    """Of the whole process, for an image."""


class Runner:
    """A process with one engine, of this source or of the release's."""

    def __init__(self, root: Path, precision: str | None = None) -> None:
        paths = [str(root / source) for source in _SOURCES]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        arguments = [precision] if precision else []
        self._process = subprocess.Popen(
            [sys.executable, str(_RUNNER), *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[str] = self._process.stdin
        self._replies: IO[str] = self._process.stdout
        if (imported := Path(self._ask(command="source")["source"])) != root / "src" / "openrek" / "__init__.py":
            raise RuntimeError(f"{imported} was imported, not the source of {root}")

    def speed(self, task: str, count: int) -> Speed:
        """Of `count` images."""
        return Speed(**self._ask(command="run", task=task, count=count))

    def resident_bytes(self) -> int:
        """Of the process, once it is warm."""
        return int(self._ask(command="memory")["bytes"])

    def accuracy(self, data: Path, part: int) -> dict[str, float]:
        """Figures by name, of every image whose place is a multiple of `part`."""
        return self._ask(command="accuracy", data=str(data), part=part)

    def close(self) -> None:
        """Ends the process."""
        self._requests.close()
        self._process.wait(timeout=60)

    def _ask(self, **request: object) -> dict[str, Any]:
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()
        reply = self._replies.readline()
        if not reply:
            raise RuntimeError("the engine's process has ended; its error is above")
        answer: dict[str, Any] = json.loads(reply)
        return answer


@contextmanager
def release(commit: str, folder: Path | None) -> Iterator[Path]:
    """The checkout of the last release: the folder given, or source and models of the commit."""
    if folder is not None:
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory() as checkout:
        packed = subprocess.run(
            ["git", "-C", str(_ROOT), "archive", commit, *_SOURCES], stdout=subprocess.PIPE, check=True
        )
        subprocess.run(["tar", "x", "-C", checkout], input=packed.stdout, check=True)
        yield Path(checkout).resolve()


def measure(old: Runner, new: Runner, count: int, rounds: int) -> dict[str, list[tuple[Speed, Speed]]]:
    """By task, the speeds of the release and of this source in each round."""
    speeds: dict[str, list[tuple[Speed, Speed]]] = {}
    for number in range(rounds):
        for task in ("labels", "faces", "text", "whole"):
            if not number:
                for runner in (old, new):
                    runner.speed(task, 5)  # a first run of each task allocates
            pair = old.speed(task, count), new.speed(task, count)
            speeds.setdefault(task, []).append(pair)
    return speeds


def ratios(rounds: Sequence[tuple[Speed, Speed]]) -> tuple[float, float]:
    """Medians of images per second, and of CPU time saved: how many times as fast as the release."""
    return (
        statistics.median(new.per_second / old.per_second for old, new in rounds),
        statistics.median(old.cpu_seconds / new.cpu_seconds for old, new in rounds),
    )


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", type=Path, help="checkout of the last release, instead of a commit")
    parser.add_argument("--commit", default=_LAST_RELEASE, help="of the last release")
    parser.add_argument("--shared", type=Path, help="folder with data/, to measure the accuracy of both")
    parser.add_argument("--all", action="store_true", help="measure it on all images")
    parser.add_argument(
        "--precision", choices=("auto", "float", "int8"), default="auto", help="of this source's engine"
    )
    parser.add_argument("--count", type=int, default=40, help="images a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="for machines")
    arguments = parser.parse_args()
    with release(arguments.commit, arguments.release) as before:
        old, new = Runner(before), Runner(_ROOT.resolve(), arguments.precision)
        try:
            speeds = measure(old, new, arguments.count, arguments.rounds)
            memory = old.resident_bytes(), new.resident_bytes()
            accuracy: list[dict[str, float]] = []
            if arguments.shared is not None:
                data = (arguments.shared / "data").resolve()
                accuracy = [runner.accuracy(data, 1 if arguments.all else 5) for runner in (old, new)]
        finally:
            old.close()
            new.close()
    if arguments.json:
        figures = {task: dict(zip(("clock", "cpu"), ratios(rounds), strict=True)) for task, rounds in speeds.items()}
        print(json.dumps({"ratios": figures, "resident_bytes": memory, "accuracy": accuracy}))
        return
    print(f"{os.cpu_count()} cores, {arguments.count} images a round, {arguments.rounds} rounds, medians")
    print("| task | last release, images/s | this one, images/s | ratio | CPU time, ms an image | ratio |")
    print("|---|---|---|---|---|---|")
    for task, rounds in speeds.items():
        clock, cpu = ratios(rounds)
        speed = [statistics.median(pair[place].per_second for pair in rounds) for place in (0, 1)]
        spent = [1000 * statistics.median(pair[place].cpu_seconds for pair in rounds) for place in (0, 1)]
        print(
            f"| {task} | {speed[0]:.1f} | {speed[1]:.1f} | {clock:.2f} | {spent[0]:.1f}, {spent[1]:.1f} | {cpu:.2f} |"
        )
    print(f"\nThe goal is {_GOAL}. Resident memory: {memory[0] / 1e6:.0f} MB, {memory[1] / 1e6:.0f} MB.")
    if accuracy:
        print("\n| figure | last release | this one |\n|---|---|---|")
        for name, value in accuracy[0].items():
            print(f"| {name} | {value:.3f} | {accuracy[1][name]:.3f} |")


if __name__ == "__main__":
    main()
