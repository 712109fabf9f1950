"""What an analysis costs, and analyses per second beside the last release.

    python benchmarks/analysis.py [--release FOLDER | --commit 8287caa] [--count 60] [--rounds 3] [--json]

The first table counts, for POST /v1/analyses with the image's bytes and with an uploaded object: decodes at each scale,
reads of the object, and runs of each model. Each must be 1, but for the models that a face or a line of text runs.
The second alternates rounds of the service of the last release, checked out with git, and of this one, both with the
same models, images and number of requests under way, and takes the ratio within each round: the goal is 1.15.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent))

from analysis_cost import Cost, counted, served
from openrek.app import App
from openrek.config import Settings
from overhead import UNDER_WAY, per_second, sample_pictures

_LAST_RELEASE = "8287caa"
_ROOT = Path(__file__).parents[1]
_GOAL = 1.15


def costs(image: bytes) -> dict[str, Cost]:
    """What one analysis of the image costs, by how it is sent."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(Settings(Path(folder)), log_to_stdout=False)
        try:
            with (
                served(app) as url,
                httpx.Client(base_url=url, headers={"Authorization": f"Bearer {app.token}"}, timeout=60) as client,
            ):
                with counted() as from_bytes:
                    client.post("/v1/analyses", content=image).raise_for_status()
                place = client.post("/v1/uploads").raise_for_status().json()
                httpx.put(place["url"], content=image).raise_for_status()
                with counted() as from_object:
                    client.post("/v1/analyses", json={"key": place["key"]}).raise_for_status()
        finally:
            app.close()
    return {"bytes": from_bytes, "S3Object": from_object}


@contextmanager
def service(source: Path) -> Iterator[Callable[[Sequence[bytes]], Callable[[int], object]]]:
    """`openrek serve` of a source tree in a process of its own; what posts an image to it."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "openrek", "serve", "--port", "0", "--data", folder, "--quiet"],
            env={**os.environ, "PYTHONPATH": str(source)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stderr is not None
            url = ""
            for line in process.stderr:
                if found := re.search(r"ready after .* at (http://\S+)", line):
                    url = found[1]
                if "AWS_SHARED_CREDENTIALS_FILE" in line:
                    break
            token = (Path(folder) / "token").read_text().strip()
            limits = httpx.Limits(max_connections=UNDER_WAY)
            with httpx.Client(
                base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=120, limits=limits
            ) as client:

                def posting(images: Sequence[bytes]) -> Callable[[int], object]:
                    return lambda number: client.post(
                        "/v1/analyses", content=images[number % len(images)]
                    ).raise_for_status()

                yield posting
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def release(commit: str, folder: Path | None) -> Iterator[Path]:
    """The source of the last release: the folder given, or the commit, checked out."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as checkout:
        archive = ["git", "-C", str(_ROOT), "archive", commit, "src"]
        packed = subprocess.run(archive, stdout=subprocess.PIPE, check=True)
        subprocess.run(["tar", "x", "-C", checkout], input=packed.stdout, check=True)
        yield Path(checkout) / "src"


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", type=Path, help="src folder of the last release, instead of a commit")
    parser.add_argument("--commit", default=_LAST_RELEASE, help="of the last release")
    parser.add_argument("--count", type=int, default=60, help="analyses a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="for machines")
    arguments = parser.parse_args()
    images = sample_pictures()
    counts = costs(images[0])
    rows: list[tuple[float, float]] = []
    with release(arguments.commit, arguments.release) as before, service(before) as old, service(_ROOT / "src") as new:
        for post in (old, new):
            per_second(post(images), len(images))
        for _ in range(arguments.rounds):
            rows.append((per_second(old(images), arguments.count), per_second(new(images), arguments.count)))
    ratio = statistics.median(new / old for old, new in rows)
    if arguments.json:
        figures = {"costs": {way: asdict(cost) for way, cost in counts.items()}, "rounds": rows, "ratio": ratio}
        print(json.dumps(figures))
        return
    print("| analysis from | decodes by scale | reads of the object | model runs |\n|---|---|---|---|")
    for way, cost in counts.items():
        decodes = ", ".join(f"1/{scale}: {count}" for scale, count in sorted(cost.decodes.items()))
        runs = ", ".join(f"{name} {count}" for name, count in sorted(cost.runs.items()))
        print(f"| {way} | {decodes} | {sum(cost.reads.values())} | {runs} |")
    print(f"\n{os.cpu_count()} cores, {len(images)} images, {arguments.count} a round, {UNDER_WAY} under way")
    print("| round | last release, analyses/s | this one, analyses/s | ratio |\n|---|---|---|---|")
    for number, (old_speed, new_speed) in enumerate(rows, 1):
        print(f"| {number} | {old_speed:.2f} | {new_speed:.2f} | {new_speed / old_speed:.3f} |")
    print(f"\nMedian ratio {ratio:.3f}; the goal is {_GOAL}.")


if __name__ == "__main__":
    main()
