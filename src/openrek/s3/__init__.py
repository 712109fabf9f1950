"""S3: object storage. A bucket and a key name an object; obstore keeps it.

Local folder by default; the same port fits any S3, GCS or Azure store that obstore opens. On AWS it is boto3 that does:
obstore is not installed there, so each store is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openrek.s3.facts import META, Facts, Part
from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import PAGE_LIMIT, Listing, ObjectInfo, ObjectStore, ObjectStream, StoredObject

if TYPE_CHECKING:
    from openrek.s3.authorized import AuthorizedObjectStore, bucket_arn, object_arn
    from openrek.s3.boto import BotoObjectStore
    from openrek.s3.facts_migration import migrate_facts
    from openrek.s3.local import NO_VERSION, LocalObjectStore
    from openrek.s3.memory import MemoryObjectStore
    from openrek.s3.remote import RemoteObjectStore, S3Location
    from openrek.s3.routing import RoutingObjectStore
    from openrek.s3.staging import StagedFile

_MODULES = {
    "BotoObjectStore": "boto",
    "RoutingObjectStore": "routing",
    "AuthorizedObjectStore": "authorized",
    "LocalObjectStore": "local",
    "MemoryObjectStore": "memory",
    "NO_VERSION": "local",
    "RemoteObjectStore": "remote",
    "S3Location": "remote",
    "StagedFile": "staging",
    "bucket_arn": "authorized",
    "migrate_facts": "facts_migration",
    "object_arn": "authorized",
}

__all__ = [
    "META",
    "NO_VERSION",
    "PAGE_LIMIT",
    "AuthorizedObjectStore",
    "BotoObjectStore",
    "Facts",
    "Listing",
    "LocalObjectStore",
    "MemoryObjectStore",
    "ObjectInfo",
    "ObjectStore",
    "ObjectStream",
    "Part",
    "RemoteObjectStore",
    "RoutingObjectStore",
    "S3Location",
    "StagedFile",
    "StoredObject",
    "bucket_arn",
    "check_bucket",
    "check_key",
    "migrate_facts",
    "object_arn",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"openrek.s3.{_MODULES[name]}"), name)
