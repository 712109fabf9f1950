"""Tables in SQL, through SQLAlchemy Core. SQLite in WAL mode here; the same statements run on PostgreSQL."""

from openrek.db.database import LOG_FILE, open_database, open_log_database, private_file
from openrek.db.reader import Reader
from openrek.db.tables import (
    access_keys,
    celebrities,
    celebrity_faces,
    collections,
    jobs,
    log_events,
    metadata,
    notifications,
    object_facts,
    tags,
    workers,
)
from openrek.db.transactions import writing

__all__ = [
    "LOG_FILE",
    "Reader",
    "access_keys",
    "celebrities",
    "celebrity_faces",
    "collections",
    "jobs",
    "log_events",
    "metadata",
    "notifications",
    "object_facts",
    "open_database",
    "open_log_database",
    "private_file",
    "tags",
    "workers",
    "writing",
]
