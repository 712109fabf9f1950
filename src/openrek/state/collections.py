"""Collections: named sets of faces."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from openrek.db import Reader, collections
from openrek.errors import ResourceExistsError, ResourceNotFoundError


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection."""

    name: str
    """As the caller chose it: CollectionId."""
    model: str
    """Version of the model that embeds its faces."""
    created_at: datetime
    """UTC, aware."""


_FACTS = select(collections.c.model, collections.c.created_ms).where(collections.c.name == bindparam("name"))


class Collections:
    """Collections by name."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def create(self, name: str, model: str) -> Collection:
        """A new collection.

        Raises:
            ResourceExistsError: there is one of this name.
        """
        created = int(datetime.now(UTC).timestamp() * 1000)
        row = {"name": name, "model": model, "created_ms": created}
        try:
            with self._database.begin() as connection:
                connection.execute(insert(collections), row)
        except IntegrityError:
            raise ResourceExistsError(f"there is a collection {name!r} already") from None
        return _collection(name, model, created)

    def get(self, name: str) -> Collection:
        """The collection.

        Raises:
            ResourceNotFoundError: there is none of this name.
        """
        rows = self._reader.all(_FACTS, {"name": name})
        if not rows:
            raise ResourceNotFoundError(f"there is no collection {name[:260]!r}")
        return _collection(name, *rows[0])

    def page(self, after: str, limit: int) -> list[Collection]:
        """At most `limit` collections whose names come after `after`, by name."""
        statement = select(collections).where(collections.c.name > after).order_by(collections.c.name).limit(limit)
        with self._database.connect() as connection:
            return [_collection(row.name, row.model, row.created_ms) for row in connection.execute(statement)]

    def delete(self, name: str) -> None:
        """Removes the collection.

        Raises:
            ResourceNotFoundError: there is none of this name.
        """
        with self._database.begin() as connection:
            gone = connection.execute(delete(collections).where(collections.c.name == name)).rowcount
        if not gone:
            raise ResourceNotFoundError(f"there is no collection {name[:260]!r}")


def _collection(name: str, model: str, created_ms: int) -> Collection:
    return Collection(name, model, datetime.fromtimestamp(created_ms / 1000, UTC))
