"""S3's event for an object that was put, sent to the function.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from openrek.function.inbox import PREFIX
from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices
from openrek.web.lambda_context import LambdaContext

# Operation → the event's name
_CREATING = {
    "PutObject": "ObjectCreated:Put",
    "PostObject": "ObjectCreated:Post",
    "CompleteMultipartUpload": "ObjectCreated:CompleteMultipartUpload",
}


def tell(context: RequestContext, services: GatewayServices, bucket: str, key: str) -> None:
    """Invokes the function, after the answer, for an object that came into the inbox of the analyses' bucket."""
    name = _CREATING.get(context.operation or "")
    if name is None or bucket != services.bucket or not key.startswith(PREFIX):
        return
    services.events.submit(_invoke, services, _event(services.region, name, bucket, key, context.request_id))


def _invoke(services: GatewayServices, event: dict[str, Any]) -> None:
    request_id = event["Records"][0]["responseElements"]["x-amz-request-id"]
    try:
        with services.image_queue.admission.waiting():
            services.function(event, LambdaContext(request_id))
    except Exception as error:
        # On AWS the event would come again by itself; here the object stays in the inbox and can be put again.
        message = "the image stays in the inbox; put it again"
        services.log.emit("failed", message, level="ERROR", request_id=request_id, cause=repr(error)[:500])


def _event(region: str, name: str, bucket: str, key: str, request_id: str) -> dict[str, Any]:
    stored = {"key": quote_plus(key, safe="/"), "sequencer": request_id.replace("-", "").upper()}
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": region,
                "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "eventName": name,
                "responseElements": {"x-amz-request-id": request_id},
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": stored,
                },
            }
        ]
    }
