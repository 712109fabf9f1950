"""Uploads in parts, as SDKs send what is larger than 8 MB.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import hashlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

from starlette.responses import Response

from openrek.gateway.s3 import checksums, copies, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import STORED_HEADERS, Call, said_by
from openrek.gateway.s3.checksums import check, of_whole
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.objects import keep
from openrek.s3 import META, Part, check_key

MAX_BYTES = 512 * 1024 * 1024
_MOST_PARTS = 10_000
_ID = re.compile(r"[0-9a-f]{32}")
_MD5 = _ID
_TYPE = "x-amz-checksum-type"
_FOLDER = ".uploads"
_ABANDONED_SECONDS = 7 * 24 * 3600


def begin(call: Call) -> Response:
    """CreateMultipartUpload."""
    call.require("s3:PutObject")
    existing(call)
    check_key(call.key)
    call.check_asked()
    said_by(call.headers, "")  # its tags are checked before a byte is sent
    algorithm = checksums.requested_algorithm(call.headers)
    identifier = secrets.token_hex(16)
    folder = call.store.root / _FOLDER / identifier
    folder.mkdir(parents=True)
    said = {name: value for name, value in call.headers.items() if name.startswith(META) or name in STORED_HEADERS}
    (folder / "upload.json").write_text(json.dumps({"bucket": call.bucket, "key": call.key, "headers": said}))
    response = answer("InitiateMultipartUploadResult", {"Bucket": call.bucket, "Key": call.key, "UploadId": identifier})
    if algorithm is not None:
        response.headers["x-amz-checksum-algorithm"] = algorithm.upper()
        response.headers["x-amz-checksum-type"] = _checksum_type(said)
    return response


def add_part(call: Call) -> Response:
    """UploadPart and UploadPartCopy."""
    call.require("s3:PutObject")
    folder, began = _open(call)
    number = whole_number(call.query.get("partNumber", ""), "partNumber", 1, _MOST_PARTS)
    is_copy = copies.SOURCE in call.headers
    if not is_copy:
        call.check_body()
    data = copies.copied(call)[0] if is_copy else call.body
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    sums = {} if is_copy else checksums.declared(call.headers)
    algorithm = checksums.requested_algorithm(began)
    if algorithm and algorithm not in sums:
        sums[algorithm] = checksums.compute(algorithm, data)
    draft = folder / f"{secrets.token_hex(8)}.new"
    draft.write_bytes(data)
    for older in folder.glob(f"{number}-*"):
        older.unlink()
    (folder / f"{number}-{digest}.json").write_text(json.dumps(sums))
    draft.rename(folder / f"{number}-{digest}")
    if is_copy:
        return answer("CopyPartResult", copies.outcome(digest) | checksums.as_members(sums))
    headers = {f"x-amz-checksum-{name}": value for name, value in sums.items()}
    return Response(status_code=200, headers={"etag": f'"{digest}"', **headers})


def complete(call: Call) -> Response:
    """CompleteMultipartUpload: the named parts become the object."""
    call.require("s3:PutObject")
    folder, said = _open(call)
    parts: list[tuple[int, str]] = []
    for element in xml.children(xml.read(call.body), "Part"):
        number, digest = xml.text(element, "PartNumber") or "", (xml.text(element, "ETag") or "").strip('"')
        position = whole_number(number, "PartNumber", 1, _MOST_PARTS)
        if not _MD5.fullmatch(digest) or not (folder / f"{position}-{digest}").is_file():
            raise S3Error(400, "InvalidPart", f"part {number[:10]} with the ETag {digest[:40]!r} was not uploaded")
        _check_part(element, _sums(folder, position, digest))
        parts.append((position, digest))
    if not parts or [number for number, _ in parts] != sorted({number for number, _ in parts}):
        raise S3Error(400, "InvalidPartOrder", "at least one part must be named, each once, in ascending order")
    files = [folder / f"{number}-{digest}" for number, digest in parts]
    if sum(file.stat().st_size for file in files) > MAX_BYTES:
        raise S3Error(400, "EntityTooLarge", f"an object may have at most {MAX_BYTES:,} bytes")
    digests = hashlib.md5(b"".join(bytes.fromhex(digest) for _, digest in parts), usedforsecurity=False).hexdigest()
    etag = f"{digests}-{len(parts)}"
    data = b"".join(file.read_bytes() for file in files)
    check(data, of_whole(call.headers))
    said_size = call.headers.get("x-amz-mp-object-size", str(len(data)))
    if said_size != str(len(data)):
        raise S3Error(400, "InvalidRequest", f"the parts have {len(data):,} bytes, not {said_size[:20]}")
    described = [
        Part(number, (folder / f"{number}-{digest}").stat().st_size, _sums(folder, number, digest))
        for number, digest in parts
    ]
    kind = _checksum_type(said | {name: call.headers[name] for name in (_TYPE,) if name in call.headers})
    facts = replace(
        said_by(said, etag),
        checksums=_of_object(described, kind, said, call.headers, data),
        checksum_type=kind,
        parts=tuple(described),
    )
    for name, value in checksums.declared(call.headers).items():
        if "-" in value and facts.checksums.get(name) != value:
            raise S3Error(400, "BadDigest", f"the parts are not those that x-amz-checksum-{name} was computed of")
    keep(call, data, facts)
    shutil.rmtree(folder)
    outcome = {"Bucket": call.bucket, "Key": call.key, "ETag": f'"{etag}"', **checksums.as_members(facts.checksums)}
    return answer("CompleteMultipartUploadResult", outcome | ({"ChecksumType": kind} if facts.checksums else {}))


def abort(call: Call) -> Response:
    """AbortMultipartUpload."""
    call.require("s3:AbortMultipartUpload")
    folder, _ = _open(call)
    shutil.rmtree(folder)
    return Response(status_code=204)


def sweep(root: Path) -> int:
    """Removes uploads that nobody completed or added to for a week; how many.

    Args:
        root: The local store's folder.
    """
    horizon = time.time() - _ABANDONED_SECONDS
    abandoned = [folder for folder in (root / _FOLDER).glob("*") if folder.stat().st_mtime < horizon]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    return len(abandoned)


def _of_object(
    parts: list[Part], kind: str, began: Mapping[str, str], completed: Mapping[str, str], data: bytes
) -> dict[str, str]:
    """The object's checksums: those that all its parts have, and those declared of the whole, which were verified."""
    common = set.intersection(*(set(part.checksums) for part in parts))
    if kind == "COMPOSITE":
        return {name: checksums.composite(name, [part.checksums[name] for part in parts]) for name in common}
    named = {checksums.requested_algorithm(began), *checksums.declared(completed), *common}
    return {name: checksums.compute(name, data) for name in named if name}


