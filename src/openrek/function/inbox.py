"""The inbox: objects put under `inbox/` of the bucket are analysed automatically.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from openrek.errors import ObjectNotFoundError
from openrek.function.pipeline import MAX_STORED_BYTES, run
from openrek.function.recognition import SourceImage
from openrek.function.services import FunctionServices
from openrek.function.videos import Videos
from openrek.ids import identifier_of
from openrek.web.api_error import ApiError, api_error_of
from openrek.web.lambda_event import Event

PREFIX = "inbox/"


class Inbox:
    """Analyses the objects of an S3 event."""

    def __init__(self, services: FunctionServices, videos: Videos) -> None:
        self._services = services
        self._videos = videos

    def take(self, event: Event, request_id: str) -> dict[str, Any]:
        """Analyses each object that the event names: its analysis's id by its key.

        What cannot be analysed is logged as refused and stays in the inbox. An event may come twice: the second finds
        the analysis there and does nothing. An object that is written twice makes two events: where the bucket keeps
        versions, each is about its own.

        Raises:
            Exception: something failed that may not fail again, as recognition being busy; S3 delivers once more.
        """
        taken: dict[str, str] = {}
        failure: Exception | None = None
        for record in event["Records"]:
            key = unquote_plus(record["s3"]["object"]["key"])
            if not record.get("eventName", "").startswith("ObjectCreated") or not key.startswith(PREFIX):
                continue
            if key.endswith("/"):  # a folder, as consoles make them
                continue
            identifier = _identifier(record, key)
            try:
                self._analyse(record, key, identifier, request_id)
                taken[key] = identifier
            except Exception as error:
                problem = api_error_of(error)
                self._reject(problem, error, key, identifier, request_id)
                if problem.status >= 500 or problem.status == 429:
                    failure = error
        if failure is not None:
            raise failure
        return {"analyses": taken}

    def _analyse(self, record: Mapping[str, Any], key: str, identifier: str, request_id: str) -> None:
        services = self._services
        bucket, stored = record["s3"]["bucket"]["name"], record["s3"]["object"]
        version: str | None = stored.get("versionId")
        if self._videos.is_one(key):
            self._videos.start(bucket, key, version, identifier, request_id)
            return
        if services.archive.has(identifier):
            self._repeated(bucket, key, version, stored.get("eTag"), identifier, request_id)
            return
        if stored.get("size", 0) > MAX_STORED_BYTES:
            message = f"{stored['size']:,} bytes; at most {MAX_STORED_BYTES:,} are read"
            raise ApiError(413, "ImageTooLargeException", message)
        etag: str | None = None
        try:
            found = services.objects.get(bucket, key, version, max_bytes=MAX_STORED_BYTES)
            etag = found.info.etag
            image = SourceImage(found.data, (bucket, key), None, identifier, {"bucket": bucket, "key": key}, version)
            run(services, image, request_id)
        except Exception:
            # Another delivery may have finished it, and removed the object, at any step of this one.
            if not services.archive.has(identifier):
                raise
            self._repeated(bucket, key, version, etag, identifier, request_id)
        else:
            self._remove(bucket, key, version, etag)

    def _repeated(
        self, bucket: str, key: str, version: str | None, etag: str | None, identifier: str, request_id: str
    ) -> None:
        self._services.log.emit("repeated", "analysed already", request_id=request_id, analysis_id=identifier)
        self._remove(bucket, key, version, etag)

    def _remove(self, bucket: str, key: str, version: str | None, etag: str | None) -> None:
        """Removes the object that was analysed. Without versions another one may be there by now, with its own event:
        it stays if its ETag is not `etag`."""
        objects = self._services.objects
        if version is not None:
            objects.delete_version(bucket, key, version)
            return
        with contextlib.suppress(ObjectNotFoundError):
            if objects.head(bucket, key).etag == etag:
                objects.delete(bucket, [key])

    def _reject(self, problem: ApiError, error: Exception, key: str, identifier: str, request_id: str) -> None:
        self._services.log.emit(
            "refused" if problem.status < 500 else "failed",
            problem.message,
            level="WARNING" if problem.status < 500 else "ERROR",
            request_id=request_id,
            analysis_id=identifier,
            key=key[:200],
            code=problem.code,
            **({"cause": repr(error)[:500]} if problem.status >= 500 else {}),
        )


def _identifier(record: Mapping[str, Any], key: str) -> str:
    """The same for the same put, however often S3 delivers its event."""
    stored = record["s3"]["object"]
    moment = datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
    which = stored.get("sequencer") or stored.get("versionId") or stored.get("eTag") or ""
    return identifier_of(moment, record["s3"]["bucket"]["name"], key, which)
