"""Users of collections: each groups up to 100 faces of one person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Select, bindparam, delete, insert, select, update

from openrek.db import Reader, erase_freed, faces, joined, users
from openrek.errors import ConflictError, QuotaExceededError, ResourceNotFoundError
from openrek.state.collections import Collection, Position, advance, count
from openrek.state.face_rows import Halves, to_bytes, to_vector
from openrek.state.vector_changes import VectorChanges, read_changes, record_removals

MAX_FACES_OF_USER = 100
Floats = NDArray[np.float32]
Similarity = Callable[[Floats, Floats], Floats]
"""Of (D,) to each of (N, D), 0 to 1."""
Reason = Literal["missing", "of another user", "unlike"]


@dataclass(frozen=True, slots=True)
class User:
    """A user of a collection."""

    id: str
    """As the caller chose it: UserId."""
    number: int
    """Its key in an index of vectors: the sequence number of its creation."""
    face_count: int
    """How many faces it has, up to 100. Without any it has no vector and is not found by searches."""


@dataclass(frozen=True, slots=True)
class RejectedFace:
    """A face that was not associated with a user, or not disassociated from it."""

    face_id: str
    reason: Reason
    user_id: str | None = None
    """The other user that has it."""
    similarity: float | None = None
    """To the user, 0 to 1; of a face that is unlike."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What became of a user's faces."""

    changed: tuple[str, ...]
    """Ids of the faces that were associated or disassociated."""
    rejected: tuple[RejectedFace, ...]
    face_count: int
    """The user's faces afterwards."""


_COLUMNS = (users.c.id, users.c.number, users.c.face_count)
_OF_ID = select(*_COLUMNS, users.c.vector).where(
    users.c.collection == bindparam("collection"), users.c.id == bindparam("id")
)


