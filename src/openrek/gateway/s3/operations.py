"""Which operation a request is: by method, by whether it names an object, and by its subresource."""

from collections.abc import Callable, Mapping
from functools import partial

from starlette.responses import Response

from openrek.gateway.s3 import attributes, buckets, cors, listing, objects, tagging, unset, upload_listing
from openrek.gateway.s3 import multipart as uploads
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error

Handler = Callable[[Call], Response]

# (method, whether a key is named, subresource or None) → name and handler
OPERATIONS: Mapping[tuple[str, bool, str | None], tuple[str, Handler]] = {
    ("PUT", True, None): ("PutObject", objects.put_object),
    ("GET", True, None): ("GetObject", objects.get_object),
    ("HEAD", True, None): ("HeadObject", objects.head_object),
    ("DELETE", True, None): ("DeleteObject", objects.delete_object),
    ("GET", True, "attributes"): ("GetObjectAttributes", attributes.get_object_attributes),
    ("GET", True, "tagging"): ("GetObjectTagging", tagging.get_object_tagging),
    ("PUT", True, "tagging"): ("PutObjectTagging", tagging.put_object_tagging),
    ("DELETE", True, "tagging"): ("DeleteObjectTagging", tagging.delete_object_tagging),
    ("POST", True, "uploads"): ("CreateMultipartUpload", uploads.begin),
    ("PUT", True, "uploadId"): ("UploadPart", uploads.add_part),
    ("POST", True, "uploadId"): ("CompleteMultipartUpload", uploads.complete),
    ("GET", True, "uploadId"): ("ListParts", upload_listing.list_parts),
    ("GET", False, "uploads"): ("ListMultipartUploads", upload_listing.list_multipart_uploads),
    ("DELETE", True, "uploadId"): ("AbortMultipartUpload", uploads.abort),
    ("PUT", False, None): ("CreateBucket", buckets.create_bucket),
    ("HEAD", False, None): ("HeadBucket", buckets.head_bucket),
    ("DELETE", False, None): ("DeleteBucket", buckets.delete_bucket),
    ("GET", False, None): ("ListObjects", listing.list_objects),
    ("GET", False, "versions"): ("ListObjectVersions", listing.list_object_versions),
    ("GET", False, "location"): ("GetBucketLocation", buckets.locate_bucket),
    ("POST", False, "delete"): ("DeleteObjects", objects.delete_objects),
    ("GET", False, "cors"): ("GetBucketCors", cors.get_bucket_cors),
    ("PUT", False, "cors"): ("PutBucketCors", cors.put_bucket_cors),
    ("DELETE", False, "cors"): ("DeleteBucketCors", cors.delete_bucket_cors),
    ("GET", False, "tagging"): ("GetBucketTagging", tagging.get_bucket_tagging),
    ("PUT", False, "tagging"): ("PutBucketTagging", tagging.put_bucket_tagging),
    ("DELETE", False, "tagging"): ("DeleteBucketTagging", tagging.delete_bucket_tagging),
}
# Query parameters that name operations of their own: a request with one must not be taken for another operation.
SUBRESOURCES = (
    *("uploads", "uploadId", "location", "delete", "attributes", "tagging", "versions", "cors"),
    *unset.OF_BUCKETS,
    *unset.OF_OBJECTS,
    *("torrent", "select", "restore", "renameObject", "encryption", "session", "abac", "annotation"),
    *(
        "metadataTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataAnnotationTable",
    ),
)


def operation_of(method: str, bucket: str, key: str, query: Mapping[str, str]) -> tuple[str, Handler]:
    """The operation's name and its handler.

    Raises:
        S3Error: it is not supported.
    """
    subresource = next((name for name in SUBRESOURCES if name in query), None)
    if not bucket:
        if method == "GET" and subresource is None:
            return "ListBuckets", buckets.list_buckets
    elif operation := OPERATIONS.get((method, bool(key), subresource)):
        return operation
    elif subresource and (name := unset.operation_of(method, subresource, of_object=bool(key))):
        return name, partial(unset.answer, subresource=subresource)
    target = (
        f"{method} {'object' if key else 'bucket' if bucket else 'service'}{f'?{subresource}' if subresource else ''}"
    )
    raise S3Error(501, "NotImplemented", f"{target} is not supported; docs/s3.md lists what is.")
