"""The work on the analysis of one video: the steps of its workflow, without anything of DBOS."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import orjson

from openrek import cancellation
from openrek.cancellation import Cancellation
from openrek.cloudwatch import Log
from openrek.errors import ObjectNotReadableError, RequestCancelledError, VideoFormatError
from openrek.jobs.announcement import announcements
from openrek.jobs.findings import Findings, analysis_for, samples_of
from openrek.rekognition import Services
from openrek.rekognition.operations.videos.kinds import BY_TIME, KINDS, Kind
from openrek.rekognition.operations.videos.results import job_prefix, write_results
from openrek.rekognition.operations.videos.segments import black_frame_rule
from openrek.rekognition.operations.videos.stored_video import StoredVideo
from openrek.state import Job
from openrek.video import Segment, Trace, Video, VideoProbe

_CLOSE_SECONDS = 5.0
_CHECK_SECONDS = 0.5


class JobLostError(Exception):
    """The job has ended, was cancelled, or is run by another worker."""


class WorkerStoppingError(BaseException):
    """This process ends. No error of the job: DBOS must not keep it, so that another worker goes on at this step."""


class VideoJob:
    """The steps of the workflow: see `openrek.jobs.workflow.Steps`. Each may be repeated."""

    def __init__(self, services: Services, shape: int, log: Log, at_once: int = 2, webhook: bool = False) -> None:
        """
        Args:
            services: The engine, the objects and the jobs.
            shape: Number of the workflow's shape.
            log: For the beginning and end of each job.
            at_once: Frames of a video that are analyzed at a time.
            webhook: Whether ends are sent to the webhook, too.
        """
        self._services = services
        self._jobs = services.resources.jobs
        self.worker = str(uuid.uuid4())
        """Id of this process."""
        self._shape = shape
        self._log = log
        self._at_once = at_once
        self._webhook = webhook
        self._stopping = Cancellation()
        self._steps = threading.Condition()
        self._under_way = 0

    def close(self) -> None:
        """Ends the steps under way, so that another worker can repeat them."""
        self._stopping.cancel()
        with self._steps:
            self._steps.wait_for(lambda: not self._under_way, _CLOSE_SECONDS)

    def begin(self, job: str) -> bool:
        """See Steps.begin."""
        found = self._jobs.assign(job, self.worker, self._shape)
        if found is not None:
            rates = {kind.name: kind.per_second for kind in _kinds(found) if kind.look is not None}
            self._log.emit("analyzing", job=job, frames_per_second=rates, **_of_video(found))
        return found is not None

    def plan(self, job: str) -> int:
        """See Steps.plan."""
        with self._step(), self._opened(job) as (_, video):
            segments = video.segments()
            plan = [[segment.index, segment.start_pts, segment.end_pts] for segment in segments]
        self._put(job, "plan.json", plan)
        return len(plan)

    def segment(self, job: str, index: int, count: int) -> None:
        """See Steps.segment."""
        with self._step(), self._opened(job) as (found, video):
            segment, kinds = Segment(*self._get(job, "plan.json")[index]), _kinds(found)
            analysis = analysis_for(
                kinds, dict(found.request), self._services, black_frame_rule(dict(found.request)), self._at_once
            )
            findings = Findings.of(analysis.segment(video, segment, self._checking(job)), kinds)
            self._put(job, _segment_name(self._shape, index), findings.as_dict())
        self._jobs.progress(job, min(99, 100 * (index + 1) // (count + 1)))

    def conclude(self, job: str) -> None:
        """See Steps.conclude."""
        with self._step(), self._opened(job) as (found, video):
            segments = len(self._get(job, "plan.json"))

            def parts() -> Iterator[Findings]:
                for index in range(segments):
                    cancellation.check()
                    yield Findings.from_dict(self._get(job, _segment_name(self._shape, index)))

            outcome = self._outcome(found, video.probe, parts)
        if not self._jobs.finish(job, "SUCCEEDED", None, outcome, announcements(found, True, self._webhook)):
            raise JobLostError
        self._log.emit("analyzed", job=job, results=outcome["counts"], **_of_video(found))
        self._discard(job)

    def fail(self, job: str, message: str, cause: str | None = None) -> None:
        """See Steps.fail."""
        found = self._jobs.get(job)
        if not self._jobs.finish(job, "FAILED", message, None, announcements(found, False, self._webhook)):
            return
        reason = {} if cause is None else {"cause": cause}
        self._log.emit("failed", message, level="ERROR", job=job, **_of_video(found), **reason)
        self._discard(job)

    def remove_expired(self, now_ms: int | None = None, stopping: threading.Event | None = None) -> int:
        """Remove jobs that ended more than 7 days ago, with their results. Returns how many."""
        removed = 0
        while expired := self._jobs.expired(now_ms=now_ms):
            for job in expired:
                if stopping is not None and stopping.is_set():
                    return removed
                objects, bucket = self._services.objects, self._services.bucket
                objects.delete(bucket, [*objects.keys(bucket, job_prefix(job.id)), *_kept_video(job)])
                self._jobs.remove(job.id)
                removed += 1
        return removed

    def _outcome(self, job: Job, probe: VideoProbe, parts: Callable[[], Iterator[Findings]]) -> dict[str, Any]:
        services, request = self._services, dict(job.request)
        trace = Trace.joined(part.trace for part in parts())
        metadata: dict[str, Any] = {}
        counts: dict[str, dict[str, int]] = {}
        starts: dict[str, list[int]] = {}
        for kind in _kinds(job):
            samples = partial(samples_of, kind=kind.name)
            counts[kind.name], starts[kind.name] = {}, []
            for sort, joined in kind.orders:
                items = (
                    kind.of_trace(trace, probe, request)
                    if kind.of_trace is not None
                    else kind.listed((sort, joined), samples(parts()), request, services, trace)
                )
                place = (services.objects, services.bucket, job.id, kind.name, (sort, joined))
                written = write_results(*place, items)
                counts[kind.name]["joined" if joined else "single"] = written.count
                if (sort, joined) == (BY_TIME, False) and kind.of_trace is None:
                    starts[kind.name] = written.starts
            metadata[kind.name] = kind.metadata(probe, trace, request, services.engine)
        return {"counts": counts, "metadata": metadata, "starts": starts}

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self._steps:
            self._under_way += 1
        try:
            with cancellation.use(self._stopping):
                yield
        except RequestCancelledError:
            if self._stopping.cancelled:
                raise WorkerStoppingError from None
            raise
        finally:
            with self._steps:
                self._under_way -= 1
                self._steps.notify_all()

    @contextmanager
    def _opened(self, identifier: str) -> Iterator[tuple[Job, Video]]:
        """The job and its open video.

        Raises:
            JobLostError: See there.
            VideoFormatError: The object is not the one that the job was started for.
        """
        job = self._jobs.get(identifier)
        if not job.is_running or job.worker != self.worker:
            raise JobLostError
        place = StoredVideo.of(job.request["Video"])
        try:
            etag, size_bytes = place.etag(self._services.objects)
        except ObjectNotReadableError as error:
            raise VideoFormatError(f"The video was removed while it was analyzed. {error.message}") from None
        if etag != job.etag:
            raise VideoFormatError("The video was replaced while it was analyzed. Start a new job.")
        with place.open(self._services.objects, size_bytes) as video:
            yield job, video

    def _checking(self, job: str) -> Callable[[int], None]:
        """Called with each frame: raises JobLostError soon after the job is lost."""
        checked = time.monotonic()

        def check(_: int) -> None:
            nonlocal checked
            if time.monotonic() >= checked + _CHECK_SECONDS:
                checked = time.monotonic()
                if not self._jobs.is_held(job, self.worker):
                    raise JobLostError

        return check

    def _put(self, job: str, name: str, content: Any) -> None:
        self._services.objects.put(self._services.bucket, f"{job_prefix(job)}{name}", orjson.dumps(content))

    def _get(self, job: str, name: str) -> Any:
        return orjson.loads(self._services.objects.get(self._services.bucket, f"{job_prefix(job)}{name}").data)

    def _discard(self, job: str) -> None:
        """Remove what only the steps needed."""
        objects, bucket, prefix = self._services.objects, self._services.bucket, job_prefix(job)
        keys = [key for key in objects.keys(bucket, prefix) if not key.startswith(f"{prefix}results/")]
        objects.delete(bucket, keys)


def _kinds(job: Job) -> list[Kind]:
    """What the job looks for: one kind, or several in one pass."""
    return [KINDS[name] for name in job.request.get("Kinds", (job.kind,))]


def _kept_video(job: Job) -> list[str]:
    """Key of a video that was sent to the REST API, which goes with its job."""
    return [job.request["Video"]["S3Object"]["Name"]] if job.request.get("IsKept") else []


def _segment_name(shape: int, index: int) -> str:
    return f"segments/{shape}/{index:06}.json"


def _of_video(job: Job) -> Mapping[str, str]:
    video = job.request["Video"]["S3Object"]
    return {"kind": job.kind, "bucket": video["Bucket"], "key": video["Name"]}
