"""Several who write at the same time, on both databases: nothing is lost, nothing is there twice."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import func, select

from openrek.compose import System, compose
from openrek.config import Settings
from openrek.db import faces, vector_removals
from openrek.errors import JobLimitError, ResourceExistsError, ResourceNotFoundError
from openrek.state import Celebrity, Face, NewFace

MODEL = "m-1"
_WRITERS = 8


@pytest.fixture
def system(state_settings: Settings) -> Iterator[System]:
    with compose(state_settings) as system:
        yield system


def new_face(seed: int) -> NewFace:
    vector = np.random.default_rng(seed).normal(size=16)
    return NewFace(
        str(uuid.uuid4()), str(uuid.uuid4()), None, (0, 0, 1, 1), 0.9, np.asarray(vector / np.linalg.norm(vector))
    )


def test_a_collection_is_created_by_one_of_many(system: System) -> None:
    collections = system.repositories.collections

    def create(number: int) -> str:
        try:
            return str(collections.create("staff", MODEL, "arn", {"writer": str(number)}).incarnation)
        except ResourceExistsError:
            return ""

    with ThreadPoolExecutor(_WRITERS) as several:
        created = [outcome for outcome in several.map(create, range(_WRITERS)) if outcome]
    assert len(created) == 1
    assert len(system.repositories.tags.of("arn")) == 1


def test_faces_that_are_added_and_deleted_at_once_are_counted_and_followed(system: System) -> None:
    repositories = system.repositories
    incarnation = repositories.collections.create("staff", MODEL).incarnation
    done = threading.Event()

    def write(writer: int) -> list[Face]:
        kept: list[Face] = []
        for index in range(6):
            added = repositories.faces.add("staff", MODEL, [new_face(100 * writer + 10 * index + n) for n in range(3)])
            assert repositories.faces.delete("staff", [added[0].id]).deleted == (added[0].id,)
            kept += added[1:]
        return kept

    def follow() -> set[int]:
        """The numbers that a copy in memory has at the end."""
        known: set[int] = set()
        position = 0
        while True:
            was_done = done.is_set()
            changes = repositories.faces.changes(incarnation, position, 5)
            known -= set(changes.removed.tolist())
            known |= set(changes.numbers.tolist())
            assert changes.sequence >= position
            position = changes.sequence
            if was_done and changes.is_last:
                return known

    with ThreadPoolExecutor(_WRITERS + 1) as several:
        follower = several.submit(follow)
        writers = [several.submit(write, number) for number in range(_WRITERS)]
        try:
            kept = [face for writer in writers for face in writer.result()]
        finally:
            done.set()
        followed = follower.result()
    collection = repositories.collections.get("staff")
    stored = repositories.faces.page(collection, 0, 1000)
    assert {face.id for face in stored} == {face.id for face in kept}
    assert collection.face_count == len(stored) == 6 * 2 * _WRITERS
    assert followed == {face.number for face in stored}


def test_a_collection_that_is_deleted_meanwhile_leaves_no_face(system: System) -> None:
    repositories = system.repositories
    repositories.collections.create("staff", MODEL)
    start = threading.Barrier(_WRITERS + 1)

    def write(writer: int) -> None:
        start.wait(30)
        try:
            for index in range(10):
                (face,) = repositories.faces.add("staff", MODEL, [new_face(100 * writer + index)])
                repositories.faces.delete("staff", [face.id])
                repositories.faces.add("staff", MODEL, [new_face(1000 + 100 * writer + index)])
        except ResourceNotFoundError:
            pass

    with ThreadPoolExecutor(_WRITERS) as several:
        writers = [several.submit(write, number) for number in range(_WRITERS)]
        start.wait(30)
        repositories.collections.delete("staff")
        for writer in writers:
            writer.result()
    with system.database.connect() as connection:
        for table in (faces, vector_removals):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_celebrity_is_one_person_whoever_adds_photos(system: System) -> None:
    celebrities = system.repositories.celebrities
    start = threading.Barrier(_WRITERS)

    def add(_: int) -> Celebrity:
        start.wait(30)
        return celebrities.add("Lan", MODEL, [np.ones(4, np.float32)])

    with ThreadPoolExecutor(_WRITERS) as several:
        people = list(several.map(add, range(_WRITERS)))
    assert len({person.identifier for person in people}) == 1
    assert celebrities.all() == [(people[0], _WRITERS)]


def test_no_more_jobs_are_begun_than_may_run(system: System) -> None:
    jobs = system.repositories.jobs

    def create(_: int) -> bool:
        try:
            jobs.create("LabelDetection", {}, "etag", 1)
        except JobLimitError:
            return False
        return True

    with ThreadPoolExecutor(_WRITERS) as several:
        assert sum(several.map(create, range(30))) == 20
    assert len(jobs.running()) == 20
