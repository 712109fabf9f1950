"""Facts of objects that an earlier release kept in the database, brought to where they are kept now."""

import orjson
from sqlalchemy import Engine, delete, select

from openrek.db import object_facts
from openrek.errors import ObjectNotReadableError
from openrek.s3.facts import Facts
from openrek.s3.local import LocalObjectStore, version_of_info

_AT_ONCE = 500


def migrate_facts(database: Engine, store: LocalObjectStore) -> int:
    """Moves the facts of all objects out of the database; returns how many rows there were.

    Facts of an object that was replaced or removed behind the service's back are dropped, as they never counted. If it
    is interrupted, the next call goes on with the rest.
    """
    total = 0
    while True:
        with database.connect() as connection:
            rows = connection.execute(select(object_facts).limit(_AT_ONCE)).all()
        if not rows:
            return total
        for row in rows:
            # Their ETag of the content is obstore's: inode, time and size. Inodes change when a folder is copied.
            version = row.store_etag.partition("-")[2]
            try:
                if version_of_info(store.head(row.bucket, row.key)) != version:
                    continue
                facts = Facts.from_dict(row.etag, row.content_type, orjson.loads(row.metadata))
                store.set_facts(row.bucket, row.key, lambda _, facts=facts: facts)  # type: ignore[misc]
            except (ObjectNotReadableError, ValueError):
                continue
        with database.begin() as connection:
            for row in rows:
                named = (object_facts.c.bucket == row.bucket) & (object_facts.c.key == row.key)
                connection.execute(delete(object_facts).where(named))
        total += len(rows)
