"""Uploads in parts, as SDKs send what is larger than 8 MB.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import hashlib
import json
import re
import secrets
import shutil
import time
from pathlib import Path

from starlette.responses import Response

from openrek.gateway.s3 import copies, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import KEPT_HEADERS, Call, said_by
from openrek.gateway.s3.checksums import check, of_whole
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.objects import keep
from openrek.s3 import META, check_key

MAX_BYTES = 512 * 1024 * 1024
_MOST_PARTS = 10_000
_ID = re.compile(r"[0-9a-f]{32}")
_FOLDER = ".uploads"
_ABANDONED_SECONDS = 7 * 24 * 3600


def begin(call: Call) -> Response:
    """CreateMultipartUpload."""
    call.require("s3:PutObject")
    existing(call)
    check_key(call.key)
    call.check_asked()
    identifier = secrets.token_hex(16)
    folder = call.store.root / _FOLDER / identifier
    folder.mkdir(parents=True)
    said = {
        name: value
        for name, value in call.headers.items()
        if name.startswith(META) or name in ("content-type", *KEPT_HEADERS)
    }
    (folder / "upload.json").write_text(json.dumps({"bucket": call.bucket, "key": call.key, "headers": said}))
    return answer("InitiateMultipartUploadResult", {"Bucket": call.bucket, "Key": call.key, "UploadId": identifier})


def add_part(call: Call) -> Response:
    """UploadPart and UploadPartCopy."""
    call.require("s3:PutObject")
    folder, _ = _open(call)
    number = call.query.get("partNumber", "")
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:6]) <= _MOST_PARTS:
        raise S3Error(400, "InvalidArgument", f"partNumber is {number[:20]!r}; it must be from 1 to {_MOST_PARTS}")
    is_copy = copies.SOURCE in call.headers
    if not is_copy:
        call.check_body()
    data = copies.copied(call)[0] if is_copy else call.body
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    draft = folder / f"{secrets.token_hex(8)}.new"
    draft.write_bytes(data)
    for older in folder.glob(f"{int(number)}-*"):
        older.unlink()
    draft.rename(folder / f"{int(number)}-{digest}")
    if is_copy:
        return answer("CopyPartResult", copies.outcome(digest))
    return Response(status_code=200, headers={"etag": f'"{digest}"'})


def complete(call: Call) -> Response:
    """CompleteMultipartUpload: the named parts become the object."""
    call.require("s3:PutObject")
    folder, said = _open(call)
    parts: list[tuple[int, str]] = []
    for element in xml.children(xml.read(call.body), "Part"):
        number, digest = xml.text(element, "PartNumber") or "", (xml.text(element, "ETag") or "").strip('"')
        if not number.isdigit() or not (folder / f"{int(number)}-{digest}").is_file():
            raise S3Error(400, "InvalidPart", f"part {number[:10]} with the ETag {digest[:40]!r} was not uploaded")
        parts.append((int(number), digest))
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
    keep(call, data, said_by(said, etag))
    shutil.rmtree(folder)
    return answer("CompleteMultipartUploadResult", {"Bucket": call.bucket, "Key": call.key, "ETag": f'"{etag}"'})


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
