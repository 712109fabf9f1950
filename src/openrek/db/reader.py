"""A cached connection for single-row reads."""

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, Select

from openrek.db.postgresql import domain_error
from openrek.errors import StorageUnavailableError


class Reader:
    """Answers small queries on one connection that stays open. Safe to share.

    Taking a connection from the pool, resetting it afterwards and wrapping the rows costs many times what SQLite needs
    for the answer, so a statement is compiled once and then goes to the driver as it is: its values are strings and
    numbers that need no conversion. Each query sees what was committed before it.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._driver: Any = None
        self._failed: tuple[float, str] | None = None
        """When the database could not be reached last, and why."""
        self._compiled: dict[Select[Any], tuple[str, Sequence[str] | None]] = {}

    def all(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows.

        Args:
            statement: Kept by the caller: it is compiled at its first use.
            parameters: A value for each of its bound parameters.

        Raises:
            StorageUnavailableError: PostgreSQL cannot be reached. A lost connection is replaced first.
        """
        arrival = time.monotonic()
        text, names = self._compiled.get(statement) or self._compile(statement)
        values = parameters if names is None else tuple([parameters[name] for name in names])
        with self._lock:
            if self._failed is not None and self._failed[0] > arrival:
                # While this query waited for another one that could not connect, which may have taken seconds.
                raise StorageUnavailableError(cause=self._failed[1])
            if self._driver is not None:
                with suppress(StorageUnavailableError):
                    return self._fetch(text, values)
                # The connection is lost, perhaps for long; nothing was written, so another one may be used.
            try:
                return self._fetch(text, values)
            except StorageUnavailableError as error:
                self._failed = (time.monotonic(), str(error.args[-1]))
                raise

    def data_version(self) -> int | None:
        """A number that changes whenever anybody commits; None on PostgreSQL, which has none. No row is read.

        https://sqlite.org/pragma.html#pragma_data_version
        """
        if self._database.dialect.name != "sqlite":
            return None
        with self._lock:
            ((version,),) = self._fetch("PRAGMA data_version", ())
        return int(version)

    def close(self) -> None:
        """Gives the connection back; a later query takes another."""
        with self._lock:
            self._drop()

    def _compile(self, statement: Select[Any]) -> tuple[str, Sequence[str] | None]:
        compiled = statement.compile(self._database)
        found = (str(compiled), compiled.positiontup)
        self._compiled[statement] = found
        return found

    def _fetch(self, text: str, values: Any) -> Sequence[tuple[Any, ...]]:
        if self._driver is None:
            self._open()
        try:
            cursor = self._driver.cursor()
            cursor.execute(text, values)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            cursor.close()
        except BaseException as error:
            is_lost = self._is_lost(error)
            self._drop(is_lost)  # the next query starts anew, whatever broke
            if self._database.dialect.name == "postgresql":
                raise domain_error(self._database, error, is_lost) or error from None
            raise
        return rows

    def _is_lost(self, error: BaseException) -> bool:
        dialect = self._database.dialect
        return isinstance(error, dialect.loaded_dbapi.Error) and dialect.is_disconnect(error, self._driver, None)

    def _open(self) -> None:
        self._connection = self._database.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._driver = self._connection.connection.driver_connection

    def _drop(self, is_lost: bool = False) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            if is_lost:
                connection.invalidate()
            connection.close()
