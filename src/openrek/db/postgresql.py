"""PostgreSQL as the state database, through psycopg 3.

https://www.postgresql.org/docs/current/libpq-connect.html, https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from typing import Any

from sqlalchemy import URL, Engine, PoolProxiedConnection, QueuePool, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from openrek.config import DATABASE_SCHEMES
from openrek.errors import (
    InvalidParameterError,
    OpenrekError,
    StorageFullError,
    StorageReadOnlyError,
    StorageUnavailableError,
)

_POOL_SIZE = 5
_MAX_CONNECTIONS = 20
_POOL_SECONDS = 30.0
_DEFAULTS = {
    "application_name": "openrek",
    "connect_timeout": "5",  # seconds
    # A server that is gone without a word, such as a machine without power, is noticed after so many milliseconds.
    "tcp_user_timeout": "15000",
}
_LOCK_SECONDS = 30
_COLLISIONS = ("40001", "40P01", "55P03")
_SHUTDOWNS = ("57P01", "57P02", "57P03", "53300")
_NOT_ALLOWED = "42501"


class _Pool(QueuePool):
    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except TimeoutError:
            raise StorageUnavailableError("Too many requests use the database. Try again in a moment.") from None


def is_postgresql(location: object) -> bool:
    """Whether this is the URL of a PostgreSQL database."""
    return isinstance(location, str) and location.startswith(DATABASE_SCHEMES)


def sqlalchemy_url(location: str) -> str:
    """The URL for SQLAlchemy, with its password.

    Raises:
        RuntimeError: The URL is not valid.
    """
    return _parse(location).render_as_string(hide_password=False)


def create_postgresql(location: str) -> Engine:
    """An engine with at most 20 connections. Nothing is connected yet.

    Connections that were lost while nobody used them are replaced unnoticed.

    Raises:
        RuntimeError: The URL is not valid, or psycopg is not installed.
    """
    url = _parse(location)
    try:
        engine = create_engine(
            url,
            isolation_level="READ COMMITTED",
            poolclass=_Pool,
            pool_pre_ping=True,
            pool_timeout=_POOL_SECONDS,
            pool_size=_POOL_SIZE,
            max_overflow=_MAX_CONNECTIONS - _POOL_SIZE,
        )
    except ImportError as error:
        raise RuntimeError(
            f"PostgreSQL needs psycopg, which cannot be imported: {error}. "
            "Install it: pip install 'openrek[postgresql]'"
        ) from None

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.execute(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        connection.commit()

    return engine


def translate_errors(engine: Engine) -> None:
    """Make the engine raise domain errors where the database, not the statement, is the reason."""

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> OpenrekError | None:
        if context.is_pre_ping:
            return None  # the pool connects anew
        return domain_error(engine, context.original_exception, context.is_disconnect)


def domain_error(engine: Engine, error: BaseException, is_lost: bool) -> OpenrekError | None:
    """The domain error of one of psycopg's; None if the statement is at fault.

    Args:
        engine: That it came from.
        error: The exception of psycopg.
        is_lost: Whether the connection was lost.
    """
    from psycopg import DataError, OperationalError

    name, state = display_name(engine.url), getattr(error, "sqlstate", None)
    if state == "53100":
        return StorageFullError(f"{name} could not be written: {_reason(error)}. Free space on the database's disk.")
    if state == "25006":
        return StorageReadOnlyError(f"{name} could not be written: {_reason(error)}. Use the primary server.")
    if state in _COLLISIONS:
        return StorageUnavailableError("Requests that change the same data kept each other waiting. Try again.")
    if is_lost or state in _SHUTDOWNS or (state is None and isinstance(error, OperationalError)):
        return StorageUnavailableError(cause=f"{name} cannot be reached: {_reason(error)}")
    if isinstance(error, DataError) and "NUL" in str(error):
        return InvalidParameterError("Text must not contain the character U+0000.")
    return None


def display_name(url: URL) -> str:
    """Which database it is, without users and passwords, as "postgresql://db.example:5432/openrek"."""
    host = url.host or ",".join(_values(url, "host"))
    port = url.port or ",".join(_values(url, "port"))
    return f"postgresql://{host}{f':{port}' if port else ''}/{url.database or ''}"


def opening_error(url: URL, error: DBAPIError) -> RuntimeError:
    """Why the database cannot be opened, and what to do about it."""
    reason = _reason(error.orig)
    database = url.database or "the database"
    # Before a session has begun there is no SQLSTATE, only the server's text.
    if "password" in reason or "role" in reason or "pg_hba.conf" in reason:
        help_ = "Check the user and the password in the URL, and the server's pg_hba.conf."
    elif "does not exist" in reason and "database" in reason:
        help_ = f"Create the database: createdb --encoding UTF8 --template template0 {database}"
    elif getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
        help_ = "Make the user the owner of the database, or GRANT CREATE ON SCHEMA public to it."
    elif getattr(error.orig, "sqlstate", None) is None:
        help_ = "Start the server, or correct host and port in the URL."
    else:
        help_ = "See the server's log."
    return RuntimeError(f"{display_name(url)} cannot be used: {reason}. {help_}")


def check_encoding(engine: Engine) -> None:
    """Return if the database can hold all text.

    Raises:
        RuntimeError: It cannot.
    """
    with engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise RuntimeError(
            f"{display_name(engine.url)} has the encoding {encoding}, which cannot hold all text. Create a database in "
            f"UTF8: createdb --encoding UTF8 --template template0 NAME"
        )


def _parse(location: str) -> URL:
    # Messages must not show the URL: a part of it is the password.
    example = "Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password as %XX."
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        raise RuntimeError(f"The URL of the database is not valid. {example}") from None
    if not url.database or "@" in (url.host or "") or "/" in (url.host or ""):
        raise RuntimeError(f"The URL of the database is not valid: it names no host and database. {example}")
    if passwords := _values(url, "password"):
        url = url.difference_update_query(["password"]).set(password=passwords[-1])
    defaults = {name: value for name, value in _DEFAULTS.items() if name not in url.query}
    return url.set(drivername="postgresql+psycopg").update_query_dict({**defaults, "client_encoding": "utf8"})


def _values(url: URL, name: str) -> tuple[str, ...]:
    value = url.query.get(name, ())
    return (value,) if isinstance(value, str) else tuple(value)


def _reason(error: BaseException | None) -> str:
    """One line of the driver's."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
