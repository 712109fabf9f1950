"""One engine for all tests of the engine room: loading the default pack takes seconds."""

from collections.abc import Iterator

import pytest

from openrek.vision import Engine, load_packs

WORKERS = 2
ROOM = 8
"""Pictures that the engine takes at a time."""


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The default pack behind two threads, with room for eight pictures."""
    with Engine(load_packs(), workers=WORKERS, queue=ROOM - WORKERS) as engine:
        yield engine


@pytest.fixture(scope="session")
def room(engine: Engine) -> int:
    """How many pictures that engine takes at a time."""
    return ROOM
