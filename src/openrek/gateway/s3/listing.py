"""Listing what is in a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from openrek.gateway.s3 import xml
from openrek.gateway.s3.buckets import answer, existing, region_of
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.owner import OWNER
from openrek.gateway.s3.request_headers import STORAGE_CLASS
from openrek.s3 import NO_VERSION, ObjectInfo

_MAX_KEYS = 1000


@dataclass(slots=True)
class Page:
    """Objects and folders of one answer, ascending."""

    objects: list[ObjectInfo] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    is_truncated: bool = False
    last: str = ""
    """The last name, of an object or a folder; the next page begins after it."""


def list_objects(call: Call) -> Response:
    """ListObjectsV2, and ListObjects where list-type is not 2."""
    prefix, delimiter, limit = _requested(call)
    query, second = call.query, call.query.get("list-type") == "2"
    after = _after(query, second)
    page = _page(call.store.entries(call.bucket, prefix), prefix, delimiter, after, limit)
    with_owner = not second or query.get("fetch-owner") == "true"
    encode = _encoder(query)
    listed = _head(call, prefix, delimiter, limit, page)
    listed["Contents"] = [
        _content(call, info, encode) | ({"Owner": OWNER} if with_owner else {}) for info in page.objects
    ]
    if second:
        listed["KeyCount"] = len(page.objects) + len(page.folders)
        if "continuation-token" in query:
            listed["ContinuationToken"] = query["continuation-token"]
        if "start-after" in query:
            listed["StartAfter"] = encode(query["start-after"])
        if page.is_truncated:
            listed["NextContinuationToken"] = urlsafe_b64encode(page.last.encode()).decode()
    else:
        listed["Marker"] = encode(after)
        if page.is_truncated:
            listed["NextMarker"] = encode(page.last)
    response = answer("ListBucketResult", listed)
    response.headers["x-amz-bucket-region"] = region_of(call, call.bucket)
    return response


def list_object_versions(call: Call) -> Response:
    """ListObjectVersions: each object's only version, which S3 calls "null" where versions are not kept."""
    prefix, delimiter, limit = _requested(call, "s3:ListBucketVersions")
    after = call.query.get("key-marker", "")
    if call.query.get("version-id-marker") and not after:
        raise S3Error(400, "InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    page = _page(call.store.entries(call.bucket, prefix), prefix, delimiter, after, limit)
    encode = _encoder(call.query)
    listed = _head(call, prefix, delimiter, limit, page)
    listed["KeyMarker"] = encode(after)
    listed["VersionIdMarker"] = call.query.get("version-id-marker", "")
    if page.is_truncated:
        listed |= {"NextKeyMarker": encode(page.last), "NextVersionIdMarker": NO_VERSION}
    latest = {"VersionId": NO_VERSION, "IsLatest": True, "Owner": OWNER}
    listed["Version"] = [_content(call, info, encode) | latest for info in page.objects]
    return answer("ListVersionsResult", listed)


def _requested(call: Call, action: str = "s3:ListBucket") -> tuple[str, str, int]:
    """Prefix, delimiter and the most names in one answer; the caller may list."""
    query = call.query
    conditions = {f"s3:{name}": query[name] for name in ("prefix", "delimiter", "max-keys") if name in query}
    call.require(action, conditions)
    existing(call)
    limit = whole_number(query.get("max-keys") or str(_MAX_KEYS), "max-keys", 0, 2**31 - 1)
    if query.get("encoding-type", "url") != "url":
        raise S3Error(400, "InvalidArgument", "Invalid Encoding Method specified in Request; encoding-type is url.")
    return query.get("prefix", ""), query.get("delimiter", ""), min(limit, _MAX_KEYS)


def _page(entries: Iterable[ObjectInfo], prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """The next names of all that begin with the prefix."""
    page, start = Page(last=after), after.encode()
    for info in entries:
        end = info.key.find(delimiter, len(prefix)) if delimiter else -1
        name = info.key[: end + len(delimiter)] if end >= 0 else info.key
        if name.encode() <= start or (page.folders and name == page.folders[-1]):
            continue
        if len(page.objects) + len(page.folders) == limit:
            page.is_truncated = limit > 0
            break
        if end >= 0:
            page.folders.append(name)
        else:
            page.objects.append(info)
        page.last = name
    return page


def _head(call: Call, prefix: str, delimiter: str, limit: int, page: Page) -> dict[str, Any]:
    encode = _encoder(call.query)
    return {
        "Name": call.bucket,
        "Prefix": encode(prefix),
        "MaxKeys": limit,
        "IsTruncated": page.is_truncated,
        **({"Delimiter": encode(delimiter)} if delimiter else {}),
        **({"EncodingType": "url"} if "encoding-type" in call.query else {}),
        "CommonPrefixes": [{"Prefix": encode(folder)} for folder in page.folders],
    }


def _content(call: Call, info: ObjectInfo, encode: Callable[[str], str]) -> dict[str, Any]:
    facts = call.facts.read(call.bucket, info)
    checksums = {"ChecksumAlgorithm": [name.upper() for name in facts.checksums], "ChecksumType": facts.checksum_type}
    return {
        "Key": encode(info.key),
        "LastModified": xml.timestamp(info.modified_at),
        "ETag": f'"{facts.etag}"',
        **(checksums if facts.checksums else {}),
        "Size": info.size_bytes,
        "StorageClass": facts.headers.get(STORAGE_CLASS, "STANDARD"),
    }


def _after(query: Mapping[str, str], second: bool) -> str:
    if not second:
        return query.get("marker", "")
    token = query.get("continuation-token")
    if token is None:
        return query.get("start-after", "")
    try:
        return urlsafe_b64decode(token.encode("ascii")).decode()
    except ValueError:
        raise S3Error(400, "InvalidArgument", "The continuation token provided is incorrect") from None


def _encoder(query: Mapping[str, str]) -> Callable[[str], str]:
    if "encoding-type" in query:
        return lambda text: quote(text, safe="/-_.~*")
    return lambda text: text
