"""Buckets: listing, making, removing, and listing what is in them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from openrek.config import ACCOUNT
from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import xml
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error, no_bucket
from openrek.s3 import ObjectInfo, check_bucket

_OWNER = {"ID": ACCOUNT, "DisplayName": "openrek"}
_MOST_KEYS = 1000


def list_buckets(call: Call) -> Response:
    """ListBuckets."""
    call.require("s3:ListAllMyBuckets")
    buckets = [{"Name": name, "CreationDate": xml.timestamp(made)} for name, made in call.store.buckets()]
    return answer("ListAllMyBucketsResult", {"Owner": _OWNER, "Buckets": {"Bucket": buckets}})


def create_bucket(call: Call) -> Response:
    """CreateBucket; of the region nothing is kept, there is only one place."""
    call.require("s3:CreateBucket")
    try:
        check_bucket(call.bucket)
    except ObjectNotReadableError as error:
        raise S3Error(400, "InvalidBucketName", error.message) from None
    if call.store.has(call.bucket):
        raise S3Error(409, "BucketAlreadyOwnedByYou", f"there is a bucket {call.bucket!r} already, and it is yours")
    call.store.create_bucket(call.bucket)
    return Response(status_code=200, headers={"location": f"/{call.bucket}"})


def head_bucket(call: Call) -> Response:
    """HeadBucket."""
    call.require("s3:ListBucket")
    existing(call)
    return Response(status_code=200)


def locate_bucket(call: Call) -> Response:
    """GetBucketLocation: the empty answer means us-east-1."""
    call.require("s3:GetBucketLocation")
    existing(call)
    return answer("LocationConstraint", {})


def delete_bucket(call: Call) -> Response:
    """DeleteBucket, if it is empty."""
    call.require("s3:DeleteBucket")
    existing(call)
    if not call.store.delete_bucket(call.bucket):
        raise S3Error(409, "BucketNotEmpty", f"the bucket {call.bucket!r} still holds objects")
    return Response(status_code=204)


def list_objects(call: Call) -> Response:
    """ListObjectsV2, and ListObjects where list-type is not 2."""
    conditions = {f"s3:{name}": call.query[name] for name in ("prefix", "delimiter", "max-keys") if name in call.query}
    call.require("s3:ListBucket", conditions)
    existing(call)
    query, second = call.query, call.query.get("list-type") == "2"
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    owner = {"Owner": _OWNER} if query.get("fetch-owner") == "true" or not second else {}
    most = _most(query)
    after = _after(query, second)
    contents: list[dict[str, Any]] = []
    folders: list[str] = []
    truncated, last = False, after
    for info in call.store.entries(call.bucket, prefix):
        end = info.key.find(delimiter, len(prefix)) if delimiter else -1
        name = info.key[: end + len(delimiter)] if end >= 0 else info.key
        if name.encode() <= after.encode() or (folders and name == folders[-1]):
            continue
        if len(contents) + len(folders) == most:
            truncated = most > 0
            break
        if end >= 0:
            folders.append(name)
        else:
            contents.append(_content(call, info) | owner)
        last = name
    encode = _encoder(query)
    listed: dict[str, Any] = {
        "Name": call.bucket,
        "Prefix": encode(prefix),
        "MaxKeys": most,
        "IsTruncated": truncated,
        **({"Delimiter": encode(delimiter)} if delimiter else {}),
        **({"EncodingType": "url"} if query.get("encoding-type") == "url" else {}),
        "Contents": [entry | {"Key": encode(entry["Key"])} for entry in contents],
        "CommonPrefixes": [{"Prefix": encode(folder)} for folder in folders],
    }
    if second:
        listed["KeyCount"] = len(contents) + len(folders)
        if truncated:
            listed["NextContinuationToken"] = urlsafe_b64encode(last.encode()).decode()
    else:
        listed["Marker"] = encode(after)
        if truncated:
            listed["NextMarker"] = encode(last)
    return answer("ListBucketResult", listed)


def existing(call: Call) -> None:
    """Returns if there is the call's bucket.

    Raises:
        Refusal: there is none.
    """
    try:
        found = call.store.has(call.bucket)
    except ObjectNotReadableError:
        found = False
    if not found:
        raise no_bucket(call.bucket)


def answer(name: str, content: dict[str, Any]) -> Response:
    """An answer in XML."""
    return Response(xml.write(name, content), media_type="application/xml")


def _content(call: Call, info: ObjectInfo) -> dict[str, Any]:
    return {
        "Key": info.key,
        "LastModified": xml.timestamp(info.modified_at),
        "ETag": f'"{call.facts.read(call.bucket, info).etag}"',
        "Size": info.size_bytes,
        "StorageClass": "STANDARD",
    }


def _most(query: Mapping[str, str]) -> int:
    raw = query.get("max-keys", str(_MOST_KEYS))
    if not raw.isascii() or not raw.isdigit() or len(raw) > 9:
        raise S3Error(400, "InvalidArgument", f"max-keys is {raw[:20]!r}; it must be a whole number")
    return min(int(raw), _MOST_KEYS)


def _after(query: Mapping[str, str], second: bool) -> str:
    if not second:
        return query.get("marker", "")
    token = query.get("continuation-token")
    if token is None:
        return query.get("start-after", "")
    try:
        return urlsafe_b64decode(token.encode("ascii")).decode()
    except ValueError:
        raise S3Error(400, "InvalidArgument", "the continuation token is not one that was given out") from None


def _encoder(query: Mapping[str, str]) -> Any:
    if query.get("encoding-type") == "url":
        return lambda text: quote(text, safe="/-_.~*")
    return lambda text: text
