"""SIGKILL in the middle of video jobs: each ends once, with the results that it has without interruption."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from sqlalchemy import create_engine

from openrek.compose import compose
from openrek.config import Settings
from tests.api.s3_service import s3_client
from tests.conftest import RunningService, start_service, stop_service
from tests.durability.test_kill import ROUNDS, kill
from tests.videos import encode_video

_WAIT_SECONDS = 120
_TAKEN_OVER_SECONDS = 60
ROLE = "arn:aws:iam::000000000000:role/rekognition"
VIDEO = {"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}}
_KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def video(astronaut: bytes) -> bytes:
    """15 seconds, 5 frames a second: a portrait in ever other colours, so that every look takes its time."""
    import io

    from PIL import Image

    portrait = np.asarray(Image.open(io.BytesIO(astronaut)).resize((240, 240)))
    turns = [np.roll(portrait, 3 * number, axis=1) // 2 + np.uint8(number % 100) for number in range(75)]
    return encode_video(turns, rate=5, options={"g": "25"})


class Topic:
    """A topic and what was published to it, through a queue."""

    def __init__(self, endpoint: str, name: str) -> None:
        sns, self._sqs = (boto3.client(service, endpoint_url=endpoint, **_KEYS) for service in ("sns", "sqs"))
        self.arn = sns.create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=attributes["QueueArn"])
        self.environment = {
            "OPENREK_SNS_ENDPOINT": endpoint,
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }

    def finished_jobs(self) -> list[str]:
        """Ids of the jobs of all messages since the last call."""
        found: list[str] = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                found.append(json.loads(json.loads(message["Body"])["Message"])["JobId"])
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def messages_of(self, job: str) -> int:
        """How many messages of a job came, once there is one and a bit later."""
        deadline = time.monotonic() + _WAIT_SECONDS
        found = self.finished_jobs()
        while job not in found and time.monotonic() < deadline:
            time.sleep(0.2)
            found += self.finished_jobs()
        time.sleep(2)
        return [*found, *self.finished_jobs()].count(job)


@dataclass(frozen=True)
class Database:
    """Where a service and its workers keep their state."""

    url: str
    """Of PostgreSQL; empty for SQLite."""
    data_dir: Path

    @property
    def environment(self) -> dict[str, str]:
        """For processes."""
        return {"OPENREK_DATABASE": self.url} if self.url else {}

    @property
    def settings(self) -> Settings:
        """For this process."""
        return Settings(self.data_dir, database=self.url)

    def traces(self) -> int:
        """Rows that DBOS has of workflows and their steps."""
        path, prefix = (self.url, "dbos.") if self.url else (f"sqlite:///{self.data_dir / 'jobs.sqlite3'}", "")
        engine = create_engine(path.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            counts = [
                connection.exec_driver_sql(f"SELECT count(*) FROM {prefix}{table}").scalar_one()
                for table in ("workflow_status", "operation_outputs")
            ]
        engine.dispose()
        return int(sum(counts))


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty one; each test runs with both."""
    return Database("" if request.param == "SQLite" else request.getfixturevalue("postgresql_url"), tmp_path)


@pytest.fixture
def topic(endpoint: str, request: pytest.FixtureRequest) -> Topic:
    return Topic(endpoint, f"jobs-{abs(hash(request.node.name))}")


def start_job(client: Any, topic: Topic) -> str:
    channel = {"SNSTopicArn": topic.arn, "RoleArn": ROLE}
    job: str = client.start_label_detection(Video=VIDEO, NotificationChannel=channel)["JobId"]
    return job


def results_of(client: Any, job: str, seconds: float = _WAIT_SECONDS) -> list[dict[str, Any]]:
    """All results of a job, once it has succeeded."""
    deadline = time.monotonic() + seconds
    while (page := client.get_label_detection(JobId=job))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, "the job did not end in time"
        time.sleep(0.2)
    assert page["JobStatus"] == "SUCCEEDED", page
    found: list[dict[str, Any]] = page["Labels"]
    while "NextToken" in page:
        page = client.get_label_detection(JobId=job, NextToken=page["NextToken"])
        found += page["Labels"]
    return found


