"""The messages that say that a job has ended.

https://docs.aws.amazon.com/rekognition/latest/dg/video-notification-payload.html
"""

import time
from collections.abc import Mapping

import orjson

from openrek.function.video_library import VIDEO
from openrek.state import Job

SNS = "sns:"
"""Beginning of the target of a message to a topic; its ARN follows."""
WEBHOOK = "webhook"


def announcements(job: Job, succeeded: bool, webhook: bool) -> Mapping[str, str]:
    """The bodies of the messages to send, by target.

    Args:
        job: Which has ended.
        succeeded: Whether it has succeeded.
        webhook: Whether to send it to the webhook, too.
    """
    body = _body(job, succeeded)
    channel = job.request.get("NotificationChannel")
    targets = [f"{SNS}{channel['SNSTopicArn']}"] if channel else []
    return dict.fromkeys([*targets, *([WEBHOOK] if webhook else [])], body)


def _body(job: Job, succeeded: bool) -> str:
    video = job.request["Video"]["S3Object"]
    tag = job.request.get("JobTag")
    content = {
        "JobId": job.id,
        "Status": "SUCCEEDED" if succeeded else "FAILED",
        "API": "POST /v1/videos" if job.kind == VIDEO else f"Start{job.kind}",
        **({} if tag is None else {"JobTag": tag}),
        "Timestamp": time.time_ns() // 1_000_000,
        "Video": {"S3ObjectName": video["Name"], "S3Bucket": video["Bucket"]},
    }
    return orjson.dumps(content).decode()
