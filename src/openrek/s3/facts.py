"""What uploaders said of their objects, and what the store itself does not keep: media type, metadata, MD5."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Delete, Engine, delete, insert, select

from openrek.db import object_facts
from openrek.s3.storage import ObjectInfo


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one object."""

    etag: str
    """As S3 gives it: the MD5 of the content, or of its parts' MD5s and their number."""
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names without x-amz-meta-."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Others that come back as they went, by lower-case name: cache-control and the like."""


class ObjectFacts:
    """Facts by bucket and key. They count only for the very content they were written for: an object that was changed
    behind their back has a new ETag in the store."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def write(self, bucket: str, info: ObjectInfo, facts: Facts) -> None:
        """Replaces the facts of the object."""
        row = {
            "bucket": bucket,
            "key": info.key,
            "store_etag": info.etag,
            "etag": facts.etag,
            "content_type": facts.content_type,
            "metadata": orjson.dumps({"metadata": dict(facts.metadata), "headers": dict(facts.headers)}).decode(),
        }
        with self._database.begin() as connection:
            connection.execute(_deletion(bucket, info.key))
            connection.execute(insert(object_facts), row)

    def read(self, bucket: str, info: ObjectInfo) -> Facts:
        """The facts of the object; what the store knows, if there are none."""
        with self._database.connect() as connection:
            row = connection.execute(
                select(object_facts).where(object_facts.c.bucket == bucket, object_facts.c.key == info.key)
            ).first()
        if row is None or row.store_etag != info.etag:
            return Facts(info.etag, info.content_type)
        said = orjson.loads(row.metadata)
        if not isinstance(said.get("metadata"), dict):  # once the column held the metadata alone
            said = {"metadata": said, "headers": {}}
        return Facts(row.etag, row.content_type, said["metadata"], said["headers"])

    def remove(self, bucket: str, key: str) -> None:
        """Forgets the object."""
        with self._database.begin() as connection:
            connection.execute(_deletion(bucket, key))


def _deletion(bucket: str, key: str) -> Delete:
    return delete(object_facts).where(object_facts.c.bucket == bucket, object_facts.c.key == key)
