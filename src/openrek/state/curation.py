"""What correcting a collection needs of its rows: users with their faces, and vectors of given faces."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, Select, select

from openrek.db import Reader, faces, snapshot, users, writing
from openrek.errors import InvalidParameterError, ResourceNotFoundError
from openrek.state.collections import Collection, advance
from openrek.state.face_rows import Face, face_of, select_faces, to_vector
from openrek.state.users import Similarity, Users

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class UserFaces:
    """A user with the faces that belong to it."""

    number: int
    """Its position in the order of creation."""
    user_id: str
    face_ids: tuple[str, ...]


class Curation:
    """Reads rows for those who correct a collection."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._users = Users(database, reader)

    def unknown(self, collection: Collection, after: int, limit: int) -> list[Face]:
        """At most `limit` faces without a user, whose number is above `after`, in the order of insertion."""
        statement = select_faces().where(faces.c.collection == collection.incarnation, faces.c.number > after)
        statement = statement.where(faces.c.user_number.is_(None)).order_by(faces.c.number).limit(limit)
        with self._database.connect() as connection:
            return [face_of(row) for row in connection.execute(statement)]

    def unknown_vectors(self, collection: Collection, limit: int) -> tuple[list[str], Floats]:
        """FaceIds of the newest faces without a user, and their vectors, (N, D)."""
        statement = select(faces.c.id, faces.c.vector).where(
            faces.c.collection == collection.incarnation, faces.c.user_number.is_(None)
        )
        with self._database.connect() as connection:
            rows = connection.execute(statement.order_by(faces.c.number.desc()).limit(limit)).all()
        if not rows:
            return [], np.zeros((0, 0), np.float32)
        vectors = np.stack([to_vector(row.vector) for row in rows])
        return [row.id for row in rows], vectors.astype(np.float32)

    def users(self, collection: Collection, after: int, limit: int) -> list[UserFaces]:
        """At most `limit` users whose number is above `after`, in the order of creation, with their faces."""
        incarnation = collection.incarnation
        statement = select(users.c.number, users.c.id).where(users.c.collection == incarnation, users.c.number > after)
        with snapshot(self._database) as connection:
            rows = connection.execute(statement.order_by(users.c.number).limit(limit)).all()
            own: dict[int, list[str]] = defaultdict(list)
            of_users = select(faces.c.user_number, faces.c.id).where(
                faces.c.collection == incarnation, faces.c.user_number.in_([row.number for row in rows])
            )
            for user_number, face_id in connection.execute(of_users.order_by(faces.c.number)):
                own[user_number].append(face_id)
        return [UserFaces(row.number, row.id, tuple(own[row.number])) for row in rows]

    def with_vectors(self, collection: Collection, face_ids: Sequence[str]) -> list[tuple[Face, Floats]]:
        """Faces and their vectors, (D,), in the order of the FaceIds.

        Raises:
            ResourceNotFoundError: The collection does not have one of them.
        """
        statement = select_faces().add_columns(faces.c.vector).where(faces.c.collection == collection.incarnation)
        with self._database.connect() as connection:
            rows = connection.execute(statement.where(faces.c.id.in_(list(face_ids)))).all()
        found = {
            face.id: (face, to_vector(vector).astype(np.float32)) for *row, vector in rows if (face := face_of(row))
        }
        for face_id in face_ids:
            if face_id not in found:
                raise ResourceNotFoundError(f"Face {face_id[:80]!r} does not exist in collection {collection.name!r}.")
        return [found[face_id] for face_id in face_ids]

    def merge(self, collection: Collection, user_id: str, other: str, similarity: Similarity) -> UserFaces:
        """Move the faces of another user to a user and delete the other, in one transaction.

        Args:
            collection: The collection.
            user_id: The user who stays.
            other: The user who goes.
            similarity: Of the engine; whatever it is, the faces are moved.

        Returns:
            The user with all faces.

        Raises:
            InvalidParameterError: Both are the same user.
            QuotaExceededError: Together they have more than 100 faces; nothing is changed.
            ResourceNotFoundError: The collection or a user does not exist.
        """
        if user_id == other:
            raise InvalidParameterError(f"{user_id!r} is the user to merge and the user to merge into; name two users.")
        name = collection.name
        with writing(self._database) as connection:
            advance(connection, name)  # nobody else changes the users from here on
            moved = connection.execute(_faces_of(collection, other)).scalars().all()
            self._users.delete(name, other, connection)
            self._users.associate(name, user_id, moved, similarity, 0.0, connection)
            number = connection.execute(
                select(users.c.number).where(users.c.collection == collection.incarnation, users.c.id == user_id)
            ).scalar_one()
            own = connection.execute(_faces_of(collection, user_id)).scalars().all()
        self._users.erase()
        return UserFaces(number, user_id, tuple(own))


def _faces_of(collection: Collection, user_id: str) -> Select[Any]:
    of_user = (users.c.collection == faces.c.collection) & (users.c.number == faces.c.user_number)
    statement = select(faces.c.id).select_from(faces.join(users, of_user)).order_by(faces.c.number)
    return statement.where(users.c.collection == collection.incarnation, users.c.id == user_id)
