"""State on PostgreSQL: unmodified boto3, two services over one database, and a server that goes away."""

import io
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import boto3
import httpx
import numpy as np
import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from PIL import Image

from tests.api.s3_service import s3_client
from tests.conftest import RunningService, start_service, stop_service
from tests.postgresql import PASSWORD, PostgresqlServer, running_postgresql
from tests.videos import encode_video

SHARED_FILES = ("credentials", "token", "master.key")
"""Of the data folder: services that share a database share their keys."""
SECRETS = (PASSWORD, "p%40ss%2Fword%3F")


@pytest.fixture(scope="module")
def url(postgresql: PostgresqlServer) -> Iterator[str]:
    url = postgresql.new_database()
    yield url
    postgresql.drop(url)


@pytest.fixture(scope="module")
def services(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningService, RunningService]]:
    """Two services over one database, each with a data folder of its own."""
    folders = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    with_key(folders[0], url, "first")
    one = start_service(folders[0], "--database", url)
    for name in SHARED_FILES:
        shutil.copy(folders[0] / name, folders[1] / name)
    # Their objects are in their data folders, so one of them runs all jobs.
    other = start_service(folders[1], "--jobs", "0", environment={"OPENREK_DATABASE": url})
    yield one, other
    for service in (one, other):
        assert stop_service(service) == 0
        written = "".join([*service.output, *service.errors])
        assert not any(secret in written for secret in SECRETS)


def keys(folder: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "openrek", "keys", *arguments, "--data", str(folder), "--database", url]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def with_key(folder: Path, url: str, user: str) -> dict[str, str]:
    """Arguments for boto3.client, of a new key that may do everything."""
    done = keys(folder, url, "create", user, "--policy", "admin")
    assert done.returncode == 0, done.stderr
    parser = ConfigParser(interpolation=None)
    parser.read_string(done.stdout)
    return {name: parser[user][name] for name in ("aws_access_key_id", "aws_secret_access_key")}


def client_of(service: RunningService, key: dict[str, str]) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("rekognition", endpoint_url=service.url, region_name="us-east-1", config=config, **key)


def test_a_key_made_beside_one_service_works_at_both_and_ends_at_both(
    services: tuple[RunningService, RunningService], url: str
) -> None:
    key = with_key(services[0].data_dir, url, "lan")
    clients = [client_of(service, key) for service in services]
    assert all(client.list_collections()["CollectionIds"] is not None for client in clients)
    assert key["aws_access_key_id"] in keys(services[1].data_dir, url, "list").stdout
    assert keys(services[1].data_dir, url, "revoke", key["aws_access_key_id"]).returncode == 0

    def ended() -> bool:
        codes = []
        for client in clients:
            try:
                client.list_collections()
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        return codes == ["UnrecognizedClientException"] * 2

    end = time.monotonic() + 10
    while not ended():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_collections_and_tags_of_one_service_are_those_of_the_other(
    services: tuple[RunningService, RunningService],
) -> None:
    one, other = (service.client() for service in services)
    name = f"doors-{uuid.uuid4().hex[:8]}"
    arn = one.create_collection(CollectionId=name, Tags={"floor": "1"})["CollectionArn"]
    with pytest.raises(other.exceptions.ResourceAlreadyExistsException):
        other.create_collection(CollectionId=name)
    other.tag_resource(ResourceArn=arn, Tags={"màu": "đỏ"})
    assert one.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"floor": "1", "màu": "đỏ"}
    other.delete_collection(CollectionId=name)
    with pytest.raises(one.exceptions.ResourceNotFoundException):
        one.describe_collection(CollectionId=name)


def test_a_face_indexed_in_one_service_is_found_in_the_other_and_a_deleted_one_is_not(
    services: tuple[RunningService, RunningService], astronaut: bytes
) -> None:
    one, other = (service.client() for service in services)
    name = f"staff-{uuid.uuid4().hex[:8]}"
    one.create_collection(CollectionId=name)
    image = {"Bytes": astronaut}
    assert other.search_faces_by_image(CollectionId=name, Image=image)["FaceMatches"] == []
    (record,) = one.index_faces(CollectionId=name, Image=image)["FaceRecords"]
    face_id = record["Face"]["FaceId"]

    def found(client: Any) -> list[str]:
        matches = client.search_faces_by_image(CollectionId=name, Image=image)["FaceMatches"]
        return [match["Face"]["FaceId"] for match in matches]

    assert found(other) == [face_id]
    other.create_user(CollectionId=name, UserId="lan")
    other.associate_faces(CollectionId=name, UserId="lan", FaceIds=[face_id])
    (match,) = one.search_users(CollectionId=name, FaceId=face_id)["UserMatches"]
    assert match["User"]["UserId"] == "lan"
    one.disassociate_faces(CollectionId=name, UserId="lan", FaceIds=[face_id])
    assert other.search_users(CollectionId=name, FaceId=face_id)["UserMatches"] == []
    one.delete_faces(CollectionId=name, FaceIds=[face_id])
    assert found(other) == found(one) == []
    one.delete_collection(CollectionId=name)


def test_repeated_requests_are_recognized_by_both(services: tuple[RunningService, RunningService]) -> None:
    one, other = (service.client() for service in services)
    name = f"staff-{uuid.uuid4().hex[:8]}"
    one.create_collection(CollectionId=name)
    for client in (one, other, one):
        client.create_user(CollectionId=name, UserId="lan", ClientRequestToken="token-1")
    with pytest.raises(other.exceptions.IdempotentParameterMismatchException):
        other.create_user(CollectionId=name, UserId="minh", ClientRequestToken="token-1")
    assert len(one.list_users(CollectionId=name)["Users"]) == 1
    other.delete_collection(CollectionId=name)


