"""What repositories write is written whole or not at all."""

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from openrek.compose import System, compose
from openrek.config import Settings
from openrek.errors import ResourceExistsError, ResourceNotFoundError


@pytest.fixture
def system(state_settings: Settings) -> Iterator[System]:
    with compose(state_settings) as system:
        yield system


def test_a_collection_is_created_with_its_tags_or_not_at_all(system: System) -> None:
    repositories = system.repositories
    arn = repositories.arn("collection", "doors")
    with pytest.raises(IntegrityError):
        # A tag without a value breaks the table's constraint after the collection's row was written.
        repositories.collections.create("doors", "m", arn, {"fine": "yes", "broken": None})  # type: ignore[dict-item]
    with pytest.raises(ResourceNotFoundError):
        repositories.collections.get("doors")
    assert repositories.tags.of(arn) == {}
    repositories.collections.create("doors", "m", arn, {"fine": "yes"})
    assert repositories.tags.of(arn) == {"fine": "yes"}
    with pytest.raises(ResourceExistsError, match=r"Collection 'doors' already exists\."):
        repositories.collections.create("doors", "m", arn, {"other": "tag"})
    assert repositories.tags.of(arn) == {"fine": "yes"}


def test_deleting_a_collection_deletes_its_tags_with_it(system: System) -> None:
    repositories = system.repositories
    arn = repositories.arn("collection", "doors")
    repositories.collections.create("doors", "m", arn, {"a": "b"})
    repositories.collections.delete("doors", arn)
    repositories.collections.create("doors", "m", arn)
    assert repositories.tags.of(arn) == {}


def test_photos_added_to_a_celebrity_leave_the_row_in_place(system: System) -> None:
    celebrities = system.repositories.celebrities
    vector = np.ones(4, np.float32)
    first = celebrities.add("Lan", "m", [vector], ["https://example.org"], "Female")
    before = _first_rowid(system)
    again = celebrities.add("Lan", "m", [vector, vector])
    assert again == first
    assert celebrities.all() == [(first, 3)]
    assert _first_rowid(system) == before


def _first_rowid(system: System) -> int:
    if system.database.dialect.name != "sqlite":
        return 0  # PostgreSQL's rows have no number that stays
    with system.database.connect() as connection:
        return int(connection.exec_driver_sql("SELECT rowid FROM celebrities").scalar_one())


def test_a_repository_that_is_not_there_is_no_attribute(system: System) -> None:
    with pytest.raises(AttributeError, match=r"openrek\.state has no repository 'widgets'"):
        _ = system.repositories.widgets
