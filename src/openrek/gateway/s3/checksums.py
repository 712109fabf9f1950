"""Bodies held against the digests that came with them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping

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
    """Those digests that are of an object made of parts, not of its parts' digests, which end in their number."""
    return {
        name: value
        for name, value in headers.items()
        if name.startswith("x-amz-checksum-") and name not in _NO_DIGESTS and "-" not in value
    }
