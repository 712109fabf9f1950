"""Digests that grow with the bytes they are computed of.

CRC-32C and CRC-64/NVME by their names in https://reveng.sourceforge.io/crc-catalogue/all.htm
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Protocol, cast

import anycrc


class Digest(Protocol):
    """As hashlib has them."""

    def update(self, data: bytes, /) -> None:
        """Adds bytes."""

    def digest(self) -> bytes:
        """The digest of all bytes so far."""


class Crc:
    """A CRC as a digest, its most significant byte first.

    Args:
        advance: (bytes, value of the bytes before them) → value.
        size_bytes: Of the digest.
    """

    def __init__(self, advance: Callable[[bytes, int], int], size_bytes: int) -> None:
        self._advance = advance
        self._size_bytes = size_bytes
        self._value = advance(b"", 0)

    def update(self, data: bytes, /) -> None:
        """See Digest.update."""
        self._value = self._advance(data, self._value)

    def digest(self) -> bytes:
        """See Digest.digest."""
        return self._value.to_bytes(self._size_bytes, "big")


@cache
def _model(name: str) -> Callable[[bytes, int], int]:
    model = anycrc.Model(name)
    return lambda data, before: cast(int, model.calc(data, before))


ALGORITHMS: Mapping[str, Callable[[], Digest]] = {
    "crc32": lambda: Crc(zlib.crc32, 4),
    "crc32c": lambda: Crc(_model("CRC32C"), 4),
    "crc64nvme": lambda: Crc(_model("CRC64-NVME"), 8),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "md5": lambda: hashlib.md5(usedforsecurity=False),
}
"""S3's checksums, but for xxHash."""


class Digests:
    """Several digests of the same bytes.

    Args:
        algorithms: Names in ALGORITHMS.
    """

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._digests = {name: ALGORITHMS[name]() for name in set(algorithms)}

    def update(self, data: bytes) -> None:
        """Adds bytes."""
        for digest in self._digests.values():
            digest.update(data)

    def raw(self, algorithm: str) -> bytes:
        """The digest of all bytes so far."""
        return self._digests[algorithm].digest()

    def base64(self, algorithm: str) -> str:
        """The same as headers carry it."""
        return base64.b64encode(self.raw(algorithm)).decode()


def digest_of(algorithm: str, data: bytes) -> bytes:
    """The digest of bytes that are all there."""
    digest = ALGORITHMS[algorithm]()
    digest.update(data)
    return digest.digest()
