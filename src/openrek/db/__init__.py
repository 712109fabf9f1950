"""Tables in SQL, through SQLAlchemy Core. SQLite in WAL mode here; the same statements run on PostgreSQL."""

from openrek.db.database import LOG_FILE, open_database, open_log_database, private_file
from openrek.db.erasure import erase_freed
from openrek.db.postgresql import sqlalchemy_url
from openrek.db.reader import Reader
from openrek.db.tables import (
    access_keys,
    celebrities,
    celebrity_faces,
    collections,
    faces,
    jobs,
    log_events,
    metadata,
    notifications,
    object_facts,
    request_tokens,
    tags,
    users,
    vector_removals,
    workers,
)
from openrek.db.transactions import joined, lock, snapshot, writing

__all__ = [
    "LOG_FILE",
    "Reader",
    "access_keys",
    "celebrities",
    "celebrity_faces",
    "collections",
    "erase_freed",
    "faces",
    "jobs",
    "joined",
    "lock",
    "log_events",
    "metadata",
    "notifications",
    "object_facts",
    "open_database",
    "open_log_database",
    "private_file",
    "request_tokens",
    "snapshot",
    "sqlalchemy_url",
    "tags",
    "users",
    "vector_removals",
    "workers",
    "writing",
]
