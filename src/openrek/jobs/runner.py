"""Everything of jobs that runs in one process: the worker, the outbox, and the removal of expired results."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from openrek.cloudwatch import Log
from openrek.jobs.outbox import Outbox, OutboxSettings
from openrek.jobs.video_job import VideoJob
from openrek.jobs.worker import JobWorker
from openrek.jobs.workflow import Workflows
from openrek.periodic_tasks import PeriodicTasks
from openrek.rekognition import Services
from openrek.rekognition.operations.videos.start import SHAPE

_SWEEP_SECONDS = 3600.0
_FIRST_SWEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How jobs run."""

    database_url: Callable[[], str]
    """Makes SQLAlchemy's URL of DBOS's own database, once there is a job."""
    concurrency: int
    """Jobs that run in this process at a time."""
    at_once: int
    """Frames of a video that are analyzed at a time."""
    outbox: OutboxSettings
    shape: int = SHAPE
    """Number of the workflow's shape."""


class JobRunner:
    """Runs jobs in threads of its own until it is closed."""

    def __init__(self, services: Services, settings: JobSettings, log: Log) -> None:
        self._steps = steps = VideoJob(
            services, settings.shape, log, settings.at_once, bool(settings.outbox.webhook_url)
        )
        self._outbox = Outbox(services.resources.notifications, settings.outbox, log)
        self._worker = JobWorker(
            services.resources,
            steps,
            lambda: Workflows(steps, settings.shape, settings.database_url(), settings.concurrency),
            log,
            settings.shape,
        )
        ending = threading.Event()
        self._sweep = PeriodicTasks(
            [partial(steps.remove_expired, stopping=ending)],
            _SWEEP_SECONDS,
            first_seconds=_FIRST_SWEEP_SECONDS,
            failed=lambda error: log.emit(
                "failed", "Expired results could not be removed.", level="ERROR", cause=repr(error)[:500]
            ),
            stopping=ending,
        )

    def close(self) -> None:
        """Leaves the jobs under way to another worker, or to the next start."""
        self._worker.close()
        self._outbox.close()
        self._sweep.close()
