"""Whole collections leave and arrive: what was deleted meanwhile, and faces with their users added together."""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from openrek.db import Reader, collections, faces, snapshot, users, vector_removals, writing
from openrek.errors import ConflictError, ResourceNotFoundError
from openrek.ids import new_number
from openrek.state.collections import Collection, advance
from openrek.state.face_rows import NewFace, to_bytes, to_vector
from openrek.state.faces import Faces
from openrek.state.users import RejectedFace, Users, user_vector

Floats = NDArray[np.float32]
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Removals:
    """Numbers of what was deleted from a collection."""

    faces: frozenset[int]
    users: frozenset[int]


class Transfers:
    """Exports and imports of collections."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._faces = Faces(database, reader)
        self._users = Users(database, reader)

    def removed_since(self, collection: Collection, connection: Connection | None = None) -> Removals:
        """What was deleted from a collection since it was read.

        Args:
            collection: As it was read.
            connection: Of `unchanging`; by default one of its own.

        Raises:
            ConflictError: That was more than a day ago: removals are not recorded longer.
            ResourceNotFoundError: The collection itself was deleted.
        """
        if connection is None:
            with snapshot(self._database) as reading:
                return self.removed_since(collection, reading)
        facts = select(collections.c.horizon).where(collections.c.incarnation == collection.incarnation)
        horizon = connection.execute(facts).scalar()
        if horizon is None:
            raise ResourceNotFoundError(f"Collection {collection.name!r} was deleted meanwhile.")
        if horizon > collection.sequence:
            raise ConflictError(f"The export of {collection.name!r} took more than a day. Start it again.")
        statement = select(vector_removals.c.kind, vector_removals.c.number).where(
            vector_removals.c.collection == collection.incarnation, vector_removals.c.sequence > collection.sequence
        )
        rows = connection.execute(statement).all()
        return Removals(
            frozenset(row.number for row in rows if row.kind == "face"),
            frozenset(row.number for row in rows if row.kind == "user"),
        )

    @contextmanager
    def unchanging(self, collection: Collection) -> Iterator[Connection]:
        """A transaction in which nobody else changes the collection.

        Raises:
            ResourceNotFoundError: The collection was deleted.
        """
        with writing(self._database) as connection:
            if advance(connection, collection.name).incarnation != collection.incarnation:
                raise ResourceNotFoundError(f"Collection {collection.name!r} was deleted meanwhile.")
            yield connection

    def add(
        self, collection: str, model: str, added: Sequence[NewFace], users_by_face: Mapping[str, str]
    ) -> list[RejectedFace]:
        """Add faces and associate them with their users, who are created if new, in one transaction.

        Args:
            collection: Name of the collection.
            model: Version of the model that made the vectors.
            added: The faces; those that the collection has are left as they are, but for their users.
            users_by_face: Ids of users by FaceId.

        Returns:
            Faces that could not be associated: another user has them.

        Raises:
            InvalidParameterError: The collection's faces were embedded by another model.
            QuotaExceededError: A user would have more than 100 faces.
            ResourceNotFoundError: The collection does not exist.
        """
        rejected: list[RejectedFace] = []
        own: dict[str, list[str]] = {}
        for face_id, user_id in users_by_face.items():
            own.setdefault(user_id, []).append(face_id)
        with writing(self._database) as connection:
            self._faces.add(collection, model, added, connection)
            for user_id, face_ids in own.items():
                self.create_user(collection, user_id, connection)
                membership = self._users.associate(collection, user_id, face_ids, _alike, 0.0, connection)
                rejected += membership.rejected
        self._users.erase()
        return rejected

    def replace_vectors(
        self, collection: Collection, model: str, vectors: Mapping[int, Floats], missing: Set[int]
    ) -> None:
        """Give the faces of a collection vectors of another model, and its users theirs, in one transaction.

        Faces keep their FaceIds, their users and their order. The collection becomes another incarnation, so that
        nobody who has vectors of the old model in memory takes the new ones for changes of these.

        Args:
            collection: As it was when the vectors were computed.
            model: Version of the model that made the vectors.
            vectors: (D,) each, of length 1, by the number of the face.
            missing: Numbers of the faces without a vector; they are deleted.

        Raises:
            ConflictError: The collection has other faces than these by now; nothing is changed.
            ResourceNotFoundError: The collection was deleted.
        """
        with self.unchanging(collection) as connection:
            incarnation = new_number()
            old = select(collections).where(collections.c.incarnation == collection.incarnation)
            row = dict(connection.execute(old).mappings().one())
            row |= {"name": f"{incarnation}/reindex", "incarnation": incarnation, "model": model, "horizon": 0}
            connection.execute(insert(collections), row)
            copied = 0
            for batch in _batches(connection, faces, collection.incarnation):
                kept = [face for face in batch if face["number"] not in missing]
                if any(face["number"] not in vectors for face in kept):
                    raise ConflictError(f"Faces were added to {collection.name!r} meanwhile. Run the command again.")
                for face in kept:
                    vector = to_bytes(vectors[face["number"]])
                    face.update(collection=incarnation, model=model, vector=vector)
                if kept:
                    connection.execute(insert(faces), kept)
                copied += len(kept)
            for batch in _batches(connection, users, collection.incarnation):
                connection.execute(insert(users), [_of_faces(connection, incarnation, user) for user in batch])
            for table in (faces, users, vector_removals):
                connection.execute(delete(table).where(table.c.collection == collection.incarnation))
            connection.execute(delete(collections).where(collections.c.incarnation == collection.incarnation))
            connection.execute(
                update(collections)
                .where(collections.c.incarnation == incarnation)
                .values(name=collection.name, face_count=copied)
            )
        self._users.erase()

    def create_user(self, collection: str, user_id: str, connection: Connection | None = None) -> bool:
        """Whether the user was new and was created.

        Raises:
            ResourceNotFoundError: The collection does not exist.
        """
        try:
            self._users.create(collection, user_id, connection)
        except ConflictError:
            return False
        return True


def _batches(connection: Connection, table: Table, incarnation: int) -> Iterator[list[dict[str, Any]]]:
    """All rows of a collection's faces or users."""
    after = 0
    while True:
        statement = select(table).where(table.c.collection == incarnation, table.c.number > after)
        rows = connection.execute(statement.order_by(table.c.number).limit(_BATCH)).mappings().all()
        if not rows:
            return
        yield [dict(row) for row in rows]
        after = rows[-1]["number"]


def _of_faces(connection: Connection, incarnation: int, user: dict[str, Any]) -> dict[str, Any]:
    """The row of a user in another incarnation of its collection, with the vector of its faces there."""
    own = select(faces.c.vector).where(faces.c.collection == incarnation, faces.c.user_number == user["number"])
    vectors = [to_vector(vector) for vector in connection.execute(own).scalars()]
    return user | {"collection": incarnation, "face_count": len(vectors), "vector": user_vector(vectors)}


def _alike(one: Floats, others: Floats) -> Floats:
    """Faces of an exported user belong to it, however similar they are."""
    return np.ones(len(others), np.float32)
