"""The workflow that analyzes a video, on DBOS: https://docs.dbos.dev/python/reference/contexts

Its steps keep what they find in the object store, under names that make a repeated step harmless; what DBOS keeps of
them is small.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from openrek.errors import OpenrekError, RequestError
from openrek.jobs.video_job import JobLostError

if TYPE_CHECKING:
    from dbos import WorkflowStatus

QUEUE = "videos"
INTERNAL = "The video could not be analyzed because of an internal error."
"""Message of a job that failed for no fault of its video; the log has the cause."""
_ATTEMPTS = 3
_POLL_SECONDS = 0.5
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Steps(Protocol):
    """The work on one job."""

    worker: str
    """Id of this process."""

    def begin(self, job: str) -> bool:
        """Make this process the one that runs the job. False if the job has ended."""

    def plan(self, job: str) -> int:
        """Cut the video into segments; how many there are."""

    def segment(self, job: str, index: int, count: int) -> None:
        """Analyze one of the segments."""

    def conclude(self, job: str) -> None:
        """Write the results and end the job."""

    def fail(self, job: str, message: str, cause: str | None = None) -> None:
        """End a job that cannot succeed."""


class Workflows:
    """DBOS in this process: starts, resumes and deletes workflows. There can be one of them in a process."""

    def __init__(self, steps: Steps, shape: int, database_url: str, concurrency: int) -> None:
        """Imports and launches DBOS, which creates its tables in the database.

        Args:
            steps: What the workflow does.
            shape: Number of the workflow's shape. Workers of different shapes leave each other's workflows alone.
            database_url: SQLAlchemy's URL of the database of DBOS's tables, on PostgreSQL in the schema "dbos".
            concurrency: Jobs that run in this process at a time.
        """
        from dbos import DBOS

        # Its messages of every start and stop are of no use to an operator; errors are logged by the steps.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        self._dbos = DBOS
        self.version = str(shape)
        DBOS(
            config={
                "name": "openrek",
                "system_database_url": database_url,
                "application_version": self.version,
                "executor_id": steps.worker,
                "log_level": "CRITICAL",
            }
        )
        self._analyze = _workflow(DBOS, steps)
        try:
            DBOS.launch()
            DBOS.register_queue(QUEUE, worker_concurrency=concurrency, polling_interval_sec=_POLL_SECONDS)
        except BaseException:
            self.close()  # so that it can be tried again
            raise

    def status(self, job: str) -> "WorkflowStatus | None":
        """State of a job's workflow; None if it has none."""
        return self._dbos.get_workflow_status(job)

    def start(self, job: str) -> None:
        """Enqueue the workflow of a job; one that exists already is left as it is."""
        from dbos import SetWorkflowID

        with SetWorkflowID(job):
            self._dbos.enqueue_workflow(QUEUE, self._analyze, job)

    def resume(self, job: str) -> None:
        """Enqueue a workflow that its process left behind; it goes on at the step that was not finished."""
        self._dbos.resume_workflow(job, queue_name=QUEUE)

    def delete(self, *jobs: str) -> None:
        """Remove all traces of workflows."""
        self._dbos.delete_workflows(list(jobs))

    def ended(self, limit: int = 100) -> list[str]:
        """Jobs of at most `limit` workflows that have ended."""
        found = self._dbos.list_workflows(status=list(_ENDED), limit=limit, load_input=False, load_output=False)
        return [workflow.workflow_id for workflow in found]

    def close(self) -> None:
        """Stops. A workflow under way goes on elsewhere, or after the next start, at the step that was not finished."""
        self._dbos.destroy(destroy_registry=True)


def _workflow(dbos: Any, steps: Steps) -> Callable[[str], None]:
    def retried(name: str) -> Any:
        return dbos.step(name=name, retries_allowed=True, max_attempts=_ATTEMPTS, should_retry=_is_transient)

    def plan(job: str) -> int:
        return steps.plan(job)

    def segment(job: str, index: int, count: int) -> None:
        steps.segment(job, index, count)

    def conclude(job: str) -> None:
        steps.conclude(job)

    def fail(job: str, message: str, cause: str | None) -> None:
        steps.fail(job, message, cause)

    plan_step, segment_step = retried("plan")(plan), retried("segment")(segment)
    conclude_step, fail_step = retried("conclude")(conclude), retried("fail")(fail)

    def analyze_video(job: str) -> None:
        if not steps.begin(job):  # no step: it must run in every process that runs the workflow
            return
        try:
            count = plan_step(job)
            for index in range(count):
                segment_step(job, index, count)
            conclude_step(job)
        except JobLostError:
            return
        except OpenrekError as error:
            fail_step(job, error.message, None)
        except Exception as error:
            # After the last attempt DBOS raises an error of its own around those of the attempts.
            cause = (getattr(error, "errors", None) or [error])[-1]
            fail_step(job, INTERNAL, repr(cause)[:500])

    workflow: Callable[[str], None] = dbos.workflow(name="analyze_video")(analyze_video)
    return workflow


def _is_transient(error: BaseException) -> bool:
    """Whether the same step may succeed when it is tried again: not for bad data, and not for a job that is gone."""
    return not isinstance(error, RequestError | JobLostError)
