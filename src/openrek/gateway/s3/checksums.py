"""Digests of bodies: verified, computed, and written into answers.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence

from openrek.gateway.s3.crc import CRC32C, CRC64NVME
from openrek.gateway.s3.errors import S3Error

_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "content-md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "x-amz-checksum-crc32c": CRC32C.digest,
    "x-amz-checksum-crc64nvme": CRC64NVME.digest,
    "x-amz-checksum-sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda data: hashlib.sha256(data).digest(),
}
_PREFIX = "x-amz-checksum-"
_NO_DIGESTS = ("x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm")


def check(body: bytes, headers: Mapping[str, str]) -> None:
    """Returns if the body is what every digest among the headers was computed of.

    Raises:
        Refusal: one differs, or is of a kind that is not computed here.
    """
    for name, value in headers.items():
        if (name != "content-md5" and not name.startswith("x-amz-checksum-")) or name in _NO_DIGESTS:
            continue
        if name not in _DIGESTS:
            known = ", ".join(each.removeprefix("x-amz-checksum-").upper() for each in _DIGESTS)
            raise S3Error(501, "NotImplemented", f"{name} is not computed here; use one of {known}")
        try:
            expected = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise S3Error(400, "InvalidDigest", f"{name} is not base64") from None
        if expected != _DIGESTS[name](body):
            raise S3Error(400, "BadDigest", f"the body is not the one that {name} was computed of")


def of_whole(headers: Mapping[str, str]) -> dict[str, str]:
    """The digests of a completed upload that are of its content; those of its parts' digests end in their number."""
    return {
        name: value
        for name, value in headers.items()
        if name.startswith(_PREFIX) and name not in _NO_DIGESTS and "-" not in value
    }


def declared(headers: Mapping[str, str]) -> dict[str, str]:
    """The checksums among the headers: base64 by algorithm in lower case."""
    return {
        name.removeprefix(_PREFIX): value
        for name, value in headers.items()
        if name.startswith(_PREFIX) and name in _DIGESTS
    }


def compute(algorithm: str, data: bytes) -> str:
    """A checksum, base64.

    Args:
        algorithm: In lower case, as "crc32".

    Raises:
        S3Error: it is unknown.
    """
    return base64.b64encode(_digest_of(algorithm)(data)).decode()


def composite(algorithm: str, parts: Sequence[str]) -> str:
    """The checksum of the parts' checksums, with their number.

    Args:
        algorithm: In lower case, as "crc32".
        parts: Base64 of each part, ascending.
    """
    return f"{compute(algorithm, b''.join(map(base64.b64decode, parts)))}-{len(parts)}"


def requested_algorithm(headers: Mapping[str, str]) -> str | None:
    """The algorithm that an upload in parts or a copy names, in lower case; None if it names none.

    Raises:
        S3Error: it is unknown.
    """
    name = headers.get("x-amz-checksum-algorithm", "").lower()
    if not name:
        return None
    _digest_of(name)
    return name


def as_members(checksums: Mapping[str, str]) -> dict[str, str]:
    """As elements of an answer: "ChecksumCRC32"."""
    return {f"Checksum{name.upper()}": value for name, value in checksums.items()}


def as_headers(checksums: Mapping[str, str], checksum_type: str) -> dict[str, str]:
    """As headers of an answer, with their type; none for no checksums."""
    if not checksums:
        return {}
    return {f"{_PREFIX}{name}": value for name, value in checksums.items()} | {f"{_PREFIX}type": checksum_type}


def _digest_of(algorithm: str) -> Callable[[bytes], bytes]:
    digest = _DIGESTS.get(f"{_PREFIX}{algorithm}")
    if digest is None:
        known = ", ".join(each.removeprefix(_PREFIX).upper() for each in _DIGESTS if each.startswith(_PREFIX))
        raise S3Error(
            400, "InvalidRequest", f"Checksum algorithm {algorithm[:20].upper()} is not supported; use one of {known}."
        )
    return digest
