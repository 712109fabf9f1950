"""What stands beside the engine's figures: other recognisers, its models alone, and where they are better.

A part of accuracy.py.
"""

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

Row = tuple[str, str, str]
Answer = dict[str, Any]
FINDERS = {
    "hog": "face_recognition",
    "neural": "face_recognition's neural finder",
    "cascade": "OpenCV's cascade",
    "cascade_alt2": "OpenCV's cascade alt2",
}
READERS = {"rapidocr": "RapidOCR", "tesseract_eng": "Tesseract"}
VIETNAMESE_READERS = {
    "rapidocr": "RapidOCR",
    "tesseract_vie": "Tesseract",
    "tesseract_vie_sparse": "Tesseract for sparse text",
}
EMBEDDING = {"embedding": "face_recognition"}


class PeerProcess:
    """One process of peers.py; one question at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        """
        Raises:
            ChildProcessError: it cannot start.
        """
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.versions: Mapping[str, str] = self._answer()["versions"]

    def ask(self, peer: str, image: bytes) -> Answer:
        """What a peer says of an encoded image.

        Raises:
            ChildProcessError: the peer failed, or is not installed.
        """
        assert self._process.stdin is not None
        print(question(peer, image), file=self._process.stdin, flush=True)
        answer = self._answer()
        if "error" in answer:
            raise ChildProcessError(f"the peer {peer} failed: {answer['error']}")
        return answer

    def close(self) -> None:
        """Ends the process."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()

    def _answer(self) -> Answer:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"the peers' process ended: {self._process.wait()}")
        answer: Answer = json.loads(line)
        return answer


class Peers:
    """Other recognisers, in processes of their own environment. Without that environment there are none."""

    def __init__(self, python: Path | None = None, vietnamese: Path = Path(), workers: int = 1) -> None:
        """
        Args:
            python: The environment's interpreter.
            vietnamese: The folder of vie.traineddata, the same that the engine reads with.
            workers: Threads of the readers that are timed; processes that answer what is not timed.
        """
        self.present = python is not None
        self._timed: PeerProcess | None = None
        self._idle: SimpleQueue[PeerProcess] = SimpleQueue()
        self._workers = workers
        if python is not None:
            # -I: the modules beside peers.py do not hide other packages of the same names.
            script = Path(__file__).with_name("peers.py")
            command = [str(python), "-I", str(script), "--vietnamese", str(vietnamese), "--threads"]
            self._timed = PeerProcess([*command, str(workers)])
            for _ in range(workers):
                self._idle.put(PeerProcess([*command, "1"]))

    @property
    def versions(self) -> Mapping[str, str]:
        """Of each package its version."""
        return self._timed.versions if self._timed else {}

    def among(self, names: Mapping[str, str]) -> Mapping[str, str]:
        """Those of the named peers that can be asked: all or none."""
        return names if self.present else {}

    def ask(self, peer: str, image: bytes) -> Answer:
        """What a peer says of an image, with all threads and nothing beside it."""
        assert self._timed is not None
        return self._timed.ask(peer, image)

    def ask_all(self, peer: str, images: Iterable[bytes]) -> list[Answer]:
        """What a peer says of many images, several of them at a time."""
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(lambda image: self._ask(peer, image), images))

    def _ask(self, peer: str, image: bytes) -> Answer:
        process = self._idle.get()
        try:
            return process.ask(peer, image)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """Ends the processes."""
        if self._timed:
            self._timed.close()
        while not self._idle.empty():
            self._idle.get().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of the engine, and those of the peers on the same images."""

    figure: str
    data: str
    served: float
    peers: Mapping[str, float]
    shown: str = "{:.3f}"
    """How a value is written."""
    less: bool = False
    """Whether the smaller value is the better one."""

    def rows(self) -> Iterator[Row]:
        """The engine's, then each peer's."""
        yield self.figure, self.shown.format(self.served), self.data
        for peer, value in self.peers.items():
            yield f"{self.figure}, {peer}", self.shown.format(value), self.data

    def better(self) -> Mapping[str, float]:
        """The peers that are better. An equal one is not."""
        sign = -1 if self.less else 1
        return {peer: value for peer, value in self.peers.items() if sign * value > sign * self.served}

    def equal(self) -> Mapping[str, float]:
        """The peers that are as good."""
        return {peer: value for peer, value in self.peers.items() if value == self.served}


class Beside:
    """The peers, and all comparisons with them so far."""

    def __init__(self, peers: Peers | None = None) -> None:
        self.peers = peers or Peers()
        self.comparisons: list[Comparison] = []

    def keep(self, comparison: Comparison) -> None:
        """Keeps a comparison whose figures have rows of their own."""
        if comparison.peers:
            self.comparisons.append(comparison)

    def rows(self, comparison: Comparison) -> Iterator[Row]:
        """The rows of a comparison, which is kept."""
        self.keep(comparison)
        yield from comparison.rows()


def question(peer: str, image: bytes) -> str:
    """The line that asks peers.py."""
    return json.dumps({"peer": peer, "picture": base64.b64encode(image).decode("ascii")})


def section(beside: Beside) -> Iterator[str]:
    """The page's part on where something else is better or as good, from the numbers."""
    yield "## Where something else is better or as good"
    yield ""
    if beside.peers.present:
        measured = ", ".join(f"{package} {version}" for package, version in beside.peers.versions.items())
        yield f"Measured: {measured}."
    else:
        yield "The peers' rows are left out: this was written without `--peers-python`."
    yield ""
    better = [line for comparison in beside.comparisons for line in _named(comparison, comparison.better())]
    equal = [line for comparison in beside.comparisons for line in _named(comparison, comparison.equal())]
    yield f"Figures that stand beside those of peers or of models alone: {len(beside.comparisons)}."
    for what, lines in (("better", better), ("as good", equal)):
        yield ""
        yield f"One of these is {what} in {len(lines) or 'none'}{':' if lines else '.'}"
        if lines:
            yield ""
        yield from lines


def _named(comparison: Comparison, peers: Mapping[str, float]) -> Iterator[str]:
    if peers:
        said = comparison.shown.format
        values = ", ".join(f"{peer} {said(value)}" for peer, value in peers.items())
        yield f"- {comparison.figure} ({comparison.data}): {values}; openrek {said(comparison.served)}"