class Users:
    """Users by collection. A user's vector is the mean of its faces' vectors, of length 1, stored as half floats.

    Methods with a `connection` take part in its transaction if it is given, and otherwise have one of their own.
    """

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def create(self, collection: str, user_id: str, connection: Connection | None = None) -> User:
        """Create a user without faces.

        Raises:
            ResourceNotFoundError: No collection has this name.
            ConflictError: The collection has a user with this id.
        """
        with joined(self._database, connection) as joint:
            position = advance(joint, collection)
            if _row(joint, position.incarnation, user_id) is not None:
                raise ConflictError(f"User {user_id!r} already exists in collection {collection!r}.")
            row = {
                "collection": position.incarnation,
                "number": position.first,
                "id": user_id,
                "sequence": position.first,
                "face_count": 0,
            }
            joint.execute(insert(users), row)
            count(joint, position.incarnation, users=1)
        return User(user_id, position.first, 0)

    def delete(self, collection: str, user_id: str, connection: Connection | None = None) -> None:
        """Delete a user. Its faces stay in the collection, without a user.

        Raises:
            ResourceNotFoundError: The collection or the user does not exist.
        """
        with joined(self._database, connection) as joint:
            position = advance(joint, collection)
            user = _existing(joint, position, collection, user_id)
            joint.execute(
                update(faces)
                .where(faces.c.collection == position.incarnation, faces.c.user_number == user.number)
                .values(user_number=None)
            )
            joint.execute(
                delete(users).where(users.c.collection == position.incarnation, users.c.number == user.number)
            )
            record_removals(joint, position.incarnation, position.first, "user", [user.number])
            count(joint, position.incarnation, users=-1)
        if connection is None:
            self.erase()

    def get(self, collection: Collection, user_id: str) -> User:
        """The user.

        Raises:
            ResourceNotFoundError: The collection has no user with this id.
        """
        user, _ = self.vector(collection, user_id)
        return user

    def vector(self, collection: Collection, user_id: str) -> tuple[User, Halves | None]:
        """The user and its vector, (D,); None without faces.

        Raises:
            ResourceNotFoundError: The collection has no user with this id.
        """
        rows = self._reader.all(_OF_ID, {"collection": collection.incarnation, "id": user_id})
        if not rows:
            raise _not_found(collection.name, user_id)
        identifier, number, face_count, vector = rows[0]
        return User(identifier, number, face_count), None if vector is None else to_vector(vector)

    def page(self, collection: Collection, after: int, limit: int) -> list[User]:
        """At most `limit` users in the order of their creation, whose number is above `after`."""
        statement = select(*_COLUMNS).where(users.c.collection == collection.incarnation, users.c.number > after)
        statement = statement.order_by(users.c.number).limit(limit)
        with self._database.connect() as connection:
            return [User(*row) for row in connection.execute(statement)]

    def numbered(self, collection: Collection, numbers: Sequence[int]) -> dict[int, User]:
        """The users with these numbers, by number; those that are deleted are left out."""
        statement = select(*_COLUMNS).where(
            users.c.collection == collection.incarnation, users.c.number.in_(list(numbers))
        )
        with self._database.connect() as connection:
            return {row.number: User(*row) for row in connection.execute(statement)}

    def associate(
        self,
        collection: str,
        user_id: str,
        face_ids: Sequence[str],
        similarity: Similarity,
        threshold: float,
        connection: Connection | None = None,
    ) -> Membership:
        """Give faces to a user. Those it has already are neither changed nor rejected.

        Faces of a user without any are not compared with each other.

        Args:
            collection: Name of the collection.
            user_id: Of the user.
            face_ids: Of the faces.
            similarity: Compares the user's vector with those of faces.
            threshold: Similarity that a face must reach if the user has faces, 0 to 1.
            connection: See the class.

        Raises:
            ResourceNotFoundError: The collection or the user does not exist.
            QuotaExceededError: The user would have more than 100 faces; nothing is changed.
        """
        with joined(self._database, connection) as joint:
            position = advance(joint, collection)
            user = _existing(joint, position, collection, user_id)
            rejected, free = _sorted(joint, position.incarnation, user.number, face_ids, "associate")
            if user.vector is not None and free:
                known = to_vector(user.vector).astype(np.float32)
                reached = similarity(known, np.stack([vector for _, vector in free.values()]).astype(np.float32))
                for face_id, value in zip(list(free), reached, strict=True):
                    if value < threshold:
                        del free[face_id]
                        rejected.append(RejectedFace(face_id, "unlike", similarity=float(value)))
            face_count = user.face_count + len(free)
            if face_count > MAX_FACES_OF_USER:
                raise QuotaExceededError(
                    f"User {user_id!r} has {user.face_count} faces; with {len(free)} more it would have {face_count}. "
                    f"A user can have at most {MAX_FACES_OF_USER}."
                )
            _assign(joint, position.incarnation, free, user.number)
            if free:
                _update_vector(joint, position, user.number)
        if connection is None:
            self.erase()
        return Membership(tuple(free), _in_order(rejected, face_ids), face_count)

    def disassociate(
        self, collection: str, user_id: str, face_ids: Sequence[str], connection: Connection | None = None
    ) -> Membership:
        """Take faces from a user. Those that belong to nobody are neither changed nor rejected.

        Raises:
            ResourceNotFoundError: The collection or the user does not exist.
        """
        with joined(self._database, connection) as joint:
            position = advance(joint, collection)
            user = _existing(joint, position, collection, user_id)
            rejected, own = _sorted(joint, position.incarnation, user.number, face_ids, "disassociate")
            _assign(joint, position.incarnation, own, None)
            if own:
                _update_vector(joint, position, user.number)
        if connection is None:
            self.erase()
        return Membership(tuple(own), _in_order(rejected, face_ids), user.face_count - len(own))

    def erase(self) -> None:
        """Make vectors that earlier transactions removed unreadable in the files, see `erase_freed`.

        Who gives methods a connection calls it after the commit.
        """
        erase_freed(self._database)

    def changes(self, collection: int, after: int, limit: int, since: int | None = None) -> VectorChanges:
        """What happened to the vectors of a collection's users after a sequence number, see `read_changes`; the
        collection is named by its incarnation."""
        return read_changes(self._database, "user", collection, after, limit, since)


