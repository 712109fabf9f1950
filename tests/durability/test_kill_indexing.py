"""SIGKILL in the middle of bulk indexing: acknowledged faces are found, none is stored twice."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningService, start_service, stop_service
from tests.portraits import write_portraits

SHORT = 3
ROUNDS = int(os.environ.get("OPENREK_KILL_ROUNDS", SHORT))
_IMAGES_A_ROUND = 12
_STEPS = 600


class Indexing:
    """`openrek faces index` in a process of its own."""

    def __init__(self, state: Sequence[str], photos: Path, report: Path) -> None:
        report.unlink(missing_ok=True)
        self.report = report
        command = ["faces", "index", "staff", str(photos), *state, "--report", str(report)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "openrek", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def acknowledged(self) -> list[str]:
        """Images whose faces are stored, by the report. A row that was cut off acknowledges nothing."""
        if not self.report.exists():
            return []
        text = self.report.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1].splitlines()
        return [row["image"] for row in csv.DictReader(whole) if row["outcome"] == "indexed"]

    def wait_for_acknowledgement(self) -> None:
        """Until an image is acknowledged, or the process ends."""
        for _ in range(_STEPS):
            if self.acknowledged() or self.process.poll() is not None:
                return
            time.sleep(0.1)

    def end(self) -> int:
        """Its exit status."""
        assert self.process.stderr is not None
        self.process.stderr.read()
        self.process.stderr.close()
        return self.process.wait()


def faces_of(client: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_faces").paginate(CollectionId="staff", MaxResults=7)
    return [face for page in pages for face in page["Faces"]]


def assert_found(service: RunningService, acknowledged: set[str]) -> None:
    """Every acknowledged image has one face, and searches find exactly the faces that are listed."""
    client = service.client()
    faces = faces_of(client)
    images = Counter(face["ExternalImageId"] for face in faces)
    assert acknowledged <= set(images)
    assert set(images.values()) <= {1}
    identifiers = {face["FaceId"] for face in faces}
    assert len(identifiers) == len(faces) == client.describe_collection(CollectionId="staff")["FaceCount"]
    searched = faces[0]["FaceId"]
    matches = client.search_faces(CollectionId="staff", FaceId=searched, FaceMatchThreshold=0, MaxFaces=4096)
    found = [match["Face"]["FaceId"] for match in matches["FaceMatches"]]
    assert len(found) == len(set(found))
    assert set(found) == identifiers - {searched}


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Options that choose the database."""
    return () if request.param == "SQLite" else ("--database", request.getfixturevalue("postgresql_url"))


def test_after_sigkill_every_acknowledged_face_is_found_and_none_twice(
    database: tuple[str, ...], astronaut: bytes, tmp_path: Path
) -> None:
    moments = random.Random(11)
    photos, data = tmp_path / "photos", tmp_path / "data"
    state = ("--data", str(data), *database)
    rounds = ROUNDS if ROUNDS > SHORT or not database else SHORT - 1
    acknowledged: set[str] = set()
    killed = 0
    for number in range(1, rounds + 1):
        write_portraits(photos, astronaut, number * _IMAGES_A_ROUND)
        indexing = Indexing(state, photos, tmp_path / "report.csv")
        indexing.wait_for_acknowledgement()
        time.sleep(moments.uniform(0, 0.8))
        indexing.process.send_signal(signal.SIGKILL)
        killed += indexing.end() == -signal.SIGKILL
        assert indexing.acknowledged()
        acknowledged.update(indexing.acknowledged())
        service = start_service(data, *database)
        try:
            assert_found(service, acknowledged)
        finally:
            assert stop_service(service) == 0
    assert killed
    last = Indexing(state, photos, tmp_path / "report.csv")
    assert last.end() == 0
    service = start_service(data, *database)
    try:
        assert_found(service, {path.name for path in photos.glob("*.jpg")})
    finally:
        stop_service(service)
