"""Images too large for a request: the caller puts them into the bucket and then names them."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from openrek.errors import ObjectNotReadableError
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.recognition import SourceImage
from openrek.function.services import FunctionServices
from openrek.ids import is_identifier, new_identifier
from openrek.s3.listing import pages
from openrek.web.api_error import ApiError, api_error_of
from openrek.web.lambda_event import Event, body_of
from openrek.web.uploaded_image import too_large

PREFIX = "uploads/"
_ABANDONED_AFTER = timedelta(days=1)


class Uploads:
    """`uploads/<name>` in the bucket of the analyses."""

    def __init__(self, services: FunctionServices) -> None:
        self._services = services

    def offer(self, origin: str) -> dict[str, Any]:
        """A place to put one image: send its bytes with `method` to `url`, then POST its `key` to /v1/analyses."""
        services = self._services
        key = PREFIX + new_identifier()
        url = services.offer(origin, services.archive.bucket, key)
        expires = datetime.now(UTC) + timedelta(seconds=services.link_seconds)
        return {
            "key": key,
            "method": "PUT",
            "url": url,
            "headers": {},
            "expires_at": expires.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "max_bytes": MAX_STORED_BYTES,
        }

    @contextmanager
    def taken(self, event: Event) -> Iterator[SourceImage]:
        """The image that a request names. It is removed once it was analysed, and if it never can be.

        Raises:
            Problem: 400 for a body that is not {"key": …}, 404 where nothing was put there, 413 for too much.
        """
        key = self._key(event)
        try:
            yield self._image(key)
        except Exception as error:
            problem = api_error_of(error)
            # Uploads are kept only after errors that a second attempt may not meet.
            if problem.status < 500 and problem.status not in (403, 404, 429):
                with contextlib.suppress(Exception):
                    self._remove(key)
            raise
        self._remove(key)

    def _key(self, event: Event) -> str:
        try:
            key = orjson.loads(body_of(event))["key"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ApiError(400, "InvalidParameterException", 'send {"key": "uploads/…"}, or the image itself') from None
        if not isinstance(key, str) or not key.startswith(PREFIX) or not is_identifier(key.removeprefix(PREFIX)):
            raise ApiError(400, "InvalidParameterException", "key must be one that POST /v1/uploads answered")
        return key

    def _image(self, key: str) -> SourceImage:
        objects, bucket = self._services.objects, self._services.archive.bucket
        try:
            size = objects.head(bucket, key).size_bytes
            if size > MAX_STORED_BYTES:
                raise too_large(size, MAX_STORED_BYTES)
            data = objects.get(bucket, key, max_bytes=MAX_STORED_BYTES).data
        except ObjectNotReadableError:
            raise ApiError(404, "NotFound", f"nothing was put at {key}; PUT the image to its url first") from None
        return SourceImage(data, (bucket, key))

    def _remove(self, key: str) -> None:
        self._services.objects.delete(self._services.archive.bucket, [key])

    def sweep(self, stopping: threading.Event | None = None) -> int:
        """Removes uploads that were not used within a day. On AWS the bucket's own rules do it.

        Args:
            stopping: Ends the sweep early once it is set.

        Returns:
            The number of uploads removed.
        """
        objects, bucket = self._services.objects, self._services.archive.bucket
        horizon = datetime.now(UTC) - _ABANDONED_AFTER
        removed = 0
        for page in pages(objects, bucket, PREFIX):
            old = [info.key for info in page.objects if info.modified_at < horizon]
            objects.delete(bucket, old)
            removed += len(old)
            if stopping is not None and stopping.is_set():
                break
        return removed
