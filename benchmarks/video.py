"""Videos: how fast they are analysed, whether memory grows with their length, and which cuts are found.

    python benchmarks/video.py speed [--video FILE] [--seconds 30]
    python benchmarks/video.py memory [--minutes 60]
    python benchmarks/video.py cuts [--shared ../shared]

`speed` looks for labels, faces, text and moderation, all of it in one pass. The peer is a bare loop over the same
models: PyAV decodes every frame, the frames that openrek looked at are analysed by as many threads, and nothing else is
done.

`memory` makes a video of that length, 10 frames a second, and finds its cuts, black frames and colour bars: the
resident memory after a tenth and at the end. The limit is a ratio of 1.

`cuts` compares with PySceneDetect (`pip install scenedetect-headless`) where it is installed: AdaptiveDetector and
ContentDetector as they are, on the sample clip, and on grey gradients across and down, which are equal on average.

`--json` prints one JSON object instead.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.videos import encode_video, texture

from openrek.config import usable_cores
from openrek.function.local_video import PARTS
from openrek.rekognition.operations.videos.kinds import KINDS
from openrek.video import Kind, Segment, Trace, Video, VideoAnalysis, joined
from openrek.vision import ArrayFrame, Engine, FrameAnalysis, RuntimeOptions, load_packs

_SHARED = Path(__file__).parents[2] / "shared"
_CLIP = Path("data") / "videos" / "one-by-one-person-detection.mp4"
_CUTS = Path("data") / "videos" / "synthetic_cuts_60_105_135_185_215_255.mp4"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "memory", "cuts"))
    parser.add_argument("--video", type=Path)
    parser.add_argument("--seconds", type=float, default=30, help="of the video that are analysed")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--shared", type=Path, default=_SHARED)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.what == "speed":
        figures = speed(arguments.video or arguments.shared / _CLIP, arguments.seconds)
    elif arguments.what == "memory":
        figures = memory(arguments.minutes)
    else:
        figures = cuts(arguments.shared / _CUTS)
    print(json.dumps(figures) if arguments.json else "\n".join(f"{name:45} {value}" for name, value in figures.items()))


def _read(part: str) -> Any:
    def read(analysis: FrameAnalysis) -> object:
        return getattr(analysis, part)

    return read


def speed(path: Path, seconds: float) -> dict[str, Any]:
    """Seconds of video analysed in a second, and the ratio to the bare loop; the better of two runs each, in turns."""
    cores = usable_cores()
    kinds: dict[str, Kind[object]] = {
        part: Kind(KINDS[name].per_second, _read(part), KINDS[name].needs) for part, name in PARTS.items()
    }
    with Engine(load_packs(), RuntimeOptions(cores)) as engine:
        engine.pin()
        analysis = VideoAnalysis(engine, kinds, at_once=cores + 1)
        times: dict[str, list[float]] = {"openrek": [], "bare": []}
        for _ in range(2):
            with Video(path) as video:
                segments = [each for each in video.segments() if _begins(video, each) < seconds * 1000]
                started = time.perf_counter()
                found = joined(analysis.segment(video, segment) for segment in segments)
                times["openrek"].append(time.perf_counter() - started)
            frames: dict[int, set[str]] = {}
            same: dict[str, object] = {}
            for finding in found.findings:
                if same.get(finding.kind) is not finding.value:  # a look of its own, not an earlier look's findings
                    frames.setdefault(finding.frame, set()).add(finding.kind)
                same[finding.kind] = finding.value
            started = time.perf_counter()
            _bare(path, engine, frames, kinds, len(found.trace), cores + 1)
            times["bare"].append(time.perf_counter() - started)
    shown, best, bare = found.trace.end_ms / 1000, min(times["openrek"]), min(times["bare"])
    return {
        "cores": cores,
        "seconds of video": round(shown, 1),
        "frames decoded": len(found.trace),
        "frames looked at": found.looked,
        "seconds analysed a second": round(shown / best, 2),
        "bare loop, seconds a second": round(shown / bare, 2),
        "ratio to the bare loop (limit 0.85)": round(bare / best, 3),
    }


def _begins(video: Video, segment: Segment) -> int:
    return 0 if segment.start_pts is None else video.timestamp_ms(segment.start_pts)


def _bare(
    path: Path, engine: Engine, frames: dict[int, set[str]], kinds: dict[str, Kind[object]], count: int, at_once: int
) -> None:
    import av

    def look(pixels: Any, parts: set[str]) -> None:
        analysis = engine.analysis(ArrayFrame(pixels))
        analysis.start(*dict.fromkeys(result for part in parts for result in kinds[part].starts))
        for part in parts:
            kinds[part].read(analysis)

    waiting: deque[Future[None]] = deque()
    with av.open(str(path), format="mov") as container, ThreadPoolExecutor(at_once) as executor:
        container.streams.video[0].codec_context.thread_count = 1
        for number, frame in enumerate(container.decode(video=0)):
            if number >= count:
                break
            if number in frames:
                waiting.append(executor.submit(look, frame.to_ndarray(format="rgb24"), frames[number]))
                if len(waiting) > at_once:
                    waiting.popleft().result()
        for future in waiting:
            future.result()


def memory(minutes: float) -> dict[str, Any]:
    """Resident memory after a tenth of a long video, and at its end."""
    import psutil

    rate, total = 10, int(minutes * 600)
    scenes = [texture(seed, 320, 180) for seed in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mp4"
        still = (scenes[number // 70 % 20] for number in range(total))
        path.write_bytes(encode_video(still, rate=rate, options={"preset": "ultrafast", "g": "50"}))
        process, sizes = psutil.Process(), []
        with Engine(load_packs(), RuntimeOptions(1)) as engine, Video(path) as video:
            analysis: VideoAnalysis[None] = VideoAnalysis(engine, {})
            segments = video.segments()

            def traces() -> Any:
                for segment in segments:
                    yield analysis.segment(video, segment).trace
                    sizes.append(process.memory_info().rss)

            started = time.perf_counter()
            trace = Trace.joined(traces())
            lasted = time.perf_counter() - started
    early, late = sizes[len(sizes) // 10], sizes[-1]
    return {
        "minutes of video": round(trace.end_ms / 60_000, 1),
        "segments": len(segments),
        "cuts found of those made": f"{np.count_nonzero(trace.cuts)} of {(total - 1) // 70}",
        "seconds traced a second": round(trace.end_ms / 1000 / lasted),
        "MB after a tenth": round(early / 1e6, 1),
        "MB at the end": round(late / 1e6, 1),
        "ratio (limit 1)": round(late / early, 3),
    }


def cuts(clip: Path) -> dict[str, Any]:
    """Cuts found of those that there are, and others found, by openrek and by PySceneDetect."""
    down, across = np.mgrid[:180, :320]
    greys = [100 + across * 60 / 320, 100 + down * 60 / 180, 160 - across * 60 / 320, 160 - down * 60 / 180]
    scenes = [grey.astype(np.uint8)[..., None].repeat(3, axis=2) for grey in greys]
    equal = [scenes[number // 30] for number in range(120)]
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        colours = Path(folder) / "equal.mp4"
        colours.write_bytes(encode_video(equal))
        wanted = {"equal colours": (colours, {30, 60, 90})}
        if clip.exists():
            wanted["sample clip"] = (clip, {60, 105, 135, 185, 215, 255})
        for name, (path, true) in wanted.items():
            found = {"openrek": _ours(path)} | _theirs(path)
            for who, frames in found.items():
                missed, invented = true - frames, frames - true
                figures[f"{name}, {who}"] = (
                    f"{len(true & frames)} of {len(true)}, missed {sorted(missed)}, invented {sorted(invented)}"
                )
    return figures


def _ours(path: Path) -> set[int]:
    with Engine(load_packs(), RuntimeOptions(1)) as engine, Video(path) as video:
        analysis: VideoAnalysis[None] = VideoAnalysis(engine, {})
        trace = joined(analysis.segment(video, segment) for segment in video.segments(1)).trace
    return {int(frame) for frame in np.flatnonzero(trace.cuts)}


def _theirs(path: Path) -> dict[str, set[int]]:
    try:
        import scenedetect  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return {}
    detectors = {
        "PySceneDetect adaptive": scenedetect.AdaptiveDetector,
        "PySceneDetect content": scenedetect.ContentDetector,
    }
    return {
        name: {start.frame_num for start, _ in scenedetect.detect(str(path), detector()) if start.frame_num}
        for name, detector in detectors.items()
    }


if __name__ == "__main__":
    main()
