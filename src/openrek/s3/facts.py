"""Facts of objects besides their bytes: media type, metadata, tags, MD5, checksums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

META = "x-amz-meta-"
"""How headers begin that carry metadata of the uploader's own."""


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
    """As S3 returns it, without quotes: the MD5 of the content, or of its parts' MD5s and their number."""
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Values by lower-case name without x-amz-meta-."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Other headers that are returned as they were sent, by lower-case name: cache-control and the like."""
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

    def write(self) -> bytes:
        """As a JSON document."""
        return orjson.dumps({"etag": self.etag, "content_type": self.content_type, **self.as_dict()})

    @classmethod
    def read(cls, document: bytes) -> "Facts":
        """Facts from a document of `write`.

        Raises:
            ValueError: the document is damaged.
        """
        stored = orjson.loads(document)
        try:
            return cls.from_dict(stored["etag"], stored["content_type"], stored)
        except (AttributeError, KeyError, TypeError):
            raise ValueError("not a document of an object's facts") from None
