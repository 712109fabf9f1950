"""Tables in SQL, through SQLAlchemy Core. SQLite in WAL mode here; the same statements run on PostgreSQL."""

from openrek.db.database import open_sqlite
from openrek.db.tables import log_events, metadata

__all__ = ["log_events", "metadata", "open_sqlite"]
