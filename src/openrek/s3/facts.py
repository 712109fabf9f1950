"""What is known of an object besides its bytes: media type, metadata, checksums, tags."""

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
    """From 1."""
    size_bytes: int
    checksums: Mapping[str, str] = field(default_factory=dict)
    """Base64 by algorithm, as in Facts.checksums."""


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
    checksums: Mapping[str, str] = field(default_factory=dict)
    """Base64 by algorithm, lower case: {"crc32c": "yZRlqg=="}; "…-3" at the end if it is of three parts' checksums."""
    checksum_type: str = ""
    """"FULL_OBJECT" or "COMPOSITE"; empty without checksums."""
    tags: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    """Of an object that was uploaded in parts, ascending."""

    def write(self) -> bytes:
        """As a JSON document."""
        document: dict[str, Any] = {"etag": self.etag, "content_type": self.content_type}
        for name in ("metadata", "headers", "checksums", "tags"):
            if values := getattr(self, name):
                document[name] = dict(values)
        if self.checksum_type:
            document["checksum_type"] = self.checksum_type
        if self.parts:
            document["parts"] = [[part.number, part.size_bytes, dict(part.checksums)] for part in self.parts]
        return orjson.dumps(document)

    @classmethod
    def read(cls, document: bytes) -> "Facts":
        """Facts from a JSON document of `write`.

        Raises:
            ValueError: the document is damaged.
        """
        read = orjson.loads(document)
        try:
            parts = tuple(Part(*part) for part in read.pop("parts", ()))
            return cls(**read, parts=parts)
        except (TypeError, AttributeError) as error:
            raise ValueError(str(error)) from None
