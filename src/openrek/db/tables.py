"""All tables."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
"""Of the state database; migrations create the tables."""
log_metadata = MetaData()
"""Of the log database."""

log_events = Table(
    "log_events",
    log_metadata,
    # Integer primary key: SQLite's rowid, ascending in order of arrival, so it serves as the reading position.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("timestamp_ms", BigInteger, nullable=False),
    Column("level", String(8), nullable=False),
    Column("event", String(64), nullable=False),
    Column("request_id", String(64)),
    Column("analysis_id", String(64)),
    Column("record", Text, nullable=False),
    Index("log_events_by_time", "timestamp_ms"),
    Index("log_events_by_request", "request_id"),
    Index("log_events_by_analysis", "analysis_id"),
    sqlite_autoincrement=True,
)

collections = Table(
    "collections",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("model", String(64), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

tags = Table(
    "tags",
    metadata,
    Column("resource_arn", String(2048), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("value", String(256), nullable=False),
)

celebrities = Table(
    "celebrities",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("urls", Text, nullable=False),
    Column("gender", String(16)),
)

celebrity_faces = Table(
    "celebrity_faces",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("celebrity_id", String(16), ForeignKey("celebrities.id"), nullable=False, index=True),
    Column("model", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

object_facts = Table(
    "object_facts",
    metadata,
    Column("bucket", String(63), primary_key=True),
    Column("key", String(1024), primary_key=True),
    # The store's own ETag of the content that the rest was written for.
    Column("store_etag", String(128), nullable=False),
    Column("etag", String(128), nullable=False),
    Column("content_type", String(255), nullable=False),
    Column("metadata", Text, nullable=False),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user", String(64), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("policy", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    # When it ends to work, if it does; a revoked key stays in the list.
    Column("expires_ms", BigInteger),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    # The operation's name without its verb, as "LabelDetection".
    Column("kind", String(32), nullable=False),
    Column("principal", String(512), nullable=False),
    # ClientRequestToken, while it holds.
    Column("token", String(64)),
    Column("request", Text, nullable=False),
    Column("etag", String(128), nullable=False),
    Column("status", String(16), nullable=False),
    Column("message", Text),
    Column("percent", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("finished_ms", BigInteger),
    # Number of the workflow's shape that began the job.
    Column("shape", Integer, nullable=False),
    Column("worker", String(64)),
    # When a worker last looked after it.
    Column("attended_ms", BigInteger, nullable=False),
    Column("outcome", Text),
    UniqueConstraint("principal", "kind", "token", name="jobs_by_token"),
    Index("jobs_by_status", "status", "created_ms"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    # Where its process id means something, and that id.
    Column("machine", String(128), nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("shape", Integer, nullable=False),
    Column("beat_ms", BigInteger, nullable=False),
)

notifications = Table(
    "notifications",
    metadata,
    Column("job_id", String(64), primary_key=True),
    # "sns:ARN" or "webhook".
    Column("target", String(1024), primary_key=True),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)
