"""The worker: looks after all jobs in progress, and runs some of them."""

import threading
import time
from collections.abc import Callable

from openrek.cloudwatch import Log
from openrek.jobs.video_job import VideoJob
from openrek.jobs.workflow import INTERNAL, Workflows
from openrek.periodic_tasks import PeriodicTasks
from openrek.state import Job, Repositories, Worker

_POLL_SECONDS = 0.5
_BEAT_SECONDS = 5.0
_ATTEND_SECONDS = 10.0

Open = Callable[[], Workflows]
"""Launches DBOS."""


class JobWorker:
    """Starts new jobs, takes over those of dead workers, and cleans up behind those that have ended.

    Every worker looks at all jobs. The work is done by whichever worker takes a job's workflow from DBOS's queue.

    Args:
        resources: Jobs and workers.
        steps: What the workflows of this process do.
        open_workflows: Called once, when there is a first job.
        log: For what an operator should know.
        shape: Number of the workflow's shape.
    """

    def __init__(self, resources: Repositories, steps: VideoJob, open_workflows: Open, log: Log, shape: int) -> None:
        self.id = steps.worker
        self._resources = resources
        self._steps = steps
        self._open = open_workflows
        self._log = log
        self._shape = shape
        self._workflows: Workflows | None = None
        self._beaten = 0.0
        self._end = threading.Event()
        self._rounds = PeriodicTasks([self._round], _POLL_SECONDS, failed=self._round_failed, stopping=self._end)

    def close(self) -> None:
        """Leaves the jobs under way to another worker, or to the next start."""
        self._rounds.close()
        self._steps.close()
        if self._workflows is not None:
            self._workflows.close()
            self._resources.workers.leave(self.id)

    def _round_failed(self, error: Exception) -> None:
        self._log.emit("failed", "Jobs could not be looked after.", level="ERROR", cause=repr(error)[:500])
        self._end.wait(_BEAT_SECONDS)

    def _round(self) -> None:
        running = self._resources.jobs.running()
        if self._workflows is None:
            if not running:
                return
            self._beat()
            self._workflows = self._open()
        if time.monotonic() >= self._beaten + _BEAT_SECONDS:
            self._beat()
        alive = self._resources.workers.alive() if running else {}
        for job in running:
            if self._end.is_set():
                return
            self._look_after(job, self._workflows, alive)
        if ended := self._workflows.ended():
            self._workflows.delete(*ended)

    def _beat(self) -> None:
        self._resources.workers.beat(self.id, self._shape)
        self._beaten = time.monotonic()

    def _look_after(self, job: Job, workflows: Workflows, alive: dict[str, Worker]) -> None:
        if job.shape > self._shape:
            return  # a newer release began it, and goes on with it
        found = workflows.status(job.id)
        if found is None:
            workflows.start(job.id)
            return
        is_run = found.status == "PENDING" and found.executor_id in alive
        is_old = found.app_version not in (None, workflows.version)
        if is_run or (found.status == "ENQUEUED" and not is_old):
            return
        if not self._resources.jobs.attend(job.id, _ATTEND_SECONDS):
            return  # another worker just did
        if is_old and found.status in ("PENDING", "ENQUEUED"):
            # Its steps may be others. What they found lies under the number of their shape, and nothing of it is used.
            self._log.emit("restarted", "A job that another release began is begun anew.", job=job.id)
            workflows.delete(job.id)
            workflows.start(job.id)
        elif found.status == "PENDING":
            self._log.emit(
                "resumed", "A job goes on that its worker left behind.", job=job.id, worker=found.executor_id
            )
            workflows.resume(job.id)
        else:  # it ended, and the job did not
            self._steps.fail(job.id, INTERNAL, f"the workflow is {found.status}")
