"""Buckets: listing, creating, locating, removing."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from openrek.errors import ObjectNotReadableError
from openrek.gateway.s3 import tags, xml
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error, no_bucket
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.owner import OWNER
from openrek.s3 import check_bucket

DEFAULT_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_MAX_BUCKETS = 10_000


def list_buckets(call: Call) -> Response:
    """ListBuckets."""
    call.require("s3:ListAllMyBuckets")
    query = call.query
    limit = whole_number(query.get("max-buckets", str(_MAX_BUCKETS)), "max-buckets", 1, _MAX_BUCKETS)
    prefix, after = query.get("prefix", ""), _decoded(query.get("continuation-token", ""))
    buckets = [entry for entry in call.store.buckets() if entry[0].startswith(prefix) and entry[0] > after]
    if "bucket-region" in query:
        buckets = [entry for entry in buckets if region_of(call, entry[0]) == query["bucket-region"]]
    content: dict[str, Any] = {
        "Owner": OWNER,
        "Buckets": {
            "Bucket": [
                {"Name": name, "CreationDate": xml.timestamp(created), "BucketRegion": region_of(call, name)}
                for name, created in buckets[:limit]
            ]
        },
    }
    if prefix:
        content["Prefix"] = prefix
    if len(buckets) > limit:
        content["ContinuationToken"] = urlsafe_b64encode(buckets[limit - 1][0].encode()).decode()
    return answer("ListAllMyBucketsResult", content)


def create_bucket(call: Call) -> Response:
    """CreateBucket; its region and tags are kept."""
    call.require("s3:CreateBucket")
    try:
        check_bucket(call.bucket)
    except ObjectNotReadableError as error:
        raise S3Error(400, "InvalidBucketName", error.message) from None
    call.check_body()
    region, bucket_tags = _configuration(call.body)
    if call.store.has(call.bucket):
        raise S3Error(
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
    call.store.create_bucket(call.bucket)
    if region != DEFAULT_REGION:
        call.store.settings.put(call.bucket, "region", region)
    if bucket_tags:
        call.store.settings.put(call.bucket, "tags", bucket_tags)
    return Response(status_code=200, headers={"location": f"/{call.bucket}"})


def head_bucket(call: Call) -> Response:
    """HeadBucket."""
    call.require("s3:ListBucket")
    existing(call)
    headers = {"x-amz-bucket-region": region_of(call, call.bucket), "x-amz-access-point-alias": "false"}
    return Response(status_code=200, headers=headers)


def locate_bucket(call: Call) -> Response:
    """GetBucketLocation: the empty answer means us-east-1."""
    call.require("s3:GetBucketLocation")
    existing(call)
    region = region_of(call, call.bucket)
    return answer("LocationConstraint", "" if region == DEFAULT_REGION else region)


def delete_bucket(call: Call) -> Response:
    """DeleteBucket, if it is empty."""
    call.require("s3:DeleteBucket")
    existing(call)
    if not call.store.delete_bucket(call.bucket):
        raise S3Error(409, "BucketNotEmpty", f"the bucket {call.bucket!r} still holds objects")
    return Response(status_code=204)


def existing(call: Call) -> None:
    """Returns if the call's bucket exists.

    Raises:
        S3Error: it does not.
    """
    try:
        found = call.store.has(call.bucket)
    except ObjectNotReadableError:
        found = False
    if not found:
        raise no_bucket(call.bucket)


def answer(name: str, content: Mapping[str, Any] | str) -> Response:
    """An answer in XML."""
    return Response(xml.write(name, content), media_type="application/xml")


def region_of(call: Call, bucket: str) -> str:
    """The region that the bucket was created in."""
    return call.store.settings.get(bucket, "region") or DEFAULT_REGION


def _configuration(body: bytes) -> tuple[str, Mapping[str, str]]:
    """Region and tags of a CreateBucketConfiguration; an empty body means the default region."""
    if not body.strip():
        return DEFAULT_REGION, {}
    root = xml.read(body)
    if xml.local_name(root) != "CreateBucketConfiguration":
        raise xml.malformed("the root element must be CreateBucketConfiguration")
    region = (xml.text(root, "LocationConstraint") or DEFAULT_REGION).strip()
    if region == "EU":
        region = "eu-west-1"
    if not _REGION.fullmatch(region):
        raise S3Error(400, "InvalidLocationConstraint", "The specified location-constraint is not valid")
    pairs = [tag for element in xml.children(root, "Tags") for tag in xml.children(element, "Tag")]
    return region, tags.of_elements(pairs, tags.MAX_OF_BUCKET)


def _decoded(token: str) -> str:
    try:
        return urlsafe_b64decode(token.encode("ascii")).decode()
    except ValueError:
        raise S3Error(400, "InvalidArgument", "The continuation token provided is incorrect") from None
