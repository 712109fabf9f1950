"""S3: object storage. A bucket and a key name an object; obstore keeps it.

Local folder by default; the same port fits any S3, GCS or Azure store that obstore opens.
"""

from openrek.s3.buckets import Buckets
from openrek.s3.facts import Facts, ObjectFacts
from openrek.s3.guarded import GuardedObjects, bucket_arn, object_arn
from openrek.s3.local import LocalObjectStore
from openrek.s3.names import check_bucket, check_key
from openrek.s3.remote import RemoteObjectStore, S3Place
from openrek.s3.storage import ObjectInfo, ObjectStore, StoredObject

__all__ = [
    "Buckets",
    "Facts",
    "GuardedObjects",
    "LocalObjectStore",
    "ObjectFacts",
    "ObjectInfo",
    "ObjectStore",
    "RemoteObjectStore",
    "S3Place",
    "StoredObject",
    "bucket_arn",
    "check_bucket",
    "check_key",
    "object_arn",
]
