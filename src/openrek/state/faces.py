"""Faces of collections."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select

from openrek.db import Reader, erase_freed, faces, joined, users, writing
from openrek.errors import InvalidParameterError, QuotaExceededError
from openrek.state.collections import Collection, advance, count, require_model
from openrek.state.face_rows import Face, Halves, NewFace, face_of, row_of, select_faces, to_vector
from openrek.state.vector_changes import VectorChanges, read_changes, record_removals

MAX_FACES = 20_000_000
"""Of a collection. https://docs.aws.amazon.com/rekognition/latest/dg/limits.html"""
_BATCH = 5_000

_VECTOR = select(faces.c.number, faces.c.vector, faces.c.user_number).where(
    faces.c.collection == bindparam("collection"), faces.c.id == bindparam("id")
)


@dataclass(frozen=True, slots=True)
class FaceDeletion:
    """What became of faces that were to be deleted."""

    deleted: tuple[str, ...]
    missing: tuple[str, ...]
    """The collection has no face with these ids."""
    associated: Mapping[str, str]
    """Ids of the users by id of their faces, which were not deleted."""


class Faces:
    """Faces by collection. Vectors are unit vectors, stored as half floats."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def add(
        self, collection: str, model: str, added: Sequence[NewFace], connection: Connection | None = None
    ) -> list[Face]:
        """Add faces to a collection, all or none. A face whose id the collection has is left as it is.

        Args:
            collection: Name of the collection.
            model: Version of the model that made the vectors.
            added: The faces.
            connection: A transaction to take part in; by default one of its own.

        Returns:
            The faces as they are in the collection, in the same order.

        Raises:
            ResourceNotFoundError: No collection has this name.
            InvalidParameterError: The collection's faces were embedded by another model.
            QuotaExceededError: The collection would have more than 20 million faces.
        """
        with joined(self._database, connection) as joint:
            position = advance(joint, collection, max(1, len(added)))
            require_model(collection, position.model, model)
            known = self._by_ids(joint, position.incarnation, [face.id for face in added])
            new = {face.id: face for face in added if face.id not in known}
            if position.face_count + len(new) > MAX_FACES:
                raise QuotaExceededError(
                    f"Collection {collection!r} has {position.face_count:,} faces; with {len(new)} more it would have "
                    f"more than {MAX_FACES:,}. Delete faces, or use another collection."
                )
            rows = [
                row_of(face, position.incarnation, position.first + index, model)
                for index, face in enumerate(new.values())
            ]
            if rows:
                joint.execute(insert(faces), rows)
                count(joint, position.incarnation, faces=len(rows))
        for row, face in zip(rows, new.values(), strict=True):
            known[face.id] = Face(
                face.id, face.image_id, face.external_image_id, face.box, face.confidence, model, None, row["number"]
            )
        return [known[face.id] for face in added]

    def page(
        self,
        collection: Collection,
        after: int,
        limit: int,
        user_id: str | None = None,
        face_ids: Sequence[str] | None = None,
    ) -> list[Face]:
        """At most `limit` faces in the order of their insertion.

        Args:
            collection: The collection.
            after: Only faces whose number is above this.
            limit: At most so many.
            user_id: Only faces of this user.
            face_ids: Only faces with these ids; unknown ones are left out.
        """
        statement = select_faces().where(faces.c.collection == collection.incarnation, faces.c.number > after)
        if user_id is not None:
            statement = statement.where(users.c.id == user_id)
        if face_ids is not None:
            statement = statement.where(faces.c.id.in_(list(face_ids)))
        statement = statement.order_by(faces.c.number).limit(limit)
        with self._database.connect() as connection:
            return [face_of(row) for row in connection.execute(statement)]

    def all(self, collection: Collection) -> Iterator[tuple[Face, Halves]]:
        """Every face of the collection with its vector, (D,), in the order of insertion; those that are deleted
        meanwhile are left out."""
        after = 0
        while True:
            statement = select_faces().add_columns(faces.c.vector)
            statement = statement.where(faces.c.collection == collection.incarnation, faces.c.number > after)
            statement = statement.order_by(faces.c.number).limit(_BATCH)
            with self._database.connect() as connection:
                rows = connection.execute(statement).all()
            for *row, vector in rows:
                yield face_of(row), to_vector(vector)
            if len(rows) < _BATCH:
                return
            after = rows[-1].number

    def vector(self, collection: Collection, face_id: str) -> tuple[int, Halves]:
        """The face's key in an index, and its vector, (D,).

        Raises:
            InvalidParameterError: The collection has no face with this id.
        """
        rows = self._reader.all(_VECTOR, {"collection": collection.incarnation, "id": face_id})
        if not rows:
            raise InvalidParameterError(f"Face {face_id!r} does not exist in collection {collection.name!r}.")
        number, vector, _ = rows[0]
        return number, to_vector(vector)

    def numbered(self, collection: Collection, numbers: Sequence[int]) -> dict[int, Face]:
        """The faces with these numbers, by number; those that are deleted are left out."""
        statement = select_faces().where(
            faces.c.collection == collection.incarnation, faces.c.number.in_(list(numbers))
        )
        with self._database.connect() as connection:
            return {row.number: face_of(row) for row in connection.execute(statement)}

    def delete(self, collection: str, face_ids: Sequence[str]) -> FaceDeletion:
        """Delete faces that belong to no user, in one transaction.

        Raises:
            ResourceNotFoundError: No collection has this name.
        """
        wanted = list(dict.fromkeys(face_ids))
        with writing(self._database) as connection:
            position = advance(connection, collection, len(wanted))
            known = self._by_ids(connection, position.incarnation, wanted)
            deleted = [known[face] for face in wanted if face in known and known[face].user_id is None]
            numbers = [face.number for face in deleted]
            if numbers:
                connection.execute(
                    delete(faces).where(faces.c.collection == position.incarnation, faces.c.number.in_(numbers))
                )
                record_removals(connection, position.incarnation, position.first, "face", numbers)
                count(connection, position.incarnation, faces=-len(numbers))
        if numbers:
            erase_freed(self._database)
        return FaceDeletion(
            deleted=tuple(face.id for face in deleted),
            missing=tuple(face for face in wanted if face not in known),
            associated={face: user for face in wanted if face in known and (user := known[face].user_id) is not None},
        )

    def changes(self, collection: int, after: int, limit: int, since: int | None = None) -> VectorChanges:
        """What happened to the vectors of a collection's faces after a sequence number, see `read_changes`; the
        collection is named by its incarnation."""
        return read_changes(self._database, "face", collection, after, limit, since)

    @staticmethod
    def _by_ids(connection: Connection, incarnation: int, ids: Sequence[str]) -> dict[str, Face]:
        statement = select_faces().where(faces.c.collection == incarnation, faces.c.id.in_(list(ids)))
        return {face.id: face for face in map(face_of, connection.execute(statement))}
