"""The schema of the first release.

Tables that are there are left as they are: data folders of that release have no record of revisions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _name(length: int) -> sa.String:
    """Text that rows are ordered by: by code points, as in SQLite, whatever the locale of the database."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Create what is missing."""
    op.create_table(
        "log_events",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("timestamp_ms", sa.BigInteger, nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.Column("analysis_id", sa.String(64)),
        sa.Column("record", sa.Text, nullable=False),
        if_not_exists=True,
        sqlite_autoincrement=True,
    )
    for name, column in (("time", "timestamp_ms"), ("request", "request_id"), ("analysis", "analysis_id")):
        op.create_index(f"log_events_by_{name}", "log_events", [column], if_not_exists=True)
    op.create_table(
        "collections",
        sa.Column("name", _name(255), primary_key=True),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "tags",
        sa.Column("resource_arn", sa.String(2048), primary_key=True),
        sa.Column("name", _name(128), primary_key=True),
        sa.Column("value", sa.String(256), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "celebrities",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", _name(255), nullable=False, unique=True),
        sa.Column("urls", sa.Text, nullable=False),
        sa.Column("gender", sa.String(16)),
        if_not_exists=True,
    )
    op.create_table(
        "celebrity_faces",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("celebrity_id", sa.String(16), sa.ForeignKey("celebrities.id"), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_celebrity_faces_celebrity_id", "celebrity_faces", ["celebrity_id"], if_not_exists=True)
    op.create_table(
        "object_facts",
        sa.Column("bucket", sa.String(63), primary_key=True),
        sa.Column("key", sa.String(1024), primary_key=True),
        sa.Column("store_etag", sa.String(128), nullable=False),
        sa.Column("etag", sa.String(128), nullable=False),
        sa.Column("content_type", sa.String(255), nullable=False),
        sa.Column("metadata", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "access_keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger),
        if_not_exists=True,
    )