def assert_nothing_is_left(database: Database) -> None:
    """Neither workflows nor files of steps, once their jobs have ended."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while database.traces() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert database.traces() == 0
    folder = database.data_dir / "objects" / "openrek" / "jobs"
    assert {path.relative_to(folder).parts[1] for path in folder.rglob("*.json")} == {"results"}


def test_a_service_that_is_killed_again_and_again_ends_each_job_once_with_the_same_results(
    video: bytes, topic: Topic, database: Database
) -> None:
    tmp_path, environment = database.data_dir, topic.environment | database.environment
    moments = random.Random(11)
    service = start_service(tmp_path, environment=environment)
    s3_client(service).put_object(Bucket="openrek", Key="v.mp4", Body=video)
    undisturbed = start_job(service.client(), topic)
    expected = results_of(service.client(), undisturbed)
    assert len({item["Timestamp"] for item in expected}) > 20
    jobs = [undisturbed]
    for _ in range(ROUNDS):
        jobs.append(start_job(service.client(), topic))
        for _ in range(moments.choice((1, 2))):
            time.sleep(moments.uniform(0.2, 4))
            kill(service)
            service = start_service(tmp_path, environment=environment)
        assert results_of(service.client(), jobs[-1]) == expected
    announced: list[str] = []
    deadline = time.monotonic() + _WAIT_SECONDS
    while set(announced) != set(jobs) and time.monotonic() < deadline:
        announced += topic.finished_jobs()
        time.sleep(0.2)
    assert sorted(announced) == sorted(jobs)
    assert_nothing_is_left(database)
    assert stop_service(service) == 0


class Workers:
    """`openrek worker` processes of one data folder."""

    def __init__(self, data_dir: Path, environment: dict[str, str]) -> None:
        self._data_dir = data_dir
        self._environment = {**os.environ, **environment}
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, program: str = "from openrek.cli import main; main()") -> "subprocess.Popen[str]":
        """Starts one and waits until it is ready."""
        process = subprocess.Popen(
            [sys.executable, "-c", program, "worker", "--data", str(self._data_dir), "--quiet"],
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        self.processes.append(process)
        assert process.stderr is not None
        assert "ready" in process.stderr.readline()
        return process

    def close(self) -> None:
        """Ends all of them."""
        for process in self.processes:
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


@pytest.fixture
def front(video: bytes, topic: Topic, database: Database) -> Iterator[tuple[RunningService, Workers]]:
    """A service that runs no jobs itself, and room for workers."""
    tmp_path, environment = database.data_dir, topic.environment | database.environment
    service = start_service(tmp_path, "--jobs", "0", environment=environment)
    s3_client(service).put_object(Bucket="openrek", Key="v.mp4", Body=video)
    workers = Workers(tmp_path, environment)
    yield service, workers
    workers.close()
    stop_service(service)


def wait_until_run(database: Database, job: str) -> int:
    """Process id of the worker that runs a job, once it has done a part of it."""
    with compose(database.settings) as system:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not (found := system.repositories.jobs.get(job)).percent or found.worker is None:
            assert time.monotonic() < deadline, "no worker took the job"
            time.sleep(0.05)
        return system.repositories.workers.alive()[found.worker].pid


def test_a_job_of_a_killed_worker_ends_on_another_one_within_a_minute(
    front: tuple[RunningService, Workers], topic: Topic, database: Database
) -> None:
    service, workers = front
    for _ in range(2):
        workers.start()
    expected = results_of(service.client(), start_job(service.client(), topic))
    job = start_job(service.client(), topic)
    os.kill(wait_until_run(database, job), signal.SIGKILL)
    assert results_of(service.client(), job, _TAKEN_OVER_SECONDS) == expected
    assert topic.messages_of(job) == 1


NEWER = """
import openrek.rekognition.operations.videos.start as start
start.SHAPE += 1
from openrek.cli import main
main()
"""


def test_a_job_of_a_killed_worker_ends_on_one_of_a_newer_release(
    front: tuple[RunningService, Workers], topic: Topic, database: Database
) -> None:
    service, workers = front
    older = workers.start()
    expected = results_of(service.client(), start_job(service.client(), topic))
    job = start_job(service.client(), topic)
    wait_until_run(database, job)
    older.kill()
    workers.start(NEWER)
    assert results_of(service.client(), job, _TAKEN_OVER_SECONDS) == expected
    assert topic.messages_of(job) == 1


def test_a_worker_that_is_stopped_leaves_its_job_to_another_one(
    front: tuple[RunningService, Workers], topic: Topic, database: Database
) -> None:
    service, workers = front
    first = workers.start()
    job = start_job(service.client(), topic)
    wait_until_run(database, job)
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 0
    assert service.client().get_label_detection(JobId=job)["JobStatus"] == "IN_PROGRESS"
    workers.start()
    assert results_of(service.client(), job, _TAKEN_OVER_SECONDS)
