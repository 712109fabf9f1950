"""S3: object storage. A bucket and a key name an object; obstore keeps it.

Local folder by default; the same port fits any S3, GCS or Azure store that obstore opens.
"""

from openrek.s3.guarded import GuardedObjects, bucket_arn, object_arn
from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import LocalObjectStore, ObjectInfo, ObjectStore, StoredObject

__all__ = [
    "GuardedObjects",
    "LocalObjectStore",
    "ObjectInfo",
    "ObjectStore",
    "StoredObject",
    "bucket_arn",
    "check_bucket",
    "check_key",
    "object_arn",
]
