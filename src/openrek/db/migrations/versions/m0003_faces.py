"""Faces and users of collections, and the answers to requests that may be repeated."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_RANDOM_BITS = 12


def upgrade() -> None:
    """Add columns to collections, then create the tables."""
    op.add_column("collections", sa.Column("incarnation", sa.BigInteger, nullable=False, server_default="0"))
    for name in ("sequence", "horizon", "face_count", "user_count"):
        op.add_column("collections", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    _number_collections()
    op.create_index("collections_by_incarnation", "collections", ["incarnation"], unique=True)
    op.create_table(
        "faces",
        *_key("number"),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("image_id", sa.String(36), nullable=False),
        sa.Column("external_image_id", sa.String(255)),
        *(sa.Column(f"box_{side}", sa.Double, nullable=False) for side in ("left", "top", "width", "height")),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("user_number", sa.BigInteger),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("collection", "id", name="faces_by_id"),
    )
    of_users = sa.text("user_number IS NOT NULL")
    op.create_index(
        "faces_by_user", "faces", ["collection", "user_number"], sqlite_where=of_users, postgresql_where=of_users
    )
    op.create_table(
        "users",
        *_key("number"),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("face_count", sa.Integer, nullable=False),
        sa.Column("vector", sa.LargeBinary),
        sa.UniqueConstraint("collection", "id", name="users_by_id"),
    )
    op.create_index("users_by_sequence", "users", ["collection", "sequence"])
    op.create_table(
        "vector_removals",
        *_key("sequence"),
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("removed_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "request_tokens",
        sa.Column("caller", sa.String(512), primary_key=True),
        sa.Column("operation", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("response", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("request_tokens_by_time", "request_tokens", ["created_ms"])


def _key(name: str) -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column(
            "collection",
            sa.BigInteger,
            sa.ForeignKey("collections.incarnation"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False),
    )


def _number_collections() -> None:
    """Numbers in the order of creation, as new collections get them from their microsecond and random bits."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT name, created_ms FROM collections ORDER BY created_ms, name")).all()
    statement = sa.text("UPDATE collections SET incarnation = :number WHERE name = :name")
    previous = 0
    for row in rows:
        previous = max(previous + 1, row.created_ms * 1000 << _RANDOM_BITS)
        connection.execute(statement, {"name": row.name, "number": previous})
