"""How fast faces are found: SearchFaces over HTTP beside the bare library, at 10 k, 100 k and 1 M faces.

    python benchmarks/faces.py [--shared ../shared] [--sizes 10000,100000,1000000] [--searches 300] [--json]

The peer is faiss's flat index of half floats, in this process, over the same vectors and with as many threads. Vectors
are synthetic and distributed as those of LFW: see face_vectors.py. Rows are written through the repositories, because
a million images would take a day. A search is SearchFaces by FaceId, so that no image's inference is in the figures;
requests are signed beforehand and sent one after the other. Rounds alternate, and ratios are taken within a round.
Recall is against the exact search of the 32-bit vectors.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import faiss
import numpy as np
from numpy.typing import NDArray

from face_vectors import FaceDistribution, cosines, real_vectors
from openrek.compose import compose
from openrek.config import Settings
from openrek.state.face_rows import NewFace
from openrek.vision import Engine, RuntimeOptions, load_packs
from overhead import Service

Floats = NDArray[np.float32]
COLLECTION = "benchmark"
IMAGES = 4
"""Of each person."""
MATCHES = 10
_ROUNDS = 5
_BATCH = 5_000
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured at one size."""

    faces: int
    write_seconds: float
    ready_seconds: float
    """From the start of the process until the first search is answered, models included."""
    ready_cpu_seconds: float
    """Processor time of the process until then, which a busy machine does not change."""
    ready_empty_seconds: float
    """As `ready_seconds`, with one face."""
    ready_empty_cpu_seconds: float
    bytes_per_face: float
    """Resident memory that the first search added, less that with one face."""
    p50_ms: float
    p99_ms: float
    bare_p50_ms: float
    bare_p99_ms: float
    ratio: float
    """Of the medians, openrek's by the bare library's: the median of all rounds."""
    recall_1: float
    recall_10: float


def face_id(index: int) -> str:
    """FaceId of the face at a position."""
    return str(UUID(int=index + 1, version=4))


def write(folder: Path, vectors: Floats, model: str) -> float:
    """Writes the collection; seconds."""
    with compose(Settings(folder)) as system:
        repositories = system.repositories
        repositories.collections.create(COLLECTION, model)
        started = time.perf_counter()
        for first in range(0, len(vectors), _BATCH):
            batch = [
                NewFace(face_id(first + index), face_id(first + index), None, (0.3, 0.3, 0.2, 0.3), 0.99, vector)
                for index, vector in enumerate(vectors[first : first + _BATCH])
            ]
            repositories.faces.add(COLLECTION, model, batch)
        return time.perf_counter() - started


def exact(vectors: Floats, queries: Sequence[int]) -> NDArray[np.intp]:
    """(Q, MATCHES): the nearest faces of each, itself left out, by the 32-bit vectors."""
    nearest = []
    for first in range(0, len(queries), _BLOCK):
        block = list(queries[first : first + _BLOCK])
        cosines_ = vectors[block] @ vectors.T
        cosines_[np.arange(len(block)), block] = -2
        best = np.argpartition(-cosines_, MATCHES, axis=1)[:, :MATCHES]
        order = np.argsort(-np.take_along_axis(cosines_, best, axis=1), axis=1)
        nearest.append(np.take_along_axis(best, order, axis=1))
    return np.concatenate(nearest)


def flat_index(vectors: Floats) -> faiss.Index:
    """faiss's flat index of half floats."""
    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.add(vectors)
    return index


def timed(run: Callable[[int], object], count: int) -> list[float]:
    """Milliseconds of each run, one after the other."""
    times = []
    for number in range(count):
        started = time.perf_counter()
        run(number)
        times.append(1000 * (time.perf_counter() - started))
    return times


def search_request(index: int) -> tuple[str, bytes]:
    """SearchFaces for a face."""
    body = {"CollectionId": COLLECTION, "FaceId": face_id(index), "FaceMatchThreshold": 0, "MaxFaces": MATCHES}
    return "SearchFaces", json.dumps(body).encode()


@dataclass(frozen=True, slots=True)
class Start:
    """A service that has answered its first search."""

    service: Service
    seconds: float
    """From the start of the process."""
    cpu_seconds: float
    grown_bytes: int
    """Resident memory that the first search added."""


def start(folder: Path, first_request: tuple[str, bytes]) -> Start:
    """Starts the service and searches once."""
    started = time.perf_counter()
    service = Service(folder)
    try:
        before = service.resident_bytes()
        service.ask(service.signed(*first_request))
        seconds = time.perf_counter() - started
        return Start(service, seconds, service.cpu_seconds(), service.resident_bytes() - before)
    except BaseException:
        service.close()
        raise


