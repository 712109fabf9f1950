"""Collections: named sets of faces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from openrek.db import Reader, collections, tags, writing
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

    def create(self, name: str, model: str, arn: str = "", added: Mapping[str, str] | None = None) -> Collection:
        """Create a collection with its tags, both or neither.

        Args:
            name: CollectionId.
            model: Version of the model that embeds its faces.
            arn: Of the collection; needed for tags.
            added: Its tags: at most 200.

        Raises:
            ResourceExistsError: A collection with this name exists.
        """
        created = int(datetime.now(UTC).timestamp() * 1000)
        row = {"name": name, "model": model, "created_ms": created}
        with writing(self._database) as connection:
            try:
                connection.execute(insert(collections), row)
            except IntegrityError:
                raise ResourceExistsError(f"Collection {name!r} already exists.") from None
            # Tags of an earlier collection of this name, which an older release may have left.
            connection.execute(delete(tags).where(tags.c.resource_arn == arn))
            if added:
                rows = [{"resource_arn": arn, "name": key, "value": value} for key, value in added.items()]
                connection.execute(insert(tags), rows)
        return _collection(name, model, created)

    def get(self, name: str) -> Collection:
        """The collection.

        Raises:
            ResourceNotFoundError: there is none of this name.
        """
        rows = self._reader.all(_FACTS, {"name": name})
        if not rows:
            raise ResourceNotFoundError(f"Collection {name[:260]!r} does not exist.")
        return _collection(name, *rows[0])

    def page(self, after: str, limit: int) -> list[Collection]:
        """At most `limit` collections whose names come after `after`, by name."""
        statement = select(collections).where(collections.c.name > after).order_by(collections.c.name).limit(limit)
        with self._database.connect() as connection:
            return [_collection(row.name, row.model, row.created_ms) for row in connection.execute(statement)]

    def delete(self, name: str, arn: str = "") -> None:
        """Delete the collection and its tags, both or neither.

        Raises:
            ResourceNotFoundError: No collection has this name.
        """
        with writing(self._database) as connection:
            gone = connection.execute(delete(collections).where(collections.c.name == name)).rowcount
            connection.execute(delete(tags).where(tags.c.resource_arn == arn))
        if not gone:
            raise ResourceNotFoundError(f"Collection {name[:260]!r} does not exist.")


def _collection(name: str, model: str, created_ms: int) -> Collection:
    return Collection(name, model, datetime.fromtimestamp(created_ms / 1000, UTC))
