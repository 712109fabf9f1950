"""Work that outlives its request: videos are analyzed by workers, as DBOS workflows, and their ends are announced.

DBOS is imported when a process runs its first job, never by a process that runs none. See docs/design/jobs.md.
"""

from openrek.jobs.outbox import OutboxSettings
from openrek.jobs.runner import JobRunner, JobSettings

__all__ = ["JobRunner", "JobSettings", "OutboxSettings"]
