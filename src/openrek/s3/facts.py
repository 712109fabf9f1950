"""Facts of objects that the store itself does not keep: media type, metadata, tags, MD5, checksums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Delete, Engine, delete, insert, select

from openrek.db import object_facts
from openrek.s3.storage import ObjectInfo


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an object that was uploaded in parts."""

    number: int
    """1 to 10,000."""
    size_bytes: int
    checksums: Mapping[str, str] = field(default_factory=dict)
    """As Facts.checksums, of this part alone."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"number": self.number, "size_bytes": self.size_bytes, "checksums": dict(self.checksums)}


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
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag values by tag key."""
    checksums: Mapping[str, str] = field(default_factory=dict)
    """Base64 by algorithm in lower case, as "crc32"; a COMPOSITE one ends in the number of parts."""
    checksum_type: str = "FULL_OBJECT"
    """Or COMPOSITE: computed over the parts' checksums."""
    parts: tuple[Part, ...] = ()
    """Ascending; empty for an object that was uploaded in one piece."""

    def as_dict(self) -> dict[str, Any]:
        """All but `etag` and `content_type`, for JSON."""
        return {
            "metadata": dict(self.metadata),
            "headers": dict(self.headers),
            "tags": dict(self.tags),
            "checksums": dict(self.checksums),
            "checksum_type": self.checksum_type,
            "parts": [part.as_dict() for part in self.parts],
        }

    @classmethod
    def from_dict(cls, etag: str, content_type: str, stored: Mapping[str, Any]) -> "Facts":
        """What `as_dict` gave; earlier releases stored fewer members, at first the metadata alone."""
        if not isinstance(stored.get("metadata"), dict):
            return cls(etag, content_type, dict(stored))
        return cls(
            etag,
            content_type,
            stored["metadata"],
            stored.get("headers", {}),
            stored.get("tags", {}),
            stored.get("checksums", {}),
            stored.get("checksum_type", "FULL_OBJECT"),
            tuple(Part(**part) for part in stored.get("parts", ())),
        )


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
            "metadata": orjson.dumps(facts.as_dict()).decode(),
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
        return Facts.from_dict(row.etag, row.content_type, orjson.loads(row.metadata))

    def remove(self, bucket: str, key: str) -> None:
        """Forgets the object."""
        with self._database.begin() as connection:
            connection.execute(_deletion(bucket, key))


def _deletion(bucket: str, key: str) -> Delete:
    return delete(object_facts).where(object_facts.c.bucket == bucket, object_facts.c.key == key)
