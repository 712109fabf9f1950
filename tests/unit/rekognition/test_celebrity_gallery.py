"""Known people in memory follow the rows, which are read only once they have changed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import event

from openrek.compose import System, compose
from openrek.config import Settings
from openrek.rekognition.celebrity_gallery import CelebrityGallery

MODEL = "dlib_resnet-1"


def axis(number: int) -> NDArray[np.float32]:
    return np.asarray(np.eye(128, dtype=np.float32)[number], np.float32)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[System, System]]:
    """The state as the service and the command line have it."""
    with compose(Settings(tmp_path)) as service, compose(Settings(tmp_path)) as command:
        yield service, command


def name_of(gallery: CelebrityGallery, vector: NDArray[np.float32]) -> str | None:
    nearest = gallery.nearest(vector, MODEL)
    return None if nearest is None or nearest[1] < 0.9 else nearest[0].name


def test_people_are_known_as_soon_as_they_are_added_and_as_long_as_they_stay(two: tuple[System, System]) -> None:
    service, command = two
    gallery, celebrities = CelebrityGallery(service.repositories), command.repositories.celebrities
    assert gallery.is_empty(MODEL)
    assert gallery.nearest(axis(0), MODEL) is None
    celebrities.add("Lan", MODEL, [axis(0), axis(1)])
    assert [name_of(gallery, axis(number)) for number in range(3)] == ["Lan", "Lan", None]
    celebrities.add("Minh", MODEL, [axis(2)])
    assert name_of(gallery, axis(2)) == "Minh"
    # As many people and faces as before, and the same numbers of rows.
    celebrities.remove("Minh")
    celebrities.add("An", MODEL, [axis(3)])
    assert [name_of(gallery, axis(number)) for number in (2, 3)] == [None, "An"]
    celebrities.add("An", MODEL, [axis(4)], urls=["https://example.org/an"])
    found = gallery.nearest(axis(4), MODEL)
    assert found is not None
    assert found[0].urls == ("https://example.org/an",)
    for name in ("An", "Lan"):
        celebrities.remove(name)
    assert gallery.is_empty(MODEL)


def test_faces_of_another_model_are_not_compared(two: tuple[System, System]) -> None:
    service, command = two
    command.repositories.celebrities.add("Lan", "sface-1", [axis(0)])
    assert CelebrityGallery(service.repositories).is_empty(MODEL)


def test_no_row_is_read_while_nothing_changes(two: tuple[System, System]) -> None:
    service, command = two
    gallery = CelebrityGallery(service.repositories)
    command.repositories.celebrities.add("Lan", MODEL, [axis(0)])
    assert name_of(gallery, axis(0)) == "Lan"
    statements: list[str] = []
    event.listen(service.database, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    for _ in range(5):
        assert name_of(gallery, axis(0)) == "Lan"
    assert statements == []
    # Changes of something else do not read vectors again.
    command.repositories.collections.create("staff", MODEL)
    assert name_of(gallery, axis(0)) == "Lan"
    assert not [statement for statement in statements if "vector" in statement]
