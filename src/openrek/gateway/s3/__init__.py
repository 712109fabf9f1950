"""S3's own protocol over the local store: enough for code that uploads and then detects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
"""

from openrek.gateway.s3.endpoint import S3Endpoint, rejected
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.identification import is_for_s3, names_listing
from openrek.gateway.s3.multipart import sweep

__all__ = ["S3Endpoint", "S3Error", "is_for_s3", "names_listing", "rejected", "sweep"]
