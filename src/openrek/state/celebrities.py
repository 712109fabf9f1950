"""Celebrities: people whom the operator made known, each by one or more faces."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, func, insert, select, update

from openrek.db import Reader, celebrities, celebrity_faces, erase_freed, lock, writing
from openrek.errors import ResourceNotFoundError

Floats = NDArray[np.float32]
_ID_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Celebrity:
    """Somebody known."""

    identifier: str
    """Letters and digits."""
    name: str
    urls: tuple[str, ...]
    gender: str | None
    """"Male", "Female", "Nonbinary", "Unlisted", or None if unknown."""


class Celebrities:
    """Known people and their faces."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def add(
        self, name: str, model: str, vectors: Sequence[Floats], urls: Sequence[str] = (), gender: str | None = None
    ) -> Celebrity:
        """Adds faces to the person of this name, who is new if unknown; all or none.

        Args:
            name: The person's.
            model: Version of the model that made the vectors.
            vectors: (D,) each, of length 1.
            urls: More about the person; replaces what was there, if given.
            gender: Likewise.
        """
        with writing(self._database) as connection:
            lock(connection, "celebrities")
            row = connection.execute(select(celebrities).where(celebrities.c.name == name)).first()
            if row is None:
                identifier = "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))
                person = Celebrity(identifier, name, tuple(urls), gender)
                connection.execute(insert(celebrities), _row(person))
            else:
                known = _celebrity(row)
                person = Celebrity(known.identifier, name, tuple(urls) or known.urls, gender or known.gender)
                connection.execute(update(celebrities).where(celebrities.c.id == known.identifier), _row(person))
            faces = [
                {"celebrity_id": person.identifier, "model": model, "vector": np.asarray(vector, "<f4").tobytes()}
                for vector in vectors
            ]
            if faces:
                connection.execute(insert(celebrity_faces), faces)
        return person

    def get(self, identifier: str) -> Celebrity:
        """The person.

        Raises:
            ResourceNotFoundError: unknown identifier.
        """
        with self._database.connect() as connection:
            row = connection.execute(select(celebrities).where(celebrities.c.id == identifier)).first()
        if row is None:
            raise ResourceNotFoundError(f"No celebrity has the id {identifier[:80]!r}.")
        return _celebrity(row)

    def remove(self, name: str) -> None:
        """Forgets the person and their faces.

        Raises:
            ResourceNotFoundError: unknown name.
        """
        with writing(self._database) as connection:
            lock(connection, "celebrities")
            row = connection.execute(select(celebrities.c.id).where(celebrities.c.name == name)).first()
            if row is None:
                raise ResourceNotFoundError(f"No celebrity is named {name[:200]!r}.")
            connection.execute(delete(celebrity_faces).where(celebrity_faces.c.celebrity_id == row.id))
            connection.execute(delete(celebrities).where(celebrities.c.id == row.id))
        erase_freed(self._database)

    def all(self) -> list[tuple[Celebrity, int]]:
        """Everybody by name, with the number of their faces, whichever model made them."""
        count = func.count(celebrity_faces.c.id)
        statement = (
            select(celebrities, count.label("faces"))
            .outerjoin(celebrity_faces, celebrity_faces.c.celebrity_id == celebrities.c.id)
            .group_by(celebrities.c.id)
            .order_by(celebrities.c.name)
        )
        with self._database.connect() as connection:
            return [(_celebrity(row), row.faces) for row in connection.execute(statement)]

    def stale(self, model: str) -> dict[str, int]:
        """How many of a person's faces another model than this made, by identifier: they are compared with none."""
        statement = (
            select(celebrity_faces.c.celebrity_id, func.count(celebrity_faces.c.id))
            .where(celebrity_faces.c.model != model)
            .group_by(celebrity_faces.c.celebrity_id)
        )
        with self._database.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def data_version(self) -> int | None:
        """See `Reader.data_version`."""
        return self._reader.data_version()

    def fingerprint(self) -> object:
        """Differs once people or their faces have changed; no vector is read for it."""
        people = select(celebrities.c.id, celebrities.c.name, celebrities.c.urls, celebrities.c.gender)
        counts = select(func.count(celebrity_faces.c.id), func.max(celebrity_faces.c.id))
        with self._database.connect() as connection:
            return (
                tuple(tuple(row) for row in connection.execute(people.order_by(celebrities.c.id))),
                tuple(connection.execute(counts).one()),
            )

    def faces(self, model: str) -> tuple[list[Celebrity], Floats]:
        """Whose each face is, and the faces' vectors, (N, D); only those that this model made."""
        statement = (
            select(celebrities, celebrity_faces.c.vector)
            .join(celebrity_faces, celebrity_faces.c.celebrity_id == celebrities.c.id)
            .where(celebrity_faces.c.model == model)
            .order_by(celebrity_faces.c.id)
        )
        with self._database.connect() as connection:
            rows = connection.execute(statement).all()
        if not rows:
            return [], np.zeros((0, 0), np.float32)
        return [_celebrity(row) for row in rows], np.stack([np.frombuffer(row.vector, "<f4") for row in rows])


def _row(person: Celebrity) -> dict[str, str | None]:
    return {
        "id": person.identifier,
        "name": person.name,
        "urls": orjson.dumps(person.urls).decode(),
        "gender": person.gender,
    }


def _celebrity(row: "object") -> Celebrity:
    identifier, name, urls, gender = (getattr(row, column) for column in ("id", "name", "urls", "gender"))
    return Celebrity(identifier, name, tuple(orjson.loads(urls)), gender)