def measure(size: int, distribution: FaceDistribution, model: str, searches: int) -> Figures:
    """Writes a collection, restarts the service over it and searches."""
    random = np.random.default_rng(size)
    vectors = np.concatenate(list(distribution.draw(-(-size // IMAGES), IMAGES, random)))[:size]
    queries = random.choice(size, min(searches, size), replace=False).tolist()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        write(Path(one), vectors[:1], model)
        empty = start(Path(one), search_request(0))
        empty.service.close()
        write_seconds = write(Path(many), vectors, model)
        full = start(Path(many), search_request(queries[0]))
        service = full.service
        try:
            requests = [service.signed(*search_request(query)) for query in queries]
            found = [json.loads(service.ask(request)) for request in requests]
            index = flat_index(vectors)
            ours, bare, ratios = [], [], []
            for _ in range(_ROUNDS):
                service.reconnect()
                service.ask(requests[0])
                served = timed(lambda number: service.ask(requests[number]), len(requests))
                alone = timed(lambda number: index.search(vectors[queries[number], None], MATCHES + 1), len(requests))
                ratios.append(statistics.median(served) / statistics.median(alone))
                ours += served
                bare += alone
        finally:
            service.close()
    nearest = exact(vectors, queries)
    answered = [[UUID(match["Face"]["FaceId"]).int for match in answer["FaceMatches"]] for answer in found]
    expected = [[UUID(face_id(int(place))).int for place in row] for row in nearest]
    return Figures(
        faces=size,
        write_seconds=write_seconds,
        ready_seconds=full.seconds,
        ready_cpu_seconds=full.cpu_seconds,
        ready_empty_seconds=empty.seconds,
        ready_empty_cpu_seconds=empty.cpu_seconds,
        bytes_per_face=(full.grown_bytes - empty.grown_bytes) / size,
        p50_ms=float(np.percentile(ours, 50)),
        p99_ms=float(np.percentile(ours, 99)),
        bare_p50_ms=float(np.percentile(bare, 50)),
        bare_p99_ms=float(np.percentile(bare, 99)),
        ratio=statistics.median(ratios),
        recall_1=recall(answered, expected, 1),
        recall_10=recall(answered, expected, MATCHES),
    )


def recall(answered: Sequence[Sequence[int]], expected: Sequence[Sequence[int]], count: int) -> float:
    """Share of the `count` nearest faces that are among the first `count` that were returned."""
    shares = [
        len(set(found[:count]) & set(wanted[:count])) / count for found, wanted in zip(answered, expected, strict=True)
    ]
    return sum(shares) / len(shares)


def table(figures: Sequence[Figures]) -> str:
    """Markdown."""
    lines = [
        "| faces | search p50, p99 | bare p50, p99 | ratio | recall@1, @10 | bytes per face | restart until the first "
        "search (CPU) | with one face |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.faces:,} | {each.p50_ms:.1f}, {each.p99_ms:.1f} ms "
        f"| {each.bare_p50_ms:.1f}, {each.bare_p99_ms:.1f} ms "
        f"| {each.ratio:.2f} | {each.recall_1:.3f}, {each.recall_10:.3f} | {each.bytes_per_face:.0f} "
        f"| {each.ready_seconds:.1f} s ({each.ready_cpu_seconds:.1f} s) "
        f"| {each.ready_empty_seconds:.1f} s ({each.ready_empty_cpu_seconds:.1f} s) |"
        for each in figures
    ]
    return "\n".join(lines)


def main() -> None:
    """Prints the figures of each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of the labelled data")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="numbers of faces, separated by commas")
    parser.add_argument("--searches", type=int, default=300, help="searches a round")
    parser.add_argument("--threads", type=int, default=1, help="threads of the bare library")
    parser.add_argument("--json", action="store_true", help="one JSON object a size instead of the table")
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(arguments.threads)
    engine = Engine(load_packs(), RuntimeOptions(2))
    vectors, people = real_vectors(engine, arguments.shared / "data" / "lfw_gray_pairs")
    model = engine.face_model
    engine.close()
    distribution = FaceDistribution.of(vectors, people)
    drawn = np.concatenate(list(distribution.draw(1000, 2, np.random.default_rng(0))))
    if not arguments.json:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; faiss {faiss.__version__}")
        print(f"cosines of LFW: {cosines(vectors, people)}")
        print(f"cosines drawn: {cosines(drawn, [str(index // 2) for index in range(len(drawn))])}")
    figures = []
    for size in map(int, arguments.sizes.split(",")):
        figures.append(measure(size, distribution, model, arguments.searches))
        if arguments.json:
            print(json.dumps(asdict(figures[-1])), flush=True)
        else:
            print(table(figures[-1:]).splitlines()[-1], flush=True)
    if not arguments.json:
        print(f"\n{table(figures)}\n\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
