"""All tables."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

log_events = Table(
    "log_events",
    metadata,
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
