"""Uploads in parts, as SDKs send what is larger than 8 MB.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import contextlib
import hashlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree.ElementTree import Element

from starlette.responses import Response

from openrek.gateway.s3 import checksums, copies, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import STORED_HEADERS, Call, declared_facts
from openrek.gateway.s3.checksums import of_whole
from openrek.gateway.s3.digests import Digests
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.objects import keep
from openrek.s3 import META, Part, StagedFile, check_key
from openrek.s3.durable import sync_folder, write_durably, writing

MAX_BYTES = 5 * 1024**4
_MAX_PARTS = 10_000
_ID = re.compile(r"[0-9a-f]{32}")
_MD5 = _ID
_PART = re.compile(r"([0-9]{1,5})-([0-9a-f]{32})")
_TYPE = "x-amz-checksum-type"
_FOLDER = ".uploads"
_DOCUMENT = "upload.json"
_DRAFT = "upload.new"
_ABANDONED_SECONDS = 7 * 24 * 3600


def begin(call: Call) -> Response:
    """CreateMultipartUpload."""
    call.require("s3:PutObject")
    existing(call)
    check_key(call.key)
    call.check_headers()
    declared_facts(call.headers, "")  # its tags are checked before a byte is sent
    algorithm = checksums.requested_algorithm(call.headers)
    identifier = secrets.token_hex(16)
    folder = call.store.root / _FOLDER / identifier
    began = {name: value for name, value in call.headers.items() if name.startswith(META) or name in STORED_HEADERS}
    document = json.dumps({"bucket": call.bucket, "key": call.key, "headers": began})
    with writing("the upload"):
        folder.mkdir(parents=True)
        write_durably(folder / _DRAFT, document.encode())
        (folder / _DRAFT).rename(folder / _DOCUMENT)  # so it is whole or absent
        sync_folder(folder)
    response = answer("InitiateMultipartUploadResult", {"Bucket": call.bucket, "Key": call.key, "UploadId": identifier})
    if algorithm is not None:
        response.headers["x-amz-checksum-algorithm"] = algorithm.upper()
        response.headers["x-amz-checksum-type"] = checksum_type(began)
    return response


def check_part_announced(call: Call) -> set[str]:
    """The algorithms of the checksums that the upload wants of each part, beside those that come with it.

    Raises:
        S3Error, OpenrekError: there is no such upload, or the caller may not add to it.
    """
    call.require("s3:PutObject")
    _, began = open_upload(call)
    whole_number(call.query.get("partNumber", ""), "partNumber", 1, _MAX_PARTS)
    algorithm = checksums.requested_algorithm(began)
    return {algorithm} if algorithm else set()


def add_part(call: Call) -> Response:
    """UploadPart and UploadPartCopy."""
    algorithms = check_part_announced(call)
    folder, _ = open_upload(call)
    number = whole_number(call.query.get("partNumber", ""), "partNumber", 1, _MAX_PARTS)
    is_copy = copies.SOURCE in call.headers
    with copies.upload(call, copies.source(call), algorithms) if is_copy else call.content(algorithms) as upload:
        sums = {} if is_copy else checksums.declared(call.headers)
        sums |= {name: upload.digests.base64(name) for name in algorithms - sums.keys()}
        digest = upload.md5
        upload.file.finish(time.time_ns() // 1000)
        older = list(folder.glob(f"{number}-*"))
        with _under_way(), writing("the part"):
            # The sums are there before the part is, which alone counts.
            write_durably(folder / f"{number}-{digest}.json", json.dumps(sums).encode())
            upload.file.path.replace(folder / f"{number}-{digest}")
            for path in older:
                if path.stem != f"{number}-{digest}":
                    path.unlink(missing_ok=True)
            sync_folder(folder)
    if is_copy:
        return answer("CopyPartResult", copies.outcome(digest) | checksums.as_members(sums))
    headers = {f"x-amz-checksum-{name}": value for name, value in sums.items()}
    return Response(status_code=200, headers={"etag": f'"{digest}"', **headers})


def complete(call: Call) -> Response:
    """CompleteMultipartUpload: the named parts become the object."""
    call.require("s3:PutObject")
    folder, began = open_upload(call)
    with _under_way():
        parts = _named_parts(call, folder)
    size = sum(part.size_bytes for _, part in parts)
    if size > MAX_BYTES:
        raise S3Error(400, "EntityTooLarge", f"an object may have at most {MAX_BYTES:,} bytes")
    declared_size = call.headers.get("x-amz-mp-object-size", str(size))
    if declared_size != str(size):
        raise S3Error(400, "InvalidRequest", f"the parts have {size:,} bytes, not {declared_size[:20]}")
    digests = b"".join(bytes.fromhex(file.name.partition("-")[2]) for file, _ in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    kind = checksum_type(began | {name: call.headers[name] for name in (_TYPE,) if name in call.headers})
    with call.store.stage() as staged:
        with _under_way():
            for file, _ in parts:
                staged.append(file)
        facts = replace(
            declared_facts(began, etag),
            checksums=_of_object(call, [part for _, part in parts], kind, began, staged),
            checksum_type=kind,
            parts=tuple(part for _, part in parts),
        )
        for name, value in checksums.declared(call.headers).items():
            if "-" in value and facts.checksums.get(name) != value:
                raise S3Error(400, "BadDigest", f"the parts are not those that x-amz-checksum-{name} was computed of")
        keep(call, staged, facts)
    shutil.rmtree(folder, ignore_errors=True)
    outcome = {"Bucket": call.bucket, "Key": call.key, "ETag": f'"{etag}"', **checksums.as_members(facts.checksums)}
    return answer("CompleteMultipartUploadResult", outcome | ({"ChecksumType": kind} if facts.checksums else {}))


def _named_parts(call: Call, folder: Path) -> list[tuple[Path, Part]]:
    """The parts that a completion names, with their files.

    Raises:
        S3Error: one was not uploaded so, or they are not in order.
    """
    parts: list[tuple[Path, Part]] = []
    for element in xml.children(xml.read(call.body), "Part"):
        number, digest = xml.text(element, "PartNumber") or "", (xml.text(element, "ETag") or "").strip('"')
        position = whole_number(number, "PartNumber", 1, _MAX_PARTS)
        file = folder / f"{position}-{digest}"
        if not _MD5.fullmatch(digest) or not file.is_file():
            raise S3Error(400, "InvalidPart", f"part {number[:10]} with the ETag {digest[:40]!r} was not uploaded")
        part = Part(position, file.stat().st_size, _sums(folder, position, digest))
        _check_part(element, part.checksums)
        parts.append((file, part))
    numbers = [part.number for _, part in parts]
    if not parts or numbers != sorted(set(numbers)):
        raise S3Error(400, "InvalidPartOrder", "at least one part must be named, each once, in ascending order")
    return parts


def abort(call: Call) -> Response:
    """AbortMultipartUpload."""
    call.require("s3:AbortMultipartUpload")
    folder, _ = open_upload(call)
    shutil.rmtree(folder, ignore_errors=True)
    return Response(status_code=204)


@dataclass(frozen=True, slots=True)
class BegunUpload:
    """An upload in parts that is under way."""

    identifier: str
    key: str
    headers: Mapping[str, str]
    """Those it began with, by lower-case name."""
    began_at: float
    """Seconds since 1970."""


def uploads_of(root: Path, bucket: str) -> list[BegunUpload]:
    """The uploads of a bucket that are under way, by key and identifier.

    Args:
        root: The local store's folder.
        bucket: An existing bucket.
    """
    uploads: list[BegunUpload] = []
    for document in (root / _FOLDER).glob(f"*/{_DOCUMENT}"):
        try:
            begun, began_at = json.loads(document.read_text()), document.stat().st_mtime
        except (FileNotFoundError, ValueError):  # completed or aborted meanwhile; or other hands damaged it
            continue
        if begun["bucket"] == bucket:
            uploads.append(BegunUpload(document.parent.name, begun["key"], begun["headers"], began_at))
    return sorted(uploads, key=lambda upload: (upload.key.encode(), upload.identifier))


def parts_of(folder: Path) -> list[tuple[Part, str, float]]:
    """The parts of an upload, ascending: each with its ETag and the time it came, in seconds since 1970."""
    parts: list[tuple[Part, str, float]] = []
    for file in folder.iterdir():
        if match := _PART.fullmatch(file.name):
            number, digest, status = int(match[1]), match[2], file.stat()
            parts.append((Part(number, status.st_size, _sums(folder, number, digest)), digest, status.st_mtime))
    return sorted(parts, key=lambda entry: entry[0].number)


def sweep(root: Path) -> int:
    """Removes uploads that were neither completed nor added to for a week. Returns how many.

    Args:
        root: The local store's folder.
    """
    horizon = time.time() - _ABANDONED_SECONDS
    removed = 0
    for folder in (root / _FOLDER).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # completed or aborted meanwhile
            if folder.stat().st_mtime < horizon:
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


def _of_object(
    call: Call, parts: list[Part], kind: str, began: Mapping[str, str], content: StagedFile
) -> dict[str, str]:
    """The object's checksums: those that all its parts have, and those declared of the whole, which are verified.

    Raises:
        S3Error: the content is not what one was computed of.
    """
    whole = of_whole(call.headers)
    common = set.intersection(*(set(part.checksums) for part in parts))
    requested = checksums.requested_algorithm(began)
    full = set() if kind == "COMPOSITE" else common | ({requested} if requested else set())
    full |= {name.removeprefix("x-amz-checksum-") for name in whole}
    digests = Digests(full)
    if full:
        for chunk in content.chunks():
            digests.update(chunk)
    checksums.check_digests(digests, whole)
    if kind == "COMPOSITE":
        return {name: checksums.composite(name, [part.checksums[name] for part in parts]) for name in common}
    return {name: digests.base64(name) for name in full}


def checksum_type(headers: Mapping[str, str]) -> str:
    """How an upload's checksum is computed: FULL_OBJECT or COMPOSITE; by default as S3 has it for each algorithm."""
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


def open_upload(call: Call) -> tuple[Path, dict[str, str]]:
    """The upload's folder, and the headers it began with.

    Raises:
        S3Error: there is no such upload of this object.
    """
    identifier = call.query.get("uploadId", "")
    folder = call.store.root / _FOLDER / identifier
    if not _ID.fullmatch(identifier):
        raise _no_upload()
    try:
        begun = json.loads((folder / _DOCUMENT).read_text())
    except (FileNotFoundError, ValueError):
        raise _no_upload() from None
    if (begun["bucket"], begun["key"]) != (call.bucket, call.key):
        raise _no_upload()
    return folder, begun["headers"]


@contextlib.contextmanager
def _under_way() -> Iterator[None]:
    """Work on the files of an upload, which another call may complete or abort meanwhile.

    Raises:
        S3Error: it did.
    """
    try:
        yield
    except FileNotFoundError:
        raise _no_upload() from None


def _no_upload() -> S3Error:
    return S3Error(404, "NoSuchUpload", "there is no such upload of this object; it may have been completed or aborted")
