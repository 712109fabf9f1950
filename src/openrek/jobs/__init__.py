"""Work that outlives its request: the analysis of videos, run by workers as DBOS workflows; notifications of their ends.

DBOS is imported when a process runs its first job, never by a process that runs none. See docs/design/jobs.md.
"""

from openrek.jobs.outbox import Outbox, OutboxSettings
from openrek.jobs.video_job import VideoJob
from openrek.jobs.worker import JobWorker

__all__ = ["JobWorker", "Outbox", "OutboxSettings", "VideoJob"]
