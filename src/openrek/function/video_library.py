"""Videos that were sent to the REST API: kept in the system's bucket, each analyzed in one job for several analyses."""

import re
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from openrek.errors import InvalidParameterError
from openrek.function.box_interpolation import BoxedLook, NamedBox, boxes_at
from openrek.ids import new_identifier
from openrek.rekognition import Services
from openrek.rekognition.operations.videos.kinds import BY_TIME, KINDS
from openrek.rekognition.operations.videos.results import PIECE, job_prefix, read_results
from openrek.rekognition.operations.videos.start import SHAPE, check_installed
from openrek.rekognition.operations.videos.stored_video import StoredVideo

if TYPE_CHECKING:
    from openrek.state import Job

VIDEO = "Video"
"""Kind of the jobs: several analyses of one video at once."""
ANALYSES: Mapping[str, str] = {
    "labels": "LabelDetection",
    "faces": "FaceDetection",
    "text": "TextDetection",
    "moderation": "ContentModeration",
    "segments": "SegmentDetection",
    "celebrities": "CelebrityRecognition",
    "people": "PersonTracking",
}
"""Kinds of analysis by their names in the REST API."""
DEFAULT_ANALYSES = ("labels", "faces", "text", "moderation", "segments")
MAX_TIMES = 2000
_CHUNK_BYTES = 1 << 20
_STATES = {"IN_PROGRESS": "in_progress", "SUCCEEDED": "succeeded", "FAILED": "failed", "CANCELLED": "cancelled"}
_BEFORE = re.compile("([0-9]{1,15})-([0-9a-f]{64}|)")
_NEWEST = "999999999999999-"
_CANCELLED = "The analysis was cancelled."
_OPTIONS = {"SegmentTypes": ["SHOT", "TECHNICAL_CUE"]}


