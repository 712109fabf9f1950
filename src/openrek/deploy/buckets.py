"""Buckets beside the stack: the one of its artefacts, which must be there first, and emptying."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openrek.deploy.stack import TAG
from openrek.web.media_types import bare_media_type_of

WEB_PREFIX = "web/"
_BATCH = 1000
# Files in a folder named for its content, see deployment.console_files.
_VERSIONED = re.compile(r"[0-9a-f]{16}/")
_FOREVER = "public, max-age=31536000, immutable"


class OwnBucket:
    """A bucket of this account. Every call names the owner, so that another's bucket of this name is never used.

    Args:
        s3: boto3's client.
        name: The bucket's.
        account: This account's number.
    """

    def __init__(self, s3: Any, name: str, account: str) -> None:
        self._s3 = s3
        self.name = name
        self._location = {"Bucket": name, "ExpectedBucketOwner": account}

    def exists(self) -> bool:
        """Whether it is there.

        Raises:
            botocore.exceptions.ClientError: it is, but is another account's.
        """
        try:
            self._s3.head_bucket(**self._location)
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
                return False
            raise
        return True

    def is_ours(self) -> bool:
        """Whether `create` made it."""
        try:
            return TAG in self._s3.get_bucket_tagging(**self._location)["TagSet"]
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchTagSet":
                return False
            raise

    def create(self, region: str) -> None:
        """Makes it: private, encrypted, for TLS alone."""
        options = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self._s3.create_bucket(Bucket=self.name, **options)
        self._s3.put_public_access_block(
            **self._location,
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
            ),
        )
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self._s3.put_bucket_tagging(**self._location, Tagging={"TagSet": [TAG]})
        self._s3.put_bucket_encryption(**self._location, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if not self._s3.meta.endpoint_url.startswith("https://"):
            return  # a test server without TLS would be locked out of its own bucket
        arn = f"arn:{_partition(region)}:s3:::{self.name}"
        statement = {
            "Sid": "OnlyTLS",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self._s3.put_bucket_policy(**self._location, Policy=json.dumps(policy))

    def put_once(self, key: str, path: Path) -> bool:
        """Puts the file unless an object of this name is there; whether it was put."""
        try:
            self._s3.head_object(**self._location, Key=key)
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
        else:
            return False
        with path.open("rb") as body:
            self._s3.put_object(**self._location, Key=key, Body=body)
        return True

    def put_web(self, files: Mapping[str, bytes]) -> tuple[int, int]:
        """Makes `web/` these files; the numbers of files sent and removed. What is the same is not sent."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(**self._location, Prefix=WEB_PREFIX)
        there = {entry["Key"]: entry["ETag"].strip('"') for page in pages for entry in page.get("Contents", ())}
        sent = 0
        for name, data in sorted(files.items()):
            key = WEB_PREFIX + name
            if there.pop(key, None) == hashlib.md5(data, usedforsecurity=False).hexdigest():
                continue
            kind = bare_media_type_of(name)
            kept = _FOREVER if _VERSIONED.match(name) else "no-cache"
            self._s3.put_object(**self._location, Key=key, Body=data, ContentType=kind, CacheControl=kept)
            sent += 1
        self._delete([{"Key": key} for key in there])
        return sent, len(there)

    def delete(self, on_step: Callable[[int], None] = lambda _removed: None) -> None:
        """Removes all versions of all objects, then the bucket. Calls back with the number removed so far."""
        removed = 0
        for page in self._s3.get_paginator("list_object_versions").paginate(**self._location):
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            self._delete([{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions])
            removed += len(versions)
            on_step(removed)
        self._s3.delete_bucket(**self._location)

    def _delete(self, objects: list[dict[str, str]]) -> None:
        for start in range(0, len(objects), _BATCH):
            batch = {"Objects": objects[start : start + _BATCH], "Quiet": True}
            rejected = self._s3.delete_objects(**self._location, Delete=batch).get("Errors", ())
            for each in rejected:
                raise PermissionError(f"S3 did not delete {each['Key']!r}: {each.get('Message', each['Code'])}")


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
