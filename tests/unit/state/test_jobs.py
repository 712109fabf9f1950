"""Jobs: begun once, ended once, forgotten after a week; their workers and the outbox."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from openrek.compose import DATABASE_FILE, compose
from openrek.config import Settings
from openrek.db import notifications
from openrek.errors import JobLimitError, ResourceNotFoundError
from openrek.state import Repositories
from openrek.state.workers import this_machine

VIDEO = {"Video": {"S3Object": {"Bucket": "b", "Name": "v.mp4"}}}
DAY_MS = 24 * 3600 * 1000
NOW = 1_800_000_000_000


@pytest.fixture
def resources(state_settings: Settings) -> Iterator[Repositories]:
    with compose(state_settings) as system:
        yield system.repositories


def begun(resources: Repositories, **more: object) -> str:
    return resources.jobs.create("LabelDetection", VIDEO | more, "etag", 1)


def test_a_job_begins_in_progress_and_has_an_id_like_amazons(resources: Repositories) -> None:
    job = resources.jobs.get(begun(resources))
    assert len(job.id) == 64
    assert int(job.id, 16)
    assert (job.status, job.percent, job.request, job.worker) == ("IN_PROGRESS", 0, VIDEO, None)


def test_the_21st_job_at_a_time_is_refused(resources: Repositories) -> None:
    jobs = [begun(resources, JobTag=str(number)) for number in range(20)]
    with pytest.raises(JobLimitError, match="20 jobs are in progress"):
        begun(resources)
    resources.jobs.finish(jobs[3], "FAILED", "why not")
    begun(resources)


def test_a_job_ends_once_with_one_message_for_each_target(resources: Repositories) -> None:
    job = begun(resources)
    assert resources.jobs.finish(job, "SUCCEEDED", None, {"n": 1}, {"sns:arn": "first", "webhook": "first"})
    assert not resources.jobs.finish(job, "FAILED", "too late", None, {"sns:arn": "second"})
    found = resources.jobs.get(job)
    assert (found.status, found.message, found.outcome, found.percent) == ("SUCCEEDED", None, {"n": 1}, 100)
    messages = [resources.notifications.take(), resources.notifications.take()]
    assert {message.target: message.body for message in messages if message} == {"sns:arn": "first", "webhook": "first"}
    assert resources.notifications.take() is None


def test_progress_never_goes_back_and_ends_with_the_job(resources: Repositories) -> None:
    job = begun(resources)
    for percent in (10, 40, 20):
        resources.jobs.progress(job, percent)
    assert resources.jobs.get(job).percent == 40
    resources.jobs.finish(job, "FAILED", "broken")
    resources.jobs.progress(job, 90)
    assert resources.jobs.get(job).percent == 40


def test_only_a_job_in_progress_is_assigned(resources: Repositories) -> None:
    job = begun(resources)
    assigned = resources.jobs.assign(job, "worker-1", 2)
    assert assigned is not None
    assert (assigned.worker, assigned.shape) == ("worker-1", 2)
    assert resources.jobs.is_held(job, "worker-1")
    assert not resources.jobs.is_held(job, "worker-2")
    resources.jobs.finish(job, "CANCELLED")
    assert resources.jobs.assign(job, "worker-2", 2) is None
    assert not resources.jobs.is_held(job, "worker-1")


def test_one_worker_attends_to_a_job_at_a_time(resources: Repositories) -> None:
    job = begun(resources)
    assert resources.jobs.attend(job, 10, now_ms=NOW)
    assert not resources.jobs.attend(job, 10, now_ms=NOW + 10_000)
    assert resources.jobs.attend(job, 10, now_ms=NOW + 10_001)


def test_a_job_of_another_kind_or_an_unknown_one_is_not_found(resources: Repositories) -> None:
    job = begun(resources)
    assert resources.jobs.get(job, "LabelDetection").id == job
    for identifier, kind in ((job, "FaceDetection"), ("0" * 64, None)):
        with pytest.raises(ResourceNotFoundError):
            resources.jobs.get(identifier, kind)


def test_results_expire_seven_days_after_the_end(resources: Repositories) -> None:
    now = time.time_ns() // 1_000_000
    old, young, running = (begun(resources, JobTag=tag) for tag in ("old", "young", "running"))
    resources.jobs.finish(old, "SUCCEEDED", now_ms=now - 7 * DAY_MS - 1)
    resources.jobs.finish(young, "SUCCEEDED", now_ms=now - 7 * DAY_MS + 60_000)
    assert [job.id for job in resources.jobs.expired()] == [old]
    with pytest.raises(ResourceNotFoundError):
        resources.jobs.get(old)
    resources.jobs.remove(old)
    assert resources.jobs.expired() == []
    assert {resources.jobs.get(job).id for job in (young, running)} == {young, running}


def test_a_silent_worker_is_not_alive(resources: Repositories) -> None:
    workers = resources.workers
    workers.beat("a", 1, now_ms=NOW)
    workers.beat("b", 2, now_ms=NOW + 15_000)
    assert set(workers.alive(now_ms=NOW + 15_000)) == {"a", "b"}
    assert {worker.id: worker.shape for worker in workers.alive(now_ms=NOW + 20_001).values()} == {"b": 2}
    workers.leave("b")
    assert not workers.alive(now_ms=NOW + 20_001)


@pytest.mark.skipif(not this_machine(), reason="process ids are only compared on Linux")
def test_a_worker_whose_process_is_gone_is_not_alive(resources: Repositories, state_settings: Settings) -> None:
    beat = (
        "import sys; from openrek.db import *; from openrek.state import *; "
        "database = open_database(sys.argv[1]); Repositories(lambda: database).workers.beat('other', 1)"
    )
    location = state_settings.database or str(state_settings.data_dir / DATABASE_FILE)
    subprocess.run([sys.executable, "-c", beat, location], check=True, env=dict(os.environ))
    resources.workers.beat("this", 1)
    assert set(resources.workers.alive()) == {"this"}


def test_a_message_is_taken_by_one_worker_and_again_after_a_minute(resources: Repositories) -> None:
    resources.jobs.finish(begun(resources), "SUCCEEDED", announced={"webhook": "{}"}, now_ms=NOW)
    outbox = resources.notifications
    assert outbox.take(now_ms=NOW - 1) is None
    first = outbox.take(now_ms=NOW)
    assert first is not None
    assert first.attempts == 1
    assert outbox.take(now_ms=NOW + 59_999) is None
    again = outbox.take(now_ms=NOW + 60_000)
    assert again is not None
    assert again.attempts == 2


def test_a_message_that_did_not_arrive_is_postponed_and_given_up_after_a_week(resources: Repositories) -> None:
    resources.jobs.finish(begun(resources), "SUCCEEDED", announced={"webhook": "{}"}, now_ms=NOW)
    outbox, moment = resources.notifications, NOW
    waits = []
    while (message := outbox.take(now_ms=moment)) is not None:
        outbox.postpone(message, now_ms=moment)
        if (due := due_of_message(resources)) is None:
            break
        waits.append(due - moment)
        moment = due
    assert waits[:4] == [2000, 4000, 8000, 16_000]
    assert max(waits) == 3_600_000
    assert 7 * DAY_MS < moment - NOW <= 7 * DAY_MS + 3_600_000


def due_of_message(resources: Repositories) -> int | None:
    with resources._database.connect() as connection:
        return connection.execute(select(notifications.c.due_ms)).scalar()


def test_a_delivered_message_is_gone(resources: Repositories) -> None:
    resources.jobs.finish(begun(resources), "SUCCEEDED", announced={"webhook": "{}"}, now_ms=NOW)
    message = resources.notifications.take(now_ms=NOW)
    assert message is not None
    resources.notifications.delivered(message)
    assert resources.notifications.take(now_ms=NOW + 7 * DAY_MS) is None


def test_of_many_jobs_begun_at_once_twenty_find_room(state_settings: Settings) -> None:
    def begin(number: int) -> bool:
        try:
            system.repositories.jobs.create("LabelDetection", VIDEO | {"JobTag": str(number)}, "etag", 1)
        except JobLimitError:
            return False
        return True

    with compose(state_settings) as system, ThreadPoolExecutor(10) as executor:
        assert sum(executor.map(begin, range(40))) == 20
        assert len(system.repositories.jobs.running()) == 20


def test_pages_list_each_job_once_although_many_begin_at_the_same_time(state_settings: Settings) -> None:
    with compose(state_settings) as system:
        jobs = system.repositories.jobs
        begun = {jobs.create("Video", VIDEO, "etag", 1) for _ in range(12)}
        jobs.create("LabelDetection", VIDEO, "etag", 1)
        listed: list[str] = []
        before = (10**15, "")
        while page := jobs.page("Video", before, 5):
            listed += [job.id for job in page]
            before = (page[-1].created_ms, page[-1].id)
        assert len(listed) == 12
        assert set(listed) == begun
        times = [jobs.get(job).created_ms for job in listed]
        assert times == sorted(times, reverse=True)
