"""Digests of bodies: verified, computed, and written into answers.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import base64
import binascii
from collections.abc import Mapping, Sequence

from openrek.gateway.s3.digests import ALGORITHMS, Digests, digest_of
from openrek.gateway.s3.errors import S3Error

_PREFIX = "x-amz-checksum-"
_MD5 = "content-md5"
_NO_DIGESTS = ("x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm")
_KNOWN = ", ".join(name.upper() for name in ALGORITHMS)


def check(body: bytes, headers: Mapping[str, str]) -> None:
    """Returns if the body is what every digest among the headers was computed of.

    Raises:
        S3Error: one differs, or is of an unknown algorithm.
    """
    digests = Digests(algorithms_of(headers))
    digests.update(body)
    check_digests(digests, headers)


def algorithms_of(headers: Mapping[str, str]) -> set[str]:
    """The algorithms of the digests that come with a body, among its headers or behind it.

    Raises:
        S3Error: one is unknown.
    """
    announced = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")]
    names = [name for name in (*headers, *announced) if name.startswith(_PREFIX) and name not in _NO_DIGESTS]
    algorithms = {name.removeprefix(_PREFIX) for name in names}
    if unknown := algorithms - ALGORITHMS.keys():
        raise S3Error(501, "NotImplemented", f"{_PREFIX}{min(unknown)[:40]} is not supported; use one of {_KNOWN}.")
    return algorithms | ({"md5"} if "content-md5" in headers else set())


def check_digests(digests: Digests, headers: Mapping[str, str]) -> None:
    """Returns if the digests are those among the headers.

    Args:
        digests: Of the body, by all of `algorithms_of(headers)`.
        headers: With those that came behind the body.

    Raises:
        S3Error: one differs.
    """
    for name, value in headers.items():
        if (name != _MD5 and not name.startswith(_PREFIX)) or name in _NO_DIGESTS:
            continue
        try:
            expected = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise S3Error(400, "InvalidDigest", f"{name} is not base64.") from None
        if expected != digests.raw("md5" if name == _MD5 else name.removeprefix(_PREFIX)):
            raise S3Error(400, "BadDigest", f"The body is not the one that {name} was computed of.")


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
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) in ALGORITHMS
    }


def compute(algorithm: str, data: bytes) -> str:
    """A checksum, base64.

    Args:
        algorithm: In lower case, as "crc32".

    Raises:
        S3Error: it is unknown.
    """
    return base64.b64encode(digest_of(_known(algorithm), data)).decode()


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
    return _known(name)


def as_members(checksums: Mapping[str, str]) -> dict[str, str]:
    """As elements of an answer: "ChecksumCRC32"."""
    return {f"Checksum{name.upper()}": value for name, value in checksums.items()}


def as_headers(checksums: Mapping[str, str], checksum_type: str) -> dict[str, str]:
    """As headers of an answer, with their type; none for no checksums."""
    if not checksums:
        return {}
    return {f"{_PREFIX}{name}": value for name, value in checksums.items()} | {f"{_PREFIX}type": checksum_type}


def _known(algorithm: str) -> str:
    if algorithm not in ALGORITHMS:
        raise S3Error(
            400, "InvalidRequest", f"Checksum algorithm {algorithm[:20].upper()} is not supported; use one of {_KNOWN}."
        )
    return algorithm
