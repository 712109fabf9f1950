"""Migrations of the state database, by Alembic: one module a revision in `versions/`, named `m0001_what.py`.

They start from the schema of the first release, which had no record of revisions. A new table or column needs a new
module there and nothing else. See docs/design/migrations.md.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect

from openrek.db.transactions import lock, writing

VERSIONS = Path(__file__).with_name("versions")
# Releases without migrations counted their schema in SQLite's user_version, and refuse a higher one.
_FIRST_USER_VERSION = 4
_TABLE = "alembic_version"
_WAIT_SECONDS = 600


def revisions() -> tuple[str, ...]:
    """All revisions, oldest first, as "0001"."""
    return tuple(sorted(path.stem[1:5] for path in VERSIONS.glob("m[0-9][0-9][0-9][0-9]_*.py")))


def upgrade(engine: Engine, name: str, advice: str) -> None:
    """Bring the database to the newest revision, in one transaction; of several processes one does it.

    Alembic is imported only when there is something to do.

    Args:
        engine: The database.
        name: What messages call it.
        advice: What to do, besides an update of openrek, if a newer one wrote it.

    Raises:
        RuntimeError: The database was written by a newer openrek.
    """
    known = revisions()
    with engine.connect() as connection:
        if _revision(connection, name, advice, known) == known[-1]:
            return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'")
            lock(connection, "migrations")
        if _revision(connection, name, advice, known) == known[-1]:  # another process was faster
            return
        _run(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version={_FIRST_USER_VERSION - 1 + int(known[-1])}")


def _revision(connection: Connection, name: str, advice: str, known: tuple[str, ...]) -> str | None:
    if not inspect(connection).has_table(_TABLE):
        if connection.dialect.name == "sqlite":
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > _FIRST_USER_VERSION:
                raise RuntimeError(_newer(name, advice, str(version), str(_FIRST_USER_VERSION)))
        return None
    revision: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {_TABLE}").scalar()  # noqa: S608
    if revision is not None and revision not in known:
        raise RuntimeError(_newer(name, advice, revision, known[-1]))
    return revision


def _newer(name: str, advice: str, found: str, known: str) -> str:
    return (
        f"{name} was written by a newer openrek (schema {found}; this one knows up to {known}). Install the newer "
        f"openrek, or {advice}."
    )


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic interpolates % in its options.
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
