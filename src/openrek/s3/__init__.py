"""S3: object storage. A bucket and a key name an object; obstore keeps it.

Local folder by default; the same port fits any S3, GCS or Azure store that obstore opens. On AWS it is boto3 that does:
there neither obstore nor a database is installed, so each store is loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openrek.s3.names import check_bucket, check_key
from openrek.s3.storage import ObjectInfo, ObjectStore, StoredObject

if TYPE_CHECKING:
    from openrek.s3.authorized import AuthorizedObjectStore, bucket_arn, object_arn
    from openrek.s3.boto import BotoObjectStore
    from openrek.s3.facts import Facts, ObjectFacts, Part
    from openrek.s3.local import NO_VERSION, LocalObjectStore
    from openrek.s3.memory import MemoryObjectStore
    from openrek.s3.obstore_store import META
    from openrek.s3.remote import RemoteObjectStore, S3Place
    from openrek.s3.routing import RoutingObjectStore

_MODULES = {
    "BotoObjectStore": "boto",
    "RoutingObjectStore": "routing",
    "Facts": "facts",
    "AuthorizedObjectStore": "authorized",
    "LocalObjectStore": "local",
    "META": "obstore_store",
    "MemoryObjectStore": "memory",
    "NO_VERSION": "local",
    "ObjectFacts": "facts",
    "Part": "facts",
    "RemoteObjectStore": "remote",
    "S3Place": "remote",
    "bucket_arn": "authorized",
    "object_arn": "authorized",
}

__all__ = [
    "META",
    "NO_VERSION",
    "AuthorizedObjectStore",
    "BotoObjectStore",
    "Facts",
    "LocalObjectStore",
    "MemoryObjectStore",
    "ObjectFacts",
    "ObjectInfo",
    "ObjectStore",
    "Part",
    "RemoteObjectStore",
    "RoutingObjectStore",
    "S3Place",
    "StoredObject",
    "bucket_arn",
    "check_bucket",
    "check_key",
    "object_arn",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"openrek.s3.{_MODULES[name]}"), name)
