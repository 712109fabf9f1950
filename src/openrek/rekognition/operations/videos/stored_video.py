"""The `Video` member of a request: an object of the store, read by range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openrek.errors import AccessDeniedError, InvalidParameterError, ObjectNotReadableError, VideoTooLargeError
from openrek.rekognition.services import Services
from openrek.s3 import ObjectStore, object_arn
from openrek.video import RangeReader, Video, VideoLimits

_LIMITS = VideoLimits()


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A video in a bucket."""

    bucket: str
    key: str
    version: str | None

    @classmethod
    def of(cls, video: Mapping[str, Any]) -> "StoredVideo":
        """That of a request's member `Video`.

        Raises:
            InvalidParameterError: The object is not fully named.
        """
        place = video.get("S3Object") or {}
        if not place.get("Bucket") or not place.get("Name"):
            raise InvalidParameterError("Video.S3Object must have Bucket and Name.")
        return cls(place["Bucket"], place["Name"], place.get("Version"))

    def check_permission(self, services: Services) -> None:
        """Returns if the caller may read the object.

        Raises:
            ObjectNotReadableError: The caller may not.
        """
        action = "s3:GetObjectVersion" if self.version else "s3:GetObject"
        try:
            services.caller.require(action, object_arn(self.bucket, self.key), services.context)
        except AccessDeniedError as error:
            raise ObjectNotReadableError(f"The video may not be read: {error.message}") from None

    def etag(self, objects: ObjectStore) -> tuple[str, int]:
        """ETag and bytes of the object.

        Raises:
            ObjectNotReadableError: There is no such object.
        """
        if self.version is None:
            info = objects.head(self.bucket, self.key)
        else:
            stream = objects.open(self.bucket, self.key, self.version)
            info = stream.info
            stream.close()
        return info.etag, info.size_bytes

    def open(self, objects: ObjectStore, size_bytes: int) -> Video:
        """The open video.

        Raises:
            VideoFormatError: Not a video that is read, or damaged.
            VideoTooLargeError: More bytes, hours or pixels than allowed.
            OperationNotSupportedError: PyAV is not installed.
            ObjectNotReadableError: The object cannot be read any more.
        """
        if size_bytes > _LIMITS.max_bytes:
            raise VideoTooLargeError(f"Video has {size_bytes:,} bytes; at most {_LIMITS.max_bytes:,} are allowed.")
        return Video(RangeReader(lambda start, end: self._range(objects, start, end), size_bytes))

    def _range(self, objects: ObjectStore, start: int, end: int) -> bytes:
        if self.version is None:
            return objects.get_range(self.bucket, self.key, start, end)
        return b"".join(objects.open(self.bucket, self.key, self.version, start=start, end=end).chunks)
