"""Collections: named sets of faces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from openrek.db import Reader, collections, erase_freed, faces, tags, users, vector_removals, writing
from openrek.errors import InvalidParameterError, ResourceExistsError, ResourceNotFoundError


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection."""

    name: str
    """As the caller chose it: CollectionId."""
    model: str
    """Version of the model that embeds its faces."""
    created_at: datetime
    """UTC, aware."""
    incarnation: int
    """Distinguishes it from all collections that had or will have its name. Later collections have larger ones."""
    sequence: int
    """Sequence number of its latest change; 0 for none."""
    face_count: int
    user_count: int

    def require_model(self, model: str) -> None:
        """Return if vectors of the model can be compared with the collection's.

        Raises:
            InvalidParameterError: They cannot.
        """
        require_model(self.name, self.model, model)


class Position(NamedTuple):
    """Sequence numbers that a transaction reserved."""

    incarnation: int
    first: int
    """The first of them."""
    model: str
    """Version of the model that embeds the collection's faces."""
    face_count: int
    """Before the change."""


_COLUMNS = (
    collections.c.name,
    collections.c.model,
    collections.c.created_ms,
    collections.c.incarnation,
    collections.c.sequence,
    collections.c.face_count,
    collections.c.user_count,
)
_SEQUENCES = select(collections.c.incarnation, collections.c.sequence)
_FACTS = select(*_COLUMNS).where(collections.c.name == bindparam("name"))


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
            facts = connection.execute(_FACTS, {"name": name}).one()
        return _collection(*facts)

    def get(self, name: str) -> Collection:
        """The collection.

        Raises:
            ResourceNotFoundError: No collection has this name.
        """
        rows = self._reader.all(_FACTS, {"name": name})
        if not rows:
            raise _not_found(name)
        return _collection(*rows[0])

    def page(self, after: str, limit: int) -> list[Collection]:
        """At most `limit` collections whose names come after `after`, by name."""
        statement = select(*_COLUMNS).where(collections.c.name > after).order_by(collections.c.name).limit(limit)
        with self._database.connect() as connection:
            return [_collection(*row) for row in connection.execute(statement)]

    def sequences(self) -> dict[int, int]:
        """The sequence number of each collection's latest change, by incarnation."""
        return dict(self._reader.all(_SEQUENCES, {}))

    def erase(self) -> None:
        """Make deleted rows unreadable in the files, where that was not possible when they were deleted."""
        erase_freed(self._database)

    def delete(self, name: str, arn: str = "") -> None:
        """Delete the collection with its faces, users and tags, all or nothing.

        Raises:
            ResourceNotFoundError: No collection has this name.
        """
        with writing(self._database) as connection:
            incarnation = advance(connection, name).incarnation
            for table in (faces, users, vector_removals):
                connection.execute(delete(table).where(table.c.collection == incarnation))
            connection.execute(delete(collections).where(collections.c.incarnation == incarnation))
            connection.execute(delete(tags).where(tags.c.resource_arn == arn))
        erase_freed(self._database)


def advance(connection: Connection, name: str, by: int = 1) -> Position:
    """Reserve sequence numbers of a collection, and keep others from changing it until the transaction ends.

    Raises:
        ResourceNotFoundError: No collection has this name.
    """
    statement = (
        update(collections)
        .where(collections.c.name == name)
        .values(sequence=collections.c.sequence + by)
        .returning(
            collections.c.incarnation, collections.c.sequence - (by - 1), collections.c.model, collections.c.face_count
        )
    )
    row = connection.execute(statement).first()
    if row is None:
        raise _not_found(name)
    return Position(*row)


def count(connection: Connection, incarnation: int, faces: int = 0, users: int = 0) -> None:
    """Add to the counts of a collection's faces and users."""
    connection.execute(
        update(collections)
        .where(collections.c.incarnation == incarnation)
        .values(face_count=collections.c.face_count + faces, user_count=collections.c.user_count + users)
    )


def require_model(collection: str, embedded_by: str, model: str) -> None:
    """See `Collection.require_model`."""
    if embedded_by != model:
        raise InvalidParameterError(
            f"Faces of collection {collection!r} are embedded by {embedded_by}, this service embeds faces by {model}; "
            f"vectors of different models cannot be compared. Select the collection's model, or embed its faces anew "
            "with `openrek collections reindex`."
        )


def _not_found(name: str) -> ResourceNotFoundError:
    return ResourceNotFoundError(f"Collection {name[:260]!r} does not exist.")


def _collection(
    name: str, model: str, created_ms: int, incarnation: int, sequence: int, face_count: int, user_count: int
) -> Collection:
    created_at = datetime.fromtimestamp(created_ms / 1000, UTC)
    return Collection(name, model, created_at, incarnation, sequence, face_count, user_count)
