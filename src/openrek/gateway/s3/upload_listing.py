"""Listing uploads in parts that are under way, and the parts of one.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from openrek.gateway.s3 import checksums, xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.multipart import checksum_type, open_upload, parts_of, uploads_of
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.owner import OWNER
from openrek.gateway.s3.request_headers import STORAGE_CLASS

_MAX = 1000
_ROLES = {"Initiator": OWNER, "Owner": OWNER}


def list_parts(call: Call) -> Response:
    """ListParts."""
    call.require("s3:ListMultipartUploadParts")
    folder, began = open_upload(call)
    limit = min(whole_number(call.query.get("max-parts") or str(_MAX), "max-parts", 0, 2**31 - 1), _MAX)
    marker = whole_number(call.query.get("part-number-marker") or "0", "part-number-marker", 0, 2**31 - 1)
    following = [entry for entry in parts_of(folder) if entry[0].number > marker]
    page = following[:limit]
    content: dict[str, Any] = {
        "Bucket": call.bucket,
        "Key": call.key,
        "UploadId": call.query["uploadId"],
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1][0].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": 0 < len(page) < len(following),
        "Part": [
            {
                "PartNumber": part.number,
                "LastModified": xml.timestamp(datetime.fromtimestamp(modified, UTC)),
                "ETag": f'"{etag}"',
                "Size": part.size_bytes,
                **checksums.as_members(part.checksums),
            }
            for part, etag, modified in page
        ],
        **_ROLES,
        "StorageClass": began.get(STORAGE_CLASS, "STANDARD"),
    }
    if algorithm := checksums.requested_algorithm(began):
        content |= {"ChecksumAlgorithm": algorithm.upper(), "ChecksumType": checksum_type(began)}
    return answer("ListPartsResult", content)


def list_multipart_uploads(call: Call) -> Response:
    """ListMultipartUploads, by key and then by the time at which they began."""
    call.require("s3:ListBucketMultipartUploads")
    existing(call)
    query = call.query
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    limit = min(whole_number(query.get("max-uploads") or str(_MAX), "max-uploads", 0, 2**31 - 1), _MAX)
    marker = (query.get("key-marker", ""), query.get("upload-id-marker", ""))
    page: list[dict[str, Any]] = []
    folders: list[str] = []
    last, is_truncated = marker, False
    for upload in uploads_of(call.store.root, call.bucket):
        if not upload.key.startswith(prefix) or not _is_behind(upload.key, upload.identifier, marker):
            continue
        end = upload.key.find(delimiter, len(prefix)) if delimiter else -1
        folder = upload.key[: end + len(delimiter)] if end >= 0 else ""
        if folder and (folder in folders or folder == marker[0]):
            continue
        if len(page) + len(folders) == limit:
            is_truncated = limit > 0
            break
        if folder:
            folders.append(folder)
            last = (folder, "")
            continue
        began = upload.headers
        entry = {
            "Key": _encoded(query, upload.key),
            "UploadId": upload.identifier,
            **_ROLES,
            "StorageClass": began.get(STORAGE_CLASS, "STANDARD"),
            "Initiated": xml.timestamp(datetime.fromtimestamp(upload.began_at, UTC)),
        }
        if algorithm := checksums.requested_algorithm(began):
            entry |= {"ChecksumAlgorithm": algorithm.upper(), "ChecksumType": checksum_type(began)}
        page.append(entry)
        last = (upload.key, upload.identifier)
    content: dict[str, Any] = {
        "Bucket": call.bucket,
        "KeyMarker": _encoded(query, marker[0]),
        "UploadIdMarker": marker[1],
        "Prefix": _encoded(query, prefix),
        "MaxUploads": limit,
        "IsTruncated": is_truncated,
        **({"Delimiter": _encoded(query, delimiter)} if delimiter else {}),
        **({"EncodingType": "url"} if query.get("encoding-type") == "url" else {}),
        "Upload": page,
        "CommonPrefixes": [{"Prefix": _encoded(query, folder)} for folder in folders],
    }
    if is_truncated:
        content |= {"NextKeyMarker": _encoded(query, last[0]), "NextUploadIdMarker": last[1]}
    return answer("ListMultipartUploadsResult", content)


def _is_behind(key: str, identifier: str, marker: tuple[str, str]) -> bool:
    """Whether an upload comes after the marker; without an upload's id, all of that key come before."""
    if key != marker[0]:
        return key.encode() > marker[0].encode()
    return bool(marker[1]) and identifier > marker[1]


def _encoded(query: Any, text: str) -> str:
    return quote(text, safe="/-_.~*") if query.get("encoding-type") == "url" else text
