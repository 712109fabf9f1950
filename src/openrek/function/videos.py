"""Videos: recognition is asynchronous and publishes to a topic when it has finished.

https://docs.aws.amazon.com/rekognition/latest/dg/api-video.html
"""

import contextlib
from datetime import UTC, datetime
from typing import Any

import orjson

from openrek.function.services import FunctionServices
from openrek.ids import is_identifier
from openrek.web.api_error import ApiError
from openrek.web.lambda_event import Event

_ENDINGS = (".mp4", ".mov")
_PAGE = 1000


class Videos:
    """Starts label detection, and keeps its outcome as `videos/<id>/result.json`."""

    def __init__(self, services: FunctionServices) -> None:
        self._services = services

    def is_one(self, key: str) -> bool:
        """Whether the key is that of a video."""
        return key.lower().endswith(_ENDINGS)

    def start(self, bucket: str, key: str, version: str | None, identifier: str, request_id: str) -> None:
        """Starts label detection of a stored video. Starting it again within a week starts nothing.

        Raises:
            Problem: videos are not supported here.
            botocore.exceptions.ClientError: recognition refused it.
        """
        services = self._services
        if services.videos is None:
            message = "videos are analysed where Amazon Rekognition is used; here only images are"
            raise ApiError(415, "UnsupportedMediaType", message)
        started = services.videos.client.start_label_detection(
            Video={"S3Object": {"Bucket": bucket, "Name": key, **({"Version": version} if version else {})}},
            NotificationChannel=dict(services.videos.channel),
            ClientRequestToken=identifier,
            JobTag=identifier,
        )
        services.log.emit("started", request_id=request_id, analysis_id=identifier, key=key[:200], job=started["JobId"])

    def finish(self, event: Event, request_id: str) -> dict[str, Any]:
        """Stores the result of each finished video of the event. Returns the result's key by job."""
        kept: dict[str, str] = {}
        for record in event["Records"]:
            message = orjson.loads(record["Sns"]["Message"])
            identifier = str(message.get("JobTag", ""))
            if message.get("API") != "StartLabelDetection" or not is_identifier(identifier):
                continue
            if message.get("Status") != "SUCCEEDED":
                self._services.log.emit(
                    "failed",
                    f"the video's job {message.get('JobId')} ended as {message.get('Status')}",
                    level="ERROR",
                    request_id=request_id,
                    analysis_id=identifier,
                )
                continue
            kept[message["JobId"]] = self._keep(identifier, message, request_id)
        return {"videos": kept}

    def _keep(self, identifier: str, message: dict[str, Any], request_id: str) -> str:
        services = self._services
        if services.videos is None:
            raise RuntimeError("a video's analysis finished, and no client for video analysis is configured")
        labels: list[dict[str, Any]] = []
        following: dict[str, str] = {}
        while True:
            answer = services.videos.client.get_label_detection(JobId=message["JobId"], MaxResults=_PAGE, **following)
            labels += answer["Labels"]
            if not answer.get("NextToken"):
                break
            following = {"NextToken": answer["NextToken"]}
        video = message["Video"]
        result = {
            "id": identifier,
            "created_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "source": {"bucket": video["S3Bucket"], "key": video["S3ObjectName"]},
            "video": answer.get("VideoMetadata", {}),
            "labels": labels,
            "models": {"LabelModelVersion": answer.get("LabelModelVersion", "")},
        }
        key = f"videos/{identifier}/result.json"
        body = orjson.dumps(result, option=orjson.OPT_INDENT_2)
        with contextlib.suppress(FileExistsError):  # topics deliver at least once
            services.objects.put(services.archive.bucket, key, body, create=True)
        services.log.emit("stored", request_id=request_id, analysis_id=identifier, key=key, labels=len(labels))
        return key
