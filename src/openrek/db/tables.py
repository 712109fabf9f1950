"""All tables."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from openrek.ids import new_number

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
    # Distinguishes this collection from all that had or will have its name, and orders collections by creation.
    Column("incarnation", BigInteger, nullable=False, unique=True, default=new_number),
    # Of its latest change. Who changes faces or users advances it first, which makes changes wait for one another:
    # whoever sees a number sees all changes before it.
    Column("sequence", BigInteger, nullable=False, default=0, server_default="0"),
    # Removals up to this one are no longer in vector_removals.
    Column("horizon", BigInteger, nullable=False, default=0, server_default="0"),
    Column("face_count", BigInteger, nullable=False, default=0, server_default="0"),
    Column("user_count", BigInteger, nullable=False, default=0, server_default="0"),
)

faces = Table(
    "faces",
    metadata,
    Column("collection", BigInteger, ForeignKey("collections.incarnation"), primary_key=True, autoincrement=False),
    # The sequence number of its insertion, which is its key in an index of vectors.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False),
    Column("image_id", String(36), nullable=False),
    Column("external_image_id", String(255)),
    # Ratios of the image's sides.
    Column("box_left", Double, nullable=False),
    Column("box_top", Double, nullable=False),
    Column("box_width", Double, nullable=False),
    Column("box_height", Double, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("model", String(64), nullable=False),
    # users.number
    Column("user_number", BigInteger),
    # Half floats, little-endian.
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("collection", "id", name="faces_by_id"),
    Index(
        "faces_by_user",
        "collection",
        "user_number",
        sqlite_where=text("user_number IS NOT NULL"),
        postgresql_where=text("user_number IS NOT NULL"),
    ),
)

users = Table(
    "users",
    metadata,
    Column("collection", BigInteger, ForeignKey("collections.incarnation"), primary_key=True, autoincrement=False),
    # The sequence number of its creation, which is its key in an index of vectors.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(128), nullable=False),
    # The sequence number of its latest change.
    Column("sequence", BigInteger, nullable=False),
    Column("face_count", Integer, nullable=False),
    # The mean of its faces' vectors, of length 1, as theirs; NULL without faces.
    Column("vector", LargeBinary),
    UniqueConstraint("collection", "id", name="users_by_id"),
    Index("users_by_sequence", "collection", "sequence"),
)

vector_removals = Table(
    "vector_removals",
    metadata,
    Column("collection", BigInteger, ForeignKey("collections.incarnation"), primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    # "face" or "user"
    Column("kind", String(4), nullable=False),
    # Key in the index. The vector itself is kept nowhere.
    Column("number", BigInteger, nullable=False),
    Column("removed_ms", BigInteger, nullable=False),
)

request_tokens = Table(
    "request_tokens",
    metadata,
    Column("caller", String(512), primary_key=True),
    Column("operation", String(64), primary_key=True),
    Column("token", String(64), primary_key=True),
    # SHA-256 of the request without the token.
    Column("digest", LargeBinary, nullable=False),
    Column("response", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("request_tokens_by_time", "created_ms"),
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
