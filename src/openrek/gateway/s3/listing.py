"""Listing what is in a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
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
from openrek.s3 import NO_VERSION, PAGE_LIMIT, Listing, ObjectInfo


def list_objects(call: Call) -> Response:
    """ListObjectsV2, and ListObjects where list-type is not 2."""
    prefix, delimiter, limit = _requested(call)
    query, second = call.query, call.query.get("list-type") == "2"
    after = _after(query, second)
    page = _page(call, prefix, delimiter, after, limit)
    with_owner = not second or query.get("fetch-owner") == "true"
    encode = _encoder(query)
    listed = _head(call, prefix, delimiter, limit, page)
    listed["Contents"] = [_content(info, encode) | ({"Owner": OWNER} if with_owner else {}) for info in page.objects]
    if second:
        listed["KeyCount"] = len(page.objects) + len(page.prefixes)
        if "continuation-token" in query:
            listed["ContinuationToken"] = query["continuation-token"]
        if "start-after" in query:
            listed["StartAfter"] = encode(query["start-after"])
        if page.next_after is not None:
            listed["NextContinuationToken"] = urlsafe_b64encode(page.next_after.encode()).decode()
    else:
        listed["Marker"] = encode(after)
        if page.next_after is not None:
            listed["NextMarker"] = encode(page.next_after)
    response = answer("ListBucketResult", listed)
    response.headers["x-amz-bucket-region"] = region_of(call, call.bucket)
    return response


def list_object_versions(call: Call) -> Response:
    """ListObjectVersions: each object's only version, which S3 calls "null" where versions are not kept."""
    prefix, delimiter, limit = _requested(call, "s3:ListBucketVersions")
    after = call.query.get("key-marker", "")
    if call.query.get("version-id-marker") and not after:
        raise S3Error(400, "InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    page = _page(call, prefix, delimiter, after, limit)
    encode = _encoder(call.query)
    listed = _head(call, prefix, delimiter, limit, page)
    listed["KeyMarker"] = encode(after)
    listed["VersionIdMarker"] = call.query.get("version-id-marker", "")
    if page.next_after is not None:
        listed |= {"NextKeyMarker": encode(page.next_after), "NextVersionIdMarker": NO_VERSION}
    latest = {"VersionId": NO_VERSION, "IsLatest": True, "Owner": OWNER}
    listed["Version"] = [_content(info, encode) | latest for info in page.objects]
    return answer("ListVersionsResult", listed)


def _requested(call: Call, action: str = "s3:ListBucket") -> tuple[str, str, int]:
    """Prefix, delimiter and the most names in one answer; the caller may list."""
    query = call.query
    conditions = {f"s3:{name}": query[name] for name in ("prefix", "delimiter", "max-keys") if name in query}
    call.require(action, conditions)
    existing(call)
    limit = whole_number(query.get("max-keys") or str(PAGE_LIMIT), "max-keys", 0, 2**31 - 1)
    if query.get("encoding-type", "url") != "url":
        raise S3Error(400, "InvalidArgument", "Invalid Encoding Method specified in Request; encoding-type is url.")
    return query.get("prefix", ""), query.get("delimiter", ""), min(limit, PAGE_LIMIT)


def _page(call: Call, prefix: str, delimiter: str, after: str, limit: int) -> Listing:
    """The next names of all that begin with the prefix; of none, S3 has no more either."""
    if not limit:
        return Listing(())
    return call.store.list_page(call.bucket, prefix, after=after, delimiter=delimiter, limit=limit)


def _head(call: Call, prefix: str, delimiter: str, limit: int, page: Listing) -> dict[str, Any]:
    encode = _encoder(call.query)
    return {
        "Name": call.bucket,
        "Prefix": encode(prefix),
        "MaxKeys": limit,
        "IsTruncated": page.next_after is not None,
        **({"Delimiter": encode(delimiter)} if delimiter else {}),
        **({"EncodingType": "url"} if "encoding-type" in call.query else {}),
        "CommonPrefixes": [{"Prefix": encode(folder)} for folder in page.prefixes],
    }


def _content(info: ObjectInfo, encode: Callable[[str], str]) -> dict[str, Any]:
    facts = info.facts
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