class VideoLibrary:
    """Videos by the id of their job. Everything in it goes 7 days after the job has ended.

    Args:
        services: What operations use, for the owner.
        folder: Where a video lies while it arrives.
    """

    def __init__(self, services: Services, folder: Path) -> None:
        self._services = services
        self._folder = folder

    def spool(self) -> IO[bytes]:
        """An empty file without a name, for a video that arrives; gone when it is closed."""
        return tempfile.TemporaryFile(dir=self._folder)

    def create(self, file: IO[bytes], analyses: Sequence[str]) -> dict[str, Any]:
        """Keep a video and begin its analysis.

        Args:
            file: The video.
            analyses: Names of `ANALYSES`; the default ones if empty.

        Returns:
            Its state, see `read`.

        Raises:
            InvalidParameterError: An unknown analysis.
            VideoFormatError, VideoTooLargeError: The file cannot be analyzed.
            JobLimitError: Too many jobs are in progress.
        """
        names = self._checked(analyses)
        check_installed({})
        key = f"videos/{new_identifier()}/original.mp4"
        objects, bucket = self._services.objects, self._services.bucket
        file.seek(0)
        objects.put_stream(bucket, key, iter(lambda: file.read(_CHUNK_BYTES), b""))
        try:
            return self._begin(StoredVideo(bucket, key, None), names, is_kept=True)
        except BaseException:
            objects.delete(bucket, [key])
            raise

    def create_from(self, bucket: str, key: str, analyses: Sequence[str]) -> dict[str, Any]:
        """Begin the analysis of an object, which stays where it is. Raises as `create`, and if there is no object."""
        names = self._checked(analyses)
        check_installed({})
        return self._begin(StoredVideo(bucket, key, None), names, is_kept=False)

    def page(self, limit: int, before: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Videos, newest first, behind the page whose `next` is given; and the `next` of this page.

        Raises:
            InvalidParameterError: No page ends there.
        """
        found = _BEFORE.fullmatch(before or _NEWEST)
        if found is None:
            raise InvalidParameterError(f"before is {before!r:.40}; it must be the `next` of the page before.")
        jobs = self._services.resources.jobs.page(VIDEO, (int(found[1]), found[2]), limit + 1)
        shown = jobs[:limit]
        following = f"{shown[-1].created_ms}-{shown[-1].id}" if len(jobs) > limit else None
        return [self._state(job) for job in shown], following

    def read(self, identifier: str) -> dict[str, Any]:
        """State of a video.

        Raises:
            ResourceNotFoundError: Unknown, or expired.
        """
        return self._state(self._job(identifier))

    def place(self, identifier: str) -> tuple[str, str]:
        """Bucket and key of a video. Raises as `read`."""
        video = StoredVideo.of(self._job(identifier).request["Video"])
        return video.bucket, video.key

    def findings(self, identifier: str, analysis: str, start_ms: int, end_ms: int, step_ms: int) -> dict[str, Any]:
        """What an analysis found in a window of time, and where its boxes are at any moment.

        Args:
            identifier: Of the video.
            analysis: One of `ANALYSES`.
            start_ms: Begin of the window.
            end_ms: End of the window, not included.
            step_ms: Distance of the moments at which boxes are given; 0 for none.

        Raises:
            ResourceNotFoundError: Unknown, or expired.
            InvalidParameterError: Not an analysis of this video, not succeeded yet, or more than 2000 moments.
        """
        job = self._job(identifier)
        if analysis not in ANALYSES or ANALYSES[analysis] not in job.request["Kinds"]:
            raise InvalidParameterError(f"{analysis[:80]!r} was not requested for this video.")
        if job.outcome is None:
            raise InvalidParameterError("The analysis has not succeeded yet; there are no findings.")
        if step_ms and (end_ms - start_ms) / step_ms > MAX_TIMES:
            raise InvalidParameterError(
                f"The window has more than {MAX_TIMES} steps. Use a shorter one or larger steps."
            )
        kind = KINDS[ANALYSES[analysis]]
        interval_ms = 1000 / kind.per_second if kind.per_second else 0.0
        around = list(self._items(job, kind.name, start_ms - 2 * interval_ms, end_ms + 2 * interval_ms))
        inside = [item for item in around if start_ms <= _time_of(item) < end_ms or _covers(item, start_ms, end_ms)]
        found: dict[str, Any] = {"analysis": analysis, "findings": inside}
        if step_ms:
            times = range(start_ms, end_ms, step_ms)
            boxes = boxes_at(_looks(around), times, interval_ms) if interval_ms else ((time, []) for time in times)
            found["boxes"] = [{"ms": time, "boxes": [box.as_dict() for box in shown]} for time, shown in boxes]
        return found

    def cancel(self, identifier: str) -> dict[str, Any]:
        """End the analysis of a video; one that has ended stays as it is. Returns its state."""
        self._job(identifier)
        self._services.resources.jobs.finish(identifier, "CANCELLED", _CANCELLED)
        return self.read(identifier)

    def delete(self, identifier: str) -> None:
        """Remove a video, if it was sent here, with its job and results. Raises as `read`."""
        job = self._job(identifier)
        jobs, objects, bucket = self._services.resources.jobs, self._services.objects, self._services.bucket
        jobs.finish(identifier, "CANCELLED", _CANCELLED)
        kept = [StoredVideo.of(job.request["Video"]).key] if job.request.get("IsKept") else []
        objects.delete(bucket, [*objects.keys(bucket, job_prefix(identifier)), *kept])
        jobs.remove(identifier)

    def _begin(self, video: StoredVideo, kinds: list[str], *, is_kept: bool) -> dict[str, Any]:
        etag, size_bytes = video.etag(self._services.objects)
        video.open(self._services.objects, size_bytes).close()
        place = {"S3Object": {"Bucket": video.bucket, "Name": video.key}}
        request = {"Video": place, "Kinds": kinds, "IsKept": is_kept, **_OPTIONS}
        return self.read(self._services.resources.jobs.create(VIDEO, request, etag, SHAPE))

    def _job(self, identifier: str) -> "Job":
        return self._services.resources.jobs.get(identifier, VIDEO)

    def _checked(self, analyses: Sequence[str]) -> list[str]:
        unknown = [name for name in analyses if name not in ANALYSES]
        if unknown:
            raise InvalidParameterError(f"Unknown analysis {unknown[0][:80]!r}. Available: {', '.join(ANALYSES)}.")
        return [ANALYSES[name] for name in dict.fromkeys(analyses or DEFAULT_ANALYSES)]

    def _state(self, job: "Job") -> dict[str, Any]:
        names = [name for name, kind in ANALYSES.items() if kind in job.request["Kinds"]]
        outcome = job.outcome or {}
        counts = {name: outcome["counts"][ANALYSES[name]]["single"] for name in names} if outcome else {}
        return {
            "id": job.id,
            "state": _STATES[job.status],
            "percent": job.percent,
            "message": job.message,
            "created_at": _moment(job.created_ms),
            "finished_at": None if job.finished_ms is None else _moment(job.finished_ms),
            "analyses": names,
            "findings": counts,
            "video": _metadata(outcome),
            "content_url": f"/v1/videos/{job.id}/content",
        }

    def _items(self, job: "Job", kind: str, start_ms: float, end_ms: float) -> Iterator[dict[str, Any]]:
        """Results from a time on: lists are in pieces, of which the times of the first results are known."""
        assert job.outcome is not None
        count: int = job.outcome["counts"][kind]["single"]
        times: list[int] = job.outcome["starts"].get(kind, [])
        position = PIECE * max(bisect_right(times, start_ms) - 1, 0)
        while position < count:
            services, size = self._services, min(PIECE, count - position)
            page = read_results(services.objects, services.bucket, job.id, kind, (BY_TIME, False), position, size)
            for item in page:
                if times and _time_of(item) > end_ms:
                    return
                if not times or _time_of(item) >= start_ms:
                    yield item
            position += size


def _metadata(outcome: Mapping[str, Any]) -> dict[str, Any] | None:
    for metadata in outcome.get("metadata", {}).values():
        found: Any = metadata["VideoMetadata"]
        return dict(found[0] if isinstance(found, list) else found)
    return None


def _time_of(item: Mapping[str, Any]) -> int:
    time: int = item.get("Timestamp", item.get("StartTimestampMillis", 0))
    return time


def _covers(item: Mapping[str, Any], start_ms: int, end_ms: int) -> bool:
    """Whether a segment reaches into the window."""
    return (
        "EndTimestampMillis" in item
        and item["StartTimestampMillis"] < end_ms
        and item["EndTimestampMillis"] >= start_ms
    )


def _looks(items: list[dict[str, Any]]) -> Iterator[BoxedLook]:
    boxes: dict[int, list[NamedBox]] = {}
    for item in items:
        boxes.setdefault(_time_of(item), []).extend(_boxes(item))
    for ms, found in boxes.items():
        yield BoxedLook(ms, tuple(found))


def _boxes(item: Mapping[str, Any]) -> Iterator[NamedBox]:
    if label := item.get("Label"):
        for instance in label["Instances"]:
            yield NamedBox(label["Name"], instance["Confidence"], instance["BoundingBox"])
    elif face := item.get("Face"):
        yield NamedBox("Face", face["Confidence"], face["BoundingBox"])
    elif (text := item.get("TextDetection")) and text["Type"] == "LINE":
        yield NamedBox(text["DetectedText"], text["Confidence"], text["Geometry"]["BoundingBox"])
    elif (person := item.get("Person")) and "BoundingBox" in person:
        yield NamedBox(f"Person {person['Index']}", 100.0, person["BoundingBox"])
    elif person := item.get("Celebrity"):
        yield NamedBox(person["Name"], person["Confidence"], person["BoundingBox"])


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