def _row(connection: Connection, incarnation: int, user_id: str) -> Any:
    return connection.execute(_OF_ID, {"collection": incarnation, "id": user_id}).first()


def _existing(connection: Connection, position: Position, collection: str, user_id: str) -> Any:
    row = _row(connection, position.incarnation, user_id)
    if row is None:
        raise _not_found(collection, user_id)
    return row


def _not_found(collection: str, user_id: str) -> ResourceNotFoundError:
    return ResourceNotFoundError(f"User {user_id!r} does not exist in collection {collection!r}.")


def _sorted(
    connection: Connection,
    incarnation: int,
    user_number: int,
    face_ids: Sequence[str],
    change: Literal["associate", "disassociate"],
) -> tuple[list[RejectedFace], dict[str, tuple[int, Halves]]]:
    """Faces that cannot be changed, and number and vector of those that can, by id, in the order of the request."""
    rows = {row.id: row for row in connection.execute(_of_ids(incarnation, face_ids))}
    rejected: list[RejectedFace] = []
    changeable: dict[str, tuple[int, Halves]] = {}
    wanted = None if change == "associate" else user_number
    for face_id in dict.fromkeys(face_ids):
        row = rows.get(face_id)
        if row is None:
            rejected.append(RejectedFace(face_id, "missing"))
        elif row.user_number not in (None, user_number):
            rejected.append(RejectedFace(face_id, "of another user", user_id=row.user_id))
        elif row.user_number == wanted:
            changeable[face_id] = (row.number, to_vector(row.vector))
    return rejected, changeable


def _of_ids(incarnation: int, face_ids: Sequence[str]) -> Select[Any]:
    of_user = (users.c.collection == faces.c.collection) & (users.c.number == faces.c.user_number)
    return (
        select(faces.c.id, faces.c.number, faces.c.vector, faces.c.user_number, users.c.id.label("user_id"))
        .select_from(faces.outerjoin(users, of_user))
        .where(faces.c.collection == incarnation, faces.c.id.in_(list(face_ids)))
    )


def _assign(
    connection: Connection, incarnation: int, changed: dict[str, tuple[int, Halves]], user_number: int | None
) -> None:
    numbers = [number for number, _ in changed.values()]
    if numbers:
        connection.execute(
            update(faces)
            .where(faces.c.collection == incarnation, faces.c.number.in_(numbers))
            .values(user_number=user_number)
        )


def _update_vector(connection: Connection, position: Position, user_number: int) -> None:
    own = select(faces.c.vector).where(faces.c.collection == position.incarnation, faces.c.user_number == user_number)
    vectors = [to_vector(row.vector) for row in connection.execute(own)]
    connection.execute(
        update(users)
        .where(users.c.collection == position.incarnation, users.c.number == user_number)
        .values(sequence=position.first, face_count=len(vectors), vector=user_vector(vectors))
    )


def user_vector(vectors: Sequence[Halves]) -> bytes | None:
    """The vector of a user with faces of these vectors, (D,) each, as it is stored; None without faces."""
    if not vectors:
        return None
    mean = np.stack(vectors).astype(np.float64).mean(axis=0)
    return to_bytes(mean / max(float(np.linalg.norm(mean)), 1e-12))


def _in_order(rejected: list[RejectedFace], face_ids: Sequence[str]) -> tuple[RejectedFace, ...]:
    order = {face_id: index for index, face_id in enumerate(dict.fromkeys(face_ids))}
    return tuple(sorted(rejected, key=lambda face: order[face.face_id]))
