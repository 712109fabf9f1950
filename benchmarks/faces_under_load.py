"""Fifty callers of IndexFaces and fifty searchers at once: what is lost, what fails, and how long searches take.

    python benchmarks/faces_under_load.py [--seconds 60] [--callers 50] [--faces 10000]

The collection starts with synthetic faces, distributed as those of random people. Callers index a photograph of
scikit-image again and again, each time under another ExternalImageId; searchers search a face that was acknowledged.
Clients are boto3's, without retries, and share the cores with the service: what they take is in the figures. A request
that is throttled is sent again after a pause; any other error ends the run. In the end the collection is listed and
compared with what was acknowledged.
"""

import argparse
import random
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from botocore.config import Config
from botocore.exceptions import ClientError

from openrek.compose import compose
from openrek.config import Settings
from openrek.state.face_rows import NewFace
from openrek.vision import Engine, RuntimeOptions, load_packs
from overhead import Service, sample_pictures

NAME = {"CollectionId": "under-load"}
_PAUSE_SECONDS = 0.2
_LENGTH = 128


class Load:
    """What is going on, and what was measured. Shared between threads."""

    def __init__(self, client: Any, faces: list[str], image: bytes) -> None:
        self._client = client
        self._image = {"Bytes": image}
        self._lock = threading.Lock()
        self.acknowledged = list(faces)
        self.throttled = 0
        self.searches: list[float] = []
        """Seconds of each."""
        self.indexed: list[float] = []
        """Likewise, pauses after throttling included."""
        self.deadline = 0.0

    def index(self, _: int) -> None:
        """Index until the time is up."""
        while time.monotonic() < self.deadline:
            started = time.monotonic()
            request = {**NAME, "Image": self._image, "ExternalImageId": uuid.uuid4().hex}
            answer = self._patiently(partial(self._client.index_faces, **request))
            faces = [record["Face"]["FaceId"] for record in answer["FaceRecords"]]
            with self._lock:
                self.acknowledged += faces
                self.indexed.append(time.monotonic() - started)

    def search(self, number: int) -> None:
        """Search until the time is up."""
        chooser = random.Random(number)
        while time.monotonic() < self.deadline:
            with self._lock:
                face = chooser.choice(self.acknowledged)
            started = time.monotonic()
            answer = self._patiently(partial(self._client.search_faces, **NAME, FaceId=face, MaxFaces=10))
            seconds = time.monotonic() - started
            if answer["SearchedFaceId"] != face:
                raise RuntimeError(f"searched {face}, was answered {answer['SearchedFaceId']}")
            with self._lock:
                self.searches.append(seconds)

    def _patiently(self, call: Callable[[], Any]) -> Any:
        while True:
            try:
                return call()
            except ClientError as error:
                if error.response["Error"]["Code"] != "ThrottlingException":
                    raise
                with self._lock:
                    self.throttled += 1
                time.sleep(_PAUSE_SECONDS)


def fill(folder: Path, count: int) -> list[str]:
    """A collection of synthetic faces; their ids."""
    vectors = np.random.default_rng(0).standard_normal((count, _LENGTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    box = (0.25, 0.25, 0.5, 0.5)
    with Engine(load_packs(), RuntimeOptions(1)) as engine, compose(Settings(folder)) as system:
        repositories = system.repositories
        repositories.collections.create(NAME["CollectionId"], engine.face_model)
        faces = [NewFace(str(uuid.uuid4()), str(uuid.uuid4()), None, box, 0.99, vector) for vector in vectors]
        repositories.faces.add(NAME["CollectionId"], engine.face_model, faces)
    return [face.id for face in faces]


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--callers", type=int, default=50, help="of IndexFaces, and as many searchers")
    parser.add_argument("--faces", type=int, default=10_000, help="in the collection at the start")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        faces = fill(folder, arguments.faces)
        service = Service(folder)
        try:
            keys = service.credentials
            client = boto3.client(
                "rekognition",
                endpoint_url=service.url,
                region_name="us-east-1",
                aws_access_key_id=keys[0],
                aws_secret_access_key=keys[1],
                config=Config(
                    retries={"total_max_attempts": 1}, max_pool_connections=2 * arguments.callers, read_timeout=300
                ),
            )
            load = Load(client, faces, sample_pictures()[0])
            load.deadline = time.monotonic() + arguments.seconds
            with ThreadPoolExecutor(2 * arguments.callers) as several:
                running = [several.submit(load.index, number) for number in range(arguments.callers)]
                running += [several.submit(load.search, number) for number in range(arguments.callers)]
                for each in running:
                    each.result()
            pages = client.get_paginator("list_faces").paginate(**NAME)
            listed = [face["FaceId"] for page in pages for face in page["Faces"]]
        finally:
            service.close()
    cuts = statistics.quantiles(load.searches, n=100)
    print(f"{arguments.callers} callers of IndexFaces and as many searchers, {arguments.seconds:g} s:")
    print(f"{len(load.searches):,} searches: p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms")
    median = statistics.median(load.indexed)
    print(f"{len(load.indexed):,} images indexed: p50 {median:.1f} s; {load.throttled:,} requests throttled")
    lost, unknown = set(load.acknowledged) - set(listed), set(listed) - set(load.acknowledged)
    print(f"{len(lost)} faces lost, {len(unknown)} unknown, {len(listed) - len(set(listed))} twice")


if __name__ == "__main__":
    main()
