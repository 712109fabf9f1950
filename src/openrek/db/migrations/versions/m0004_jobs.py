"""Jobs, the workers that run them, and the notifications of their ends."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("etag", sa.String(128), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("finished_ms", sa.BigInteger),
        sa.Column("shape", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(64)),
        sa.Column("attended_ms", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("jobs_by_status", "jobs", ["status", "created_ms"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("machine", sa.String(128), nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("shape", sa.Integer, nullable=False),
        sa.Column("beat_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notifications",
        sa.Column("job_id", sa.String(64), primary_key=True),
        sa.Column("target", sa.String(1024), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