def _checksum_type(headers: Mapping[str, str]) -> str:
    """FULL_OBJECT or COMPOSITE; by default as S3 has it for each algorithm."""
    default = "FULL_OBJECT" if checksums.requested_algorithm(headers) == "crc64nvme" else "COMPOSITE"
    kind = headers.get(_TYPE, default)
    if kind not in ("FULL_OBJECT", "COMPOSITE"):
        raise S3Error(400, "InvalidRequest", f"{_TYPE} is {kind[:20]!r}; it must be FULL_OBJECT or COMPOSITE.")
    return kind


def _check_part(element: Element, sums: Mapping[str, str]) -> None:
    """Holds a part against the checksums that its completion names."""
    for name, value in sums.items():
        if xml.text(element, f"Checksum{name.upper()}") not in (None, "", value):
            raise S3Error(400, "InvalidPart", f"a part's Checksum{name.upper()} is not the one it was uploaded with")


def _sums(folder: Path, number: int, digest: str) -> dict[str, str]:
    file = folder / f"{number}-{digest}.json"
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def _open(call: Call) -> tuple[Path, dict[str, str]]:
    """The upload's folder, and the headers it began with.

    Raises:
        Refusal: there is no such upload of this object.
    """
    identifier = call.query.get("uploadId", "")
    folder = call.store.root / _FOLDER / identifier
    if _ID.fullmatch(identifier) and (folder / "upload.json").is_file():
        begun = json.loads((folder / "upload.json").read_text())
        if (begun["bucket"], begun["key"]) == (call.bucket, call.key):
            return folder, begun["headers"]
    raise S3Error(404, "NoSuchUpload", "there is no such upload of this object; it may have been completed or aborted")
