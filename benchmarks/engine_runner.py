"""One engine in a process of its own, for engine.py: reads requests and writes replies, a JSON object a line.

Runs with the source and the models that PYTHONPATH names, an older release's as well, so it uses nothing but what both
have.
"""

import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

import openrek
from openrek.vision import EncodedFrame, Engine, Limits, RuntimeOptions, load_packs

sys.path.insert(0, str(Path(__file__).parent))

from overhead import sample_pictures

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)


def main() -> None:
    """Answers until the requests end."""
    options: dict[str, Any] = {"workers": _CORES}
    if len(sys.argv) > 1 and "precision" in inspect.signature(RuntimeOptions).parameters:
        options["precision"] = sys.argv[1]
    with Engine(load_packs(), RuntimeOptions(**options)) as engine:
        engine.pin()
        images = sample_pictures()
        for line in sys.stdin:
            request = json.loads(line)
            match request["command"]:
                case "source":
                    reply: dict[str, Any] = {"source": str(Path(openrek.__file__).resolve())}
                case "run":
                    reply = _speed(engine, TASKS[request["task"]], images, request["count"])
                case "memory":
                    reply = {"bytes": psutil.Process().memory_info().rss}
                case _:
                    reply = dict(_accuracy(engine, Path(request["data"]), request["part"]))
            print(json.dumps(reply), flush=True)


def _labels(engine: Engine, frame: EncodedFrame) -> object:
    return engine.analysis(frame).labels


def _faces(engine: Engine, frame: EncodedFrame) -> object:
    return engine.analysis(frame).faces


def _text(engine: Engine, frame: EncodedFrame) -> object:
    return engine.analysis(frame).text


def _whole(engine: Engine, frame: EncodedFrame) -> object:
    analysis = engine.analysis(frame)
    analysis.start("labels", "faces", "text", "moderation")
    faces = analysis.faces
    wanted = frozenset({"gender", "age", "emotions", "smile"}) & _attributes()
    return analysis.labels, analysis.text, analysis.moderation, analysis.attributes(faces, wanted)


def _attributes() -> frozenset[str]:
    from openrek.vision.faces.attribute_results import ATTRIBUTES

    return frozenset(ATTRIBUTES)


TASKS: dict[str, Callable[[Engine, EncodedFrame], object]] = {
    "labels": _labels,
    "faces": _faces,
    "text": _text,
    "whole": _whole,
}


def _speed(
    engine: Engine, task: Callable[[Engine, EncodedFrame], object], images: Sequence[bytes], count: int
) -> dict[str, float]:
    """With as many images under way as keep every core busy, as a service has."""
    process = psutil.Process()
    before, started = process.cpu_times(), time.perf_counter()
    with ThreadPoolExecutor(2 * _CORES) as executor:
        for _ in executor.map(lambda n: task(engine, EncodedFrame.open(images[n % len(images)])), range(count)):
            pass
    seconds, after = time.perf_counter() - started, process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return {"per_second": count / seconds, "cpu_seconds": spent / count}


def _accuracy(engine: Engine, data: Path, part: int) -> Iterator[tuple[str, float]]:
    """Figures that accuracy.py has, too, measured here alike for both releases."""
    import label_accuracy

    folder = data / "coco128_val2017"
    truth = label_accuracy._truth(folder)
    chosen = sorted(truth.getImgIds())[::part]
    found = {
        each: engine.analysis(_open(folder / "images" / truth.loadImgs(each)[0]["file_name"])).objects
        for each in chosen
    }
    precision = label_accuracy._average_precision(truth, found, chosen)
    for figure in precision.split(", "):
        name, _, value = figure.partition(" ")
        yield f"objects, {name}, {len(chosen)} images", float(value)
    yield from _portraits(engine, data, part)
    yield from _words(engine, data, part)


def _portraits(engine: Engine, data: Path, part: int) -> Iterator[tuple[str, float]]:
    for folder in ("face_mask/with_mask", "face_mask/without_mask", "lfw_gray_pairs"):
        files = sorted((data / folder).glob("*.*"))[::part][:400]
        seen = sum(len(engine.analysis(_open(file)).faces) > 0 for file in files)
        yield f"faces found, {folder}, {len(files)} images", seen / len(files)


def _words(engine: Engine, data: Path, part: int) -> Iterator[tuple[str, float]]:
    truth = json.loads((data / "vietnamese_render" / "labels.json").read_text(encoding="utf-8"))
    names = sorted(truth)[::part]
    right = total = 0
    for name in names:
        lines = engine.analysis(_open(data / "vietnamese_render" / name)).text.lines
        read = [word for line in lines for word in line.text.split()]
        wanted = truth[name].split()
        total += len(wanted)
        right += sum(word in read for word in wanted)
    yield f"Vietnamese words read, {len(names)} images", right / total


def _open(path: Path) -> EncodedFrame:
    return EncodedFrame.open(path.read_bytes(), _ANY_SIZE)


if __name__ == "__main__":
    main()
