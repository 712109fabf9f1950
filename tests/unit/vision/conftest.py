"""One engine for all tests of the engine room: loading the default pack takes seconds."""

from collections.abc import Iterator

import pytest

from openrek.vision import Engine, RuntimeOptions, load_packs

WORKERS = 2


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The default pack behind two threads."""
    with Engine(load_packs(), RuntimeOptions(WORKERS)) as engine:
        yield engine
