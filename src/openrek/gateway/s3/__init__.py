"""S3's own protocol over the local store: enough for code that uploads and then asks.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
"""

from openrek.gateway.s3.door import S3Door, is_for_s3, refused
from openrek.gateway.s3.refusal import Refusal
from openrek.gateway.s3.uploads import sweep

__all__ = ["Refusal", "S3Door", "is_for_s3", "refused", "sweep"]
