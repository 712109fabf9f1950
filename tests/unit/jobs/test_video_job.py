"""Removal of what has expired, and messages of ends."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrek.cloudwatch import Log
from openrek.compose import System, compose
from openrek.config import Settings
from openrek.jobs.announcement import announcements
from openrek.jobs.video_job import VideoJob
from openrek.rekognition import Services
from openrek.s3 import MemoryObjectStore

DAY_MS = 24 * 3600 * 1000
REQUEST: dict[str, Any] = {"Video": {"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}}}
CHANNEL = {"SNSTopicArn": "arn:aws:sns:us-east-1:000000000000:topic", "RoleArn": "arn:aws:iam::000000000000:role/r"}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with compose(Settings(tmp_path)) as system:
        yield system


@pytest.fixture
def objects() -> MemoryObjectStore:
    return MemoryObjectStore()


@pytest.fixture
def steps(system: System, objects: MemoryObjectStore) -> VideoJob:
    engine: Any = None
    return VideoJob(Services(engine, objects, system.repositories), 1, Log())


def keys(objects: MemoryObjectStore) -> list[str]:
    return objects.keys("openrek", "")


def test_results_are_removed_seven_days_after_the_end_and_sent_videos_with_them(
    steps: VideoJob, system: System, objects: MemoryObjectStore
) -> None:
    jobs, now = system.repositories.jobs, time.time_ns() // 1_000_000
    sent = {"Video": {"S3Object": {"Bucket": "openrek", "Name": "videos/x/original.mp4"}}, "IsKept": True}
    mine = jobs.create("LabelDetection", REQUEST, "etag", 1)
    posted = jobs.create("Video", {**sent, "Kinds": ["LabelDetection"]}, "etag", 1)
    running = jobs.create("LabelDetection", REQUEST, "etag", 1)
    for job in (mine, posted, running):
        objects.put("openrek", f"jobs/{job}/results/LabelDetection/timestamp/000000.json", b"[]")
    for key in ("v.mp4", "videos/x/original.mp4"):
        objects.put("openrek", key, b"video")
    for job in (mine, posted):
        jobs.finish(job, "SUCCEEDED", outcome={}, announced={"webhook": "{}"}, now_ms=now)
    assert steps.remove_expired(now_ms=now + 7 * DAY_MS - 1) == 0
    assert len(keys(objects)) == 5
    assert steps.remove_expired(now_ms=now + 7 * DAY_MS) == 2
    assert keys(objects) == [f"jobs/{running}/results/LabelDetection/timestamp/000000.json", "v.mp4"]
    assert [job.id for job in jobs.running()] == [running]
    assert system.repositories.notifications.take() is None


def test_a_step_of_another_workers_job_is_given_up(steps: VideoJob, system: System) -> None:
    from openrek.jobs.video_job import JobLostError

    jobs = system.repositories.jobs
    job = jobs.create("LabelDetection", REQUEST, "etag", 1)
    assert steps.begin(job)
    jobs.assign(job, "another", 1)
    with pytest.raises(JobLostError):
        steps.plan(job)


def test_a_video_that_is_gone_fails_with_the_reason(steps: VideoJob, system: System) -> None:
    from openrek.errors import VideoFormatError

    job = system.repositories.jobs.create("LabelDetection", REQUEST, "etag", 1)
    steps.begin(job)
    with pytest.raises(VideoFormatError, match="removed while it was analyzed"):
        steps.plan(job)


@pytest.mark.parametrize("succeeded", [True, False])
@pytest.mark.parametrize("tag", [None, "a tag"])
def test_the_message_is_amazons(system: System, succeeded: bool, tag: str | None) -> None:
    jobs = system.repositories.jobs
    request = REQUEST | {"NotificationChannel": CHANNEL} | ({} if tag is None else {"JobTag": tag})
    job = jobs.get(jobs.create("ContentModeration", request, "etag", 1))
    bodies = announcements(job, succeeded, webhook=True)
    assert set(bodies) == {f"sns:{CHANNEL['SNSTopicArn']}", "webhook"}
    message = json.loads(bodies["webhook"])
    assert bodies["webhook"] == bodies[f"sns:{CHANNEL['SNSTopicArn']}"]
    assert abs(message.pop("Timestamp") - time.time() * 1000) < 60_000
    assert message == {
        "JobId": job.id,
        "Status": "SUCCEEDED" if succeeded else "FAILED",
        "API": "StartContentModeration",
        **({} if tag is None else {"JobTag": tag}),
        "Video": {"S3ObjectName": "v.mp4", "S3Bucket": "openrek"},
    }


def test_without_a_channel_or_webhook_there_is_no_message(system: System) -> None:
    jobs = system.repositories.jobs
    job = jobs.get(jobs.create("ContentModeration", REQUEST, "etag", 1))
    assert announcements(job, True, webhook=False) == {}


def test_the_message_of_a_video_of_the_rest_api_names_its_route(system: System) -> None:
    jobs = system.repositories.jobs
    job = jobs.get(jobs.create("Video", REQUEST | {"Kinds": ["LabelDetection"]}, "etag", 1))
    assert json.loads(announcements(job, True, webhook=True)["webhook"])["API"] == "POST /v1/videos"