def faces_of_video(service: RunningService, image: bytes) -> list[dict[str, Any]]:
    """The faces that a job finds in a video of two seconds."""
    client = service.client()
    frame = np.asarray(Image.open(io.BytesIO(image)).resize((240, 240)))
    s3_client(service).put_object(Bucket="openrek", Key="v.mp4", Body=encode_video([frame] * 10, rate=5))
    job = client.start_face_detection(Video={"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}})["JobId"]
    end = time.monotonic() + 90
    while (answer := client.get_face_detection(JobId=job))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < end
        time.sleep(0.2)
    assert answer["JobStatus"] == "SUCCEEDED", answer
    faces: list[dict[str, Any]] = answer["Faces"]
    return faces


def test_a_job_has_its_steps_in_the_database(
    services: tuple[RunningService, RunningService], url: str, astronaut: bytes
) -> None:
    assert faces_of_video(services[0], astronaut)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('dbos.workflow_status') IS NOT NULL").fetchone() == (True,)


def test_state_is_in_no_file_and_the_log_is(services: tuple[RunningService, RunningService]) -> None:
    services[1].client().list_collections()
    command = [sys.executable, "-m", "openrek", "logs", "-n", "1", "--data", str(services[1].data_dir)]
    end = time.monotonic() + 20
    while "ListCollections" not in subprocess.run(command, capture_output=True, text=True, check=True).stdout:
        assert time.monotonic() < end
    for service in services:
        files = {path.name for path in service.data_dir.iterdir()}
        assert "log.sqlite3" in files
        assert not any(name.startswith(("openrek.sqlite3", "jobs.sqlite3")) for name in files)


def test_a_service_with_another_master_key_does_not_start(
    services: tuple[RunningService, RunningService], url: str, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match=r"master\.key is not the key that encrypted the access keys\. Put"):
        start_service(tmp_path, "--database", url)
    assert services


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda url: url.replace("word%3F", "wrong%3F"), "Check the user and the password in the URL"),
        (lambda url: url + "-gone", "Create the database: createdb"),
        (lambda url: "mysql://lan:secret@host/db", "database must be a URL of PostgreSQL, as postgresql://"),
    ],
    ids=["password", "database", "scheme"],
)
def test_a_command_that_cannot_open_the_database_says_why(
    url: str, tmp_path: Path, change: Callable[[str], str], message: str
) -> None:
    done = keys(tmp_path, change(url), "list")
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(secret in done.stderr for secret in (*SECRETS, "wrong", "secret"))


@pytest.fixture
def own_server(postgresql_programs: Path) -> Iterator[PostgresqlServer]:
    with running_postgresql(postgresql_programs) as server:
        yield server


@pytest.fixture
def own_service(own_server: PostgresqlServer, tmp_path: Path) -> Iterator[tuple[RunningService, dict[str, str]]]:
    """A service over the test's own server, and a key that is in the database."""
    url = own_server.new_database()
    key = with_key(tmp_path, url, "lan")
    service = start_service(tmp_path, "--database", url)
    yield service, key
    if service.process.poll() is None:
        stop_service(service)


def test_a_service_outlives_its_database_and_recovers_by_itself(
    own_server: PostgresqlServer, own_service: tuple[RunningService, dict[str, str]], astronaut: bytes
) -> None:
    service, key = own_service
    client, stored_key = service.client(), client_of(service, key)
    client.create_collection(CollectionId="before")
    assert faces_of_video(service, astronaut)
    for how in (signal.SIGINT, signal.SIGKILL):
        own_server.stop(how)
        time.sleep(1.1)  # a key is remembered for a second
        for call in (
            lambda: client.create_collection(CollectionId="meanwhile"),
            lambda: client.describe_collection(CollectionId="before"),
            client.list_collections,
            stored_key.list_collections,
        ):
            with pytest.raises(client.exceptions.InternalServerError) as caught:
                call()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
            assert caught.value.response["Error"]["Message"] == "The database cannot be reached. Try again in a moment."
        rest = httpx.get(f"{service.url}/v1/collections/before/faces", headers=service.bearer)
        assert (rest.status_code, rest.json()["error"]["code"]) == (503, "ServiceUnavailable")
        s3 = boto3.client("s3", endpoint_url=service.url, config=Config(retries={"total_max_attempts": 1}), **key)
        with pytest.raises(ClientError) as refused:
            s3.list_objects_v2(Bucket="openrek")
        assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
        # What needs no database goes on.
        assert httpx.get(f"{service.url}/health").status_code == 200
        assert client.detect_faces(Image={"Bytes": astronaut})["FaceDetails"]
        own_server.start()
        assert client.list_collections()["CollectionIds"] == ["before"]
        assert stored_key.describe_collection(CollectionId="before")["FaceCount"] == 0
    assert faces_of_video(service, astronaut)
    client.create_collection(CollectionId="after")
    assert client.list_collections()["CollectionIds"] == ["after", "before"]
    assert stop_service(service) == 0
    output = "".join(service.output)
    assert "cannot be reached" in output  # the cause is in the log
    assert "Traceback" not in "".join([output, *service.errors])
    assert not any(secret in output for secret in SECRETS)
