"""Reading and replacing the tags of objects and of buckets.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
"""

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.object_head import described
from openrek.gateway.s3.tags import MAX_OF_BUCKET, MAX_OF_OBJECT, of_body


def get_object_tagging(call: Call) -> Response:
    """GetObjectTagging."""
    call.require("s3:GetObjectTagging")
    _, facts = described(call)
    return _listed(facts.tags)


def put_object_tagging(call: Call) -> Response:
    """PutObjectTagging: replaces all tags of the object."""
    call.require("s3:PutObjectTagging")
    call.check_body()
    tags = of_body(call.body, MAX_OF_OBJECT)
    described(call)
    call.store.set_facts(call.bucket, call.key, lambda facts: replace(facts, tags=tags))
    return Response(status_code=200)


def delete_object_tagging(call: Call) -> Response:
    """DeleteObjectTagging."""
    call.require("s3:DeleteObjectTagging")
    described(call)
    call.store.set_facts(call.bucket, call.key, lambda facts: replace(facts, tags={}))
    return Response(status_code=204)


def get_bucket_tagging(call: Call) -> Response:
    """GetBucketTagging."""
    call.require("s3:GetBucketTagging")
    existing(call)
    tags = call.store.settings.get(call.bucket, "tags")
    if not tags:
        raise S3Error(404, "NoSuchTagSet", "The TagSet does not exist")
    return _listed(tags)


def put_bucket_tagging(call: Call) -> Response:
    """PutBucketTagging: replaces all tags of the bucket."""
    call.require("s3:PutBucketTagging")
    existing(call)
    call.check_body()
    call.store.settings.put(call.bucket, "tags", of_body(call.body, MAX_OF_BUCKET))
    return Response(status_code=204)


def delete_bucket_tagging(call: Call) -> Response:
    """DeleteBucketTagging."""
    call.require("s3:PutBucketTagging")
    existing(call)
    call.store.settings.delete(call.bucket, "tags")
    return Response(status_code=204)


def _listed(tags: Mapping[str, str]) -> Response:
    return answer("Tagging", {"TagSet": {"Tag": [{"Key": key, "Value": value} for key, value in tags.items()]}})
