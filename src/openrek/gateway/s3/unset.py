"""Bucket and object settings that cannot be changed here: S3's own answers for a bucket where they were never set.

Programs read them before they do their work. Reads get what S3 answers for "none"; a write that requests what is so
anyway succeeds; a write that requests anything else is refused rather than forgotten.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from openrek.gateway.s3 import xml
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error, no_bucket
from openrek.gateway.s3.owner import OWNER

_GRANT = {"Grantee": {"@type": "CanonicalUser", **OWNER}, "Permission": "FULL_CONTROL"}
_OWNERS_ACL = {"Owner": OWNER, "AccessControlList": {"Grant": _GRANT}}


@dataclass(frozen=True, slots=True)
class Setting:
    """A subresource of a bucket, or of an object."""

    operation: str
    """The name after Get, Put and Delete, as "BucketVersioning"."""
    action: str
    """The IAM action after "s3:Get" and "s3:Put", as "BucketVersioning"."""
    element: str = ""
    """The root element of the answer to a read."""
    content: Mapping[str, Any] | None = None
    """What is in that element; None where a read fails with `error`."""
    error: tuple[int, str, str] = (404, "NoSuchConfiguration", "The specified configuration does not exist.")
    """Status, code and message of a read that fails."""
    listed: bool = False
    """Whether there are several by id: without an id, a read lists them, and `error` is for one."""


def _missing(code: str, message: str) -> tuple[int, str, str]:
    return 404, code, message


_NO_LIFECYCLE = _missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
_NO_POLICY = _missing("NoSuchBucketPolicy", "The bucket policy does not exist")
_NO_WEBSITE = _missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")
_NO_REPLICATION = _missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found")
_NO_LOCK = _missing("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")
_NO_OBJECT_LOCK = _missing(
    "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration"
)
_SSE_S3 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
_NONE_LISTED = {"IsTruncated": False}

OF_BUCKETS: Mapping[str, Setting] = {
    "accelerate": Setting("BucketAccelerateConfiguration", "AccelerateConfiguration", "AccelerateConfiguration", {}),
    "acl": Setting("BucketAcl", "BucketAcl", "AccessControlPolicy", _OWNERS_ACL),
    "analytics": Setting(
        "BucketAnalyticsConfiguration",
        "AnalyticsConfiguration",
        "ListBucketAnalyticsConfigurationResult",
        _NONE_LISTED,
        listed=True,
    ),
    "encryption": Setting(
        "BucketEncryption", "EncryptionConfiguration", "ServerSideEncryptionConfiguration", {"Rule": _SSE_S3}
    ),
    "intelligent-tiering": Setting(
        "BucketIntelligentTieringConfiguration",
        "IntelligentTieringConfiguration",
        "ListBucketIntelligentTieringConfigurationsOutput",
        _NONE_LISTED,
        listed=True,
    ),
    "inventory": Setting(
        "BucketInventoryConfiguration",
        "InventoryConfiguration",
        "ListInventoryConfigurationsResult",
        _NONE_LISTED,
        listed=True,
    ),
    "lifecycle": Setting("BucketLifecycleConfiguration", "LifecycleConfiguration", error=_NO_LIFECYCLE),
    "logging": Setting("BucketLogging", "BucketLogging", "BucketLoggingStatus", {}),
    "metrics": Setting(
        "BucketMetricsConfiguration",
        "MetricsConfiguration",
        "ListMetricsConfigurationsResult",
        _NONE_LISTED,
        listed=True,
    ),
    "notification": Setting("BucketNotificationConfiguration", "BucketNotification", "NotificationConfiguration", {}),
    "object-lock": Setting("ObjectLockConfiguration", "BucketObjectLockConfiguration", error=_NO_LOCK),
    "ownershipControls": Setting(
        "BucketOwnershipControls",
        "BucketOwnershipControls",
        "OwnershipControls",
        {"Rule": {"ObjectOwnership": "BucketOwnerEnforced"}},
    ),
    "policy": Setting("BucketPolicy", "BucketPolicy", error=_NO_POLICY),
    "policyStatus": Setting("BucketPolicyStatus", "BucketPolicyStatus", error=_NO_POLICY),
    "publicAccessBlock": Setting(
        "PublicAccessBlock", "BucketPublicAccessBlock", "PublicAccessBlockConfiguration", _BLOCKED
    ),
    "replication": Setting("BucketReplication", "ReplicationConfiguration", error=_NO_REPLICATION),
    "requestPayment": Setting(
        "BucketRequestPayment", "BucketRequestPayment", "RequestPaymentConfiguration", {"Payer": "BucketOwner"}
    ),
    "versioning": Setting("BucketVersioning", "BucketVersioning", "VersioningConfiguration", {}),
    "website": Setting("BucketWebsite", "BucketWebsite", error=_NO_WEBSITE),
}
OF_OBJECTS: Mapping[str, Setting] = {
    "acl": Setting("ObjectAcl", "ObjectAcl", "AccessControlPolicy", _OWNERS_ACL),
    "legal-hold": Setting("ObjectLegalHold", "ObjectLegalHold", error=_NO_OBJECT_LOCK),
    "retention": Setting("ObjectRetention", "ObjectRetention", error=_NO_OBJECT_LOCK),
}
_METHODS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}


def operation_of(method: str, subresource: str, *, of_object: bool) -> str | None:
    """The operation's name; None for one that is not in the tables."""
    setting = (OF_OBJECTS if of_object else OF_BUCKETS).get(subresource)
    verb = _METHODS.get(method)
    if setting is None or verb is None or (of_object and verb == "Delete"):
        return None
    return verb + setting.operation


def answer(call: Call, subresource: str) -> Response:
    """The response to a read, write or removal of a setting of the tables.

    Raises:
        S3Error: there is no such bucket or object, nothing is set, or the write requests what is not supported.
        AccessDeniedError: the caller may not.
    """
    setting = (OF_OBJECTS if call.key else OF_BUCKETS)[subresource]
    call.require(f"s3:{'Get' if call.method == 'GET' else 'Put'}{setting.action}")
    if not call.store.has(call.bucket):
        raise no_bucket(call.bucket)
    if call.key:
        call.check_version()
        call.store.head(call.bucket, call.key)
    if call.method == "DELETE":
        return Response(status_code=204)
    if call.method == "PUT":
        _check_write(call, setting, subresource)
        return Response(status_code=200)
    if setting.content is None or (setting.listed and "id" in call.query):
        raise S3Error(*setting.error)
    return Response(xml.write(setting.element, dict(setting.content)), media_type="application/xml")


def _check_write(call: Call, setting: Setting, subresource: str) -> None:
    """Returns if the write requests nothing but what is so anyway."""
    if setting.content is not None and not setting.listed:
        if call.body:
            anyway = set(xml.leaves(xml.read(xml.write(setting.element, dict(setting.content)))))
            if anyway.issuperset(xml.leaves(xml.read(call.body))):
                return
        elif subresource == "acl" and "x-amz-acl" in call.headers:  # checked with the other headers
            return
    raise S3Error(501, "NotImplemented", f"Put{setting.operation} is not supported: {subresource} cannot be changed.")
