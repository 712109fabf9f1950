"""Whole collections leave and arrive: what was deleted meanwhile, and faces with their users added together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from openrek.db import Reader, collections, vector_removals, writing
from openrek.errors import ConflictError, ResourceNotFoundError
from openrek.state.collections import Collection, advance
from openrek.state.face_rows import NewFace
from openrek.state.faces import Faces
from openrek.state.users import RefusedFace, Users

Floats = NDArray[np.float32]


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
            with self._database.connect() as connection:
                return self.removed_since(collection, connection)
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
    ) -> list[RefusedFace]:
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
        refused: list[RefusedFace] = []
        own: dict[str, list[str]] = {}
        for face_id, user_id in users_by_face.items():
            own.setdefault(user_id, []).append(face_id)
        with writing(self._database) as connection:
            self._faces.add(collection, model, added, connection)
            for user_id, face_ids in own.items():
                self.create_user(collection, user_id, connection)
                membership = self._users.associate(collection, user_id, face_ids, _alike, 0.0, connection)
                refused += membership.refused
        self._users.erase()
        return refused

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


def _alike(one: Floats, others: Floats) -> Floats:
    """Faces of an exported user belong to it, however similar they are."""
    return np.ones(len(others), np.float32)
