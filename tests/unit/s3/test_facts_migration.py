"""Facts in the database of an earlier release are moved to their objects."""

import json
from pathlib import Path

import obstore
import pytest
from obstore.store import LocalStore
from sqlalchemy import insert, select

from openrek.db import object_facts, open_database
from openrek.s3 import Facts, LocalObjectStore, migrate_facts


@pytest.mark.parametrize(
    ("column", "facts"),
    [
        ({"metadata": {"by": "An"}, "headers": {"cache-control": "no-store"}},
         Facts("md5", "image/x-new", {"by": "An"}, {"cache-control": "no-store"})),
        ({"by": "An"}, Facts("md5", "image/x-new", {"by": "An"})),
    ],
    ids=["last release", "first release"],
)  # fmt: skip
def test_facts_of_unchanged_objects_are_kept(tmp_path: Path, column: dict[str, object], facts: Facts) -> None:
    store = LocalObjectStore(tmp_path / "objects")
    store.create_bucket("images")
    database = open_database(tmp_path / "openrek.sqlite3")
    old = LocalStore(tmp_path / "objects" / "images")
    for key in ("kept", "changed", "deleted"):
        obstore.put(old, key, b"content")
        row = {
            "bucket": "images",
            "key": key,
            "store_etag": (obstore.head(old, key)["e_tag"] or "").strip('"'),
            "etag": "md5",
            "content_type": "image/x-new",
            "metadata": json.dumps(column),
        }
        with database.begin() as connection:
            connection.execute(insert(object_facts), row)
    obstore.put(old, "changed", b"other content")
    obstore.delete(old, "deleted")
    assert migrate_facts(database, store) == 3
    assert store.head("images", "kept").facts == facts
    assert store.head("images", "changed").content_type == "application/octet-stream"
    with database.connect() as connection:
        assert connection.execute(select(object_facts)).all() == []
    assert migrate_facts(database, store) == 0
    database.dispose()
