"""Every error that a present operation models: raised through a client, or in a table that says why it cannot occur."""

import contextlib
import json
import os
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import uvicorn
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from openrek.protocol import load_contract
from openrek.rekognition import OPERATIONS
from tests.conftest import RunningService, encode, start_service, stop_service
from tests.images import huge_png
from tests.videos import encode_video, numbered

CONTRACT = load_contract()
COLLECTION = "made-for-errors"
ARN = f"arn:aws:rekognition:us-east-1:000000000000:collection/{COLLECTION}"
_BYTES_MAX = 5_242_880
# Twelve at once nearly always meet a full queue of one; a round in which they do not is repeated.
_ROUNDS = 20

ANSWERED = tuple(name for name, operation in OPERATIONS.items() if not operation.not_yet)


def _members(operation: str) -> Any:
    return CONTRACT.shapes[CONTRACT.operations[operation].input]["members"]


IMAGE_MEMBERS = {
    operation: members
    for operation in ANSWERED
    if (
        members := [
            member
            for member, reference in CONTRACT.shapes[CONTRACT.operations[operation].input]["members"].items()
            if reference["shape"] == "Image"
        ]
    )
}
"""Operations on pictures, and where their requests have them."""

VIDEO_STARTS = tuple(name for name in ANSWERED if name.startswith("Start") and "Video" in _members(name))
VIDEO_GETS = tuple(name.replace("Start", "Get", 1) for name in VIDEO_STARTS)

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """Calls of which the last is refused."""

    error: str
    said: str
    """What the message has in it, a regular expression."""
    calls: tuple[Call, ...]

    @property
    def operation(self) -> str:
        """The one that is refused."""
        return self.calls[-1][0]

    def __str__(self) -> str:
        return f"{self.operation} {self.error} {self.said}"


def with_picture(operation: str, image: dict[str, Any]) -> Call:
    """The operation on a picture, wherever its request has one."""
    members = CONTRACT.shapes[CONTRACT.operations[operation].input]["members"]
    collection = {"CollectionId": COLLECTION} if "CollectionId" in members else {}
    return operation, collection | dict.fromkeys(IMAGE_MEMBERS[operation], image)


def on_picture(operation: str, image: dict[str, Any]) -> tuple[Call, ...]:
    """The operation on a picture, after its collection was made if it needs one."""
    call = with_picture(operation, image)
    return (MADE, call) if "CollectionId" in call[1] else (call,)


def stored(bucket: str, name: str, **more: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": bucket, "Name": name, **more}}


def adapted(operation: str) -> Call:
    """The operation on a picture, by an adapter that is not there."""
    version = "arn:aws:rekognition:us-east-1:000000000000:project/p/version/v/1"
    name, arguments = with_picture(operation, {"Bytes": b"no picture"})
    return name, arguments | {"ProjectVersion": version}


IMAGES: list[tuple[str, str, dict[str, Any]]] = [
    ("InvalidImageFormatException", "JPEG, PNG", {"Bytes": b"no picture"}),
    ("InvalidImageFormatException", "damaged", {"Bytes": encode(np.zeros((200, 200, 3), np.uint8))[:250]}),
    ("ImageTooLargeException", f"{_BYTES_MAX:,}", {"Bytes": b"\0" * (_BYTES_MAX + 1)}),
    ("ImageTooLargeException", "10,000|4,096", {"Bytes": huge_png(20_000)}),
    ("ImageTooLargeException", "15,728,640", stored("openrek", "large.jpg")),
    ("InvalidParameterException", "exactly one of Bytes and S3Object", {}),
    ("InvalidParameterException", "at least (80|64)", {"Bytes": encode(np.zeros((20, 20, 3), np.uint8), "PNG")}),
    ("InvalidS3ObjectException", "no bucket 'nowhere'", stored("nowhere", "a.jpg")),
    ("InvalidS3ObjectException", "no object 'nothing.jpg'", stored("openrek", "nothing.jpg")),
    ("InvalidS3ObjectException", "no version 'first'", stored("openrek", "a.jpg", Version="first")),
]
MADE: Call = ("CreateCollection", {"CollectionId": COLLECTION})
NO_ARN = {"ResourceArn": "somebody's cat in a box"}
NOT_THERE = {"ResourceArn": ARN.replace(COLLECTION, "not-there")}
FACE = "11111111-2222-3333-4444-555555555555"
LAN = {"CollectionId": COLLECTION, "UserId": "lan"}
LANS_FACE = LAN | {"FaceIds": [FACE]}
GIVEN = {"CollectionId": COLLECTION}
TOKEN = {"ClientRequestToken": "the-same"}
NEW_USER: Call = ("CreateUser", LAN)
VIDEOS: list[tuple[str, str, dict[str, Any]]] = [
    ("InvalidParameterException", "Unsupported video format", stored("openrek", "a.jpg")),
    ("InvalidParameterException", "Bucket and Name", {}),
    ("InvalidS3ObjectException", "no bucket 'nowhere'", stored("nowhere", "a.mp4")),
    ("InvalidS3ObjectException", "no object 'nothing.mp4'", stored("openrek", "nothing.mp4")),
    ("InvalidS3ObjectException", "no version 'first'", stored("openrek", "a.jpg", Version="first")),
    ("VideoTooLargeException", "10,737,418,240", stored("openrek", "huge.mp4")),
]


def started(operation: str, video: dict[str, Any], **more: str) -> Call:
    """The operation on a video, with what else it needs."""
    needed = {"SegmentTypes": ["SHOT"], "CollectionId": COLLECTION}
    given = {member: value for member, value in needed.items() if member in _members(operation)}
    return operation, {"Video": video, **given, **more}


FULL = ("CreateCollection", {"CollectionId": COLLECTION, "Tags": {f"t{number}": "" for number in range(200)}})


def made_for(operation: str) -> tuple[Call, ...]:
    """What must be there before a Start operation."""
    return (MADE,) if "CollectionId" in _members(operation) else ()


CASES = [
    *(Case(error, said, on_picture(operation, image)) for operation in IMAGE_MEMBERS for error, said, image in IMAGES),
    *(
        Case(error, said, (*made_for(operation), started(operation, video)))
        for operation in VIDEO_STARTS
        for error, said, video in VIDEOS
    ),
    *(
        Case(
            "IdempotentParameterMismatchException",
            "used with other parameters",
            (
                *made_for(operation),
                started(operation, stored("openrek", "v.mp4"), ClientRequestToken="made-for-errors"),
                started(operation, stored("openrek", "v.mp4"), ClientRequestToken="made-for-errors", JobTag="other"),
            ),
        )
        for operation in VIDEO_STARTS
    ),
    *(
        Case("ResourceNotFoundException", "no job '000", ((operation, {"JobId": "0" * 64}),))
        for operation in VIDEO_GETS
    ),
    Case(
        "ResourceNotFoundException",
        "'not-there'",
        (("StartFaceSearch", {"Video": stored("openrek", "v.mp4"), "CollectionId": "not-there"}),),
    ),
    Case("ResourceNotFoundException", "no adapter", (adapted("DetectModerationLabels"),)),
    Case("InvalidParameterException", "ResourceArn", (("ListTagsForResource", NO_ARN),)),
    Case("InvalidParameterException", "ResourceArn", (("TagResource", NO_ARN | {"Tags": {"a": "b"}}),)),
    Case("InvalidParameterException", "ResourceArn", (("UntagResource", NO_ARN | {"TagKeys": ["a"]}),)),
    Case("ResourceNotFoundException", "'not-there'", (("DescribeCollection", {"CollectionId": "not-there"}),)),
    Case("ResourceNotFoundException", "'not-there'", (("DeleteCollection", {"CollectionId": "not-there"}),)),
    Case("ResourceNotFoundException", "'nobody'", (("GetCelebrityInfo", {"Id": "nobody"}),)),
    Case("ResourceNotFoundException", "'not-there'", (("ListTagsForResource", NOT_THERE),)),
    Case("ResourceNotFoundException", "'not-there'", (("TagResource", NOT_THERE | {"Tags": {"a": "b"}}),)),
    Case("ResourceNotFoundException", "'not-there'", (("UntagResource", NOT_THERE | {"TagKeys": ["a"]}),)),
    Case("ResourceAlreadyExistsException", COLLECTION, (MADE, MADE)),
    Case("ServiceQuotaExceededException", "200", (FULL, ("TagResource", {"ResourceArn": ARN, "Tags": {"more": ""}}))),
    Case("InvalidPaginationTokenException", "NextToken", (("ListCollections", {"NextToken": "/w=="}),)),
    *(
        Case("ResourceNotFoundException", "'not-there'", ((operation, given | {"CollectionId": "not-there"}),))
        for operation, given in (
            ("ListFaces", {}),
            ("ListUsers", {}),
            ("DeleteFaces", {"FaceIds": [FACE]}),
            ("SearchFaces", {"FaceId": FACE}),
            ("SearchUsers", {"FaceId": FACE}),
            ("CreateUser", LAN),
            ("DeleteUser", LAN),
            ("AssociateFaces", LANS_FACE),
            ("DisassociateFaces", LANS_FACE),
            ("IndexFaces", {"Image": {"Bytes": b"no picture"}}),
            ("SearchFacesByImage", {"Image": {"Bytes": b"no picture"}}),
            ("SearchUsersByImage", {"Image": {"Bytes": b"no picture"}}),
        )
    ),
    *(
        Case("InvalidPaginationTokenException", "NextToken", (MADE, (operation, GIVEN | {"NextToken": "/w=="})))
        for operation in ("ListFaces", "ListUsers")
    ),
    Case("InvalidParameterException", FACE, (MADE, ("SearchFaces", GIVEN | {"FaceId": FACE}))),
    Case("InvalidParameterException", "exactly one of UserId and FaceId", (MADE, ("SearchUsers", GIVEN))),
    Case("ConflictException", "'lan' already exists", (MADE, NEW_USER, NEW_USER)),
    Case("ResourceNotFoundException", "'lan'", (MADE, ("DeleteUser", LAN))),
    *(
        Case(
            "IdempotentParameterMismatchException",
            "'the-same'",
            (MADE, NEW_USER, *before, (operation, given | TOKEN), (operation, given | TOKEN | {"UserId": "minh"})),
        )
        for operation, given, before in (
            ("CreateUser", LAN, (("DeleteUser", LAN),)),
            ("DeleteUser", LAN, ()),
            ("AssociateFaces", LANS_FACE, ()),
            ("DisassociateFaces", LANS_FACE, ()),
        )
    ),
]

BY_THEIR_OWN_TESTS = {
    "AccessDeniedException": set(ANSWERED),
    "InternalServerError": set(ANSWERED),
    "ThrottlingException": set(IMAGE_MEMBERS),
    # test_users_of_collections.py, test_faces.py of the repository
    "ServiceQuotaExceededException": {"AssociateFaces", "IndexFaces"},
    "LimitExceededException": set(VIDEO_STARTS),
    "InvalidPaginationTokenException": set(VIDEO_GETS),
}


def rejected(client: Any, error: str, *calls: Call) -> str:
    """The message of the last call's error, which is of the client's own class for it, as AWS would answer it."""
    *before, (operation, arguments) = calls
    for name, given in before:
        getattr(client, xform_name(name))(**given)
    with pytest.raises(getattr(client.exceptions, error)) as caught:
        getattr(client, xform_name(operation))(**arguments)
    return message_of(caught.value, error)


def message_of(raised: Any, error: str) -> str:
    said, metadata = raised.response["Error"], raised.response["ResponseMetadata"]
    assert said["Code"] == error
    assert metadata["HTTPStatusCode"] == (500 if CONTRACT.errors[error].get("fault") else 400)
    assert len(metadata["RequestId"]) == 36
    assert len(said["Message"]) > 10
    assert "Traceback" not in said["Message"]
    message: str = said["Message"]
    return message


def harmless(operation: str, image: bytes) -> Call:
    """A call that keeps every rule."""
    if operation in IMAGE_MEMBERS:
        return with_picture(operation, {"Bytes": image})
    given = {
        "CollectionId": COLLECTION,
        "Id": "nobody",
        "UserId": "lan",
        "FaceId": FACE,
        "FaceIds": [FACE],
        "ResourceArn": ARN,
        "Tags": {"a": "b"},
        "TagKeys": ["a"],
        "Video": stored("openrek", "v.mp4"),
        "SegmentTypes": ["SHOT"],
        "JobId": "0" * 64,
    }
    needed = CONTRACT.shapes[CONTRACT.operations[operation].input].get("required", ())
    also = ("UserId",) if operation == "SearchUsers" else ()
    token = {"ClientRequestToken": "harmless"} if operation in VIDEO_STARTS else {}
    return operation, {member: given[member] for member in (*needed, *also)} | token


@pytest.mark.parametrize("operation", ANSWERED)
def test_each_modelled_error_is_raised_here_or_cannot_occur(operation: str) -> None:
    modelled = set(CONTRACT.operations[operation].errors)
    raised = {case.error for case in CASES if case.operation == operation}
    raised |= {error for error, operations in BY_THEIR_OWN_TESTS.items() if operation in operations}
    impossible = set(OPERATIONS[operation].cannot_occur)
    assert modelled - raised - impossible == set()
    assert raised - modelled == set(), "an error that the operation does not model"
    assert impossible - modelled == set(), "a reason for nothing"
    assert raised & impossible == set(), "it can occur after all"


@pytest.fixture
def swept(client: Any) -> Iterator[None]:
    yield
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_collection(CollectionId=COLLECTION)


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_error_is_raised_and_says_what_was_wrong(client: Any, server: RunningService, case: Case) -> None:
    (server.bucket / "a.jpg").write_bytes(b"of which no versions are kept")
    if "large.jpg" in str(case.calls):
        (server.bucket / "large.jpg").write_bytes(bytes(15_728_641))
    if "huge.mp4" in str(case.calls):
        (server.bucket / "huge.mp4").touch()
        os.truncate(server.bucket / "huge.mp4", 10 * 1024**3 + 1)
    if "v.mp4" in str(case.calls):
        (server.bucket / "v.mp4").write_bytes(encode_video(numbered(10), rate=10))
    assert re.search(case.said, rejected(client, case.error, *case.calls))


USERS = "arn:aws:iam::000000000000:user"
NOTHING_HERE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.fixture(params=["boto3 over HTTP", "in process"], scope="module")
def clients_by_policy(request: pytest.FixtureRequest, server: RunningService) -> dict[str, Any]:
    """Clients of two users: one may only detect, the other may read objects and nothing else."""
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.iam import Caller, Evaluator, Policy
    from openrek.iam.builtin import builtin_policy
    from openrek.rekognition import Client, Services
    from openrek.s3 import LocalObjectStore

    settings = Settings(server.data_dir)
    document = json.dumps({"Version": "2012-10-17", "Statement": NOTHING_HERE})
    if request.param == "in process":
        engine, objects = request.getfixturevalue("engine"), LocalObjectStore(server.data_dir / "objects")
        resources = compose(settings).repositories
        policies = {"detect-only": builtin_policy("detect-only"), "objects-only": Policy.parse(document)}
        callers = {user: Caller(f"{USERS}/{user}", Evaluator([policy])) for user, policy in policies.items()}
        return {user: Client(Services(engine, objects, resources, caller)) for user, caller in callers.items()}
    keys = compose(settings).keys()
    policies_by_user = (("detect-only", "detect-only"), ("objects-only", document))
    made = {user: keys.create(user, policy) for user, policy in policies_by_user}
    return {
        user: boto3.client(
            "rekognition",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )
        for user, key in made.items()
    }


@pytest.mark.parametrize("operation", ANSWERED)
def test_who_may_not_is_told_who_what_and_on_which_resource(
    clients_by_policy: dict[str, Any], operation: str, cat: bytes
) -> None:
    call = harmless(operation, cat)
    resource = re.escape(ARN if {"CollectionId", "ResourceArn"} & call[1].keys() else "*")
    detects = operation in IMAGE_MEMBERS or operation == "GetCelebrityInfo"
    for user in ("objects-only",) if detects else ("objects-only", "detect-only"):
        message = rejected(clients_by_policy[user], "AccessDeniedException", call)
        assert re.search(rf"{USERS}/{user} .* rekognition:{operation} on resource: {resource} ", message)


def test_detect_only_goes_on_detecting(clients_by_policy: dict[str, Any], cat: bytes) -> None:
    assert clients_by_policy["detect-only"].detect_labels(Image={"Bytes": cat})["Labels"]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service with room for two pictures: one under way, one that waits."""
    service = start_service(tmp_path_factory.mktemp("narrow"), "--workers", "1", environment={"OPENREK_QUEUE": "1"})
    service.client().create_collection(CollectionId=COLLECTION)
    yield service
    stop_service(service)


@pytest.mark.parametrize("operation", IMAGE_MEMBERS)
def test_a_full_queue_is_told_at_once_and_the_next_request_is_served(
    narrow: RunningService, operation: str, astronaut: bytes
) -> None:
    client = narrow.client(max_pool_connections=12)
    name, arguments = with_picture(operation, {"Bytes": astronaut})

    def ask(_: int) -> ClientError | None:
        try:
            getattr(client, xform_name(name))(**arguments)
        except ClientError as error:
            return error
        return None

    with ThreadPoolExecutor(12) as executor:
        for _ in range(_ROUNDS):
            found = list(executor.map(ask, range(12)))
            rejections = [error for error in found if error is not None]
            if rejections:
                break
    assert rejections
    for error in rejections:
        assert isinstance(error, client.exceptions.ThrottlingException)
        assert "try again" in message_of(error, "ThrottlingException").lower()
    assert ask(0) is None


@pytest.mark.parametrize("operation", VIDEO_STARTS)
def test_the_21st_job_at_a_time_is_refused(engine: Any, tmp_path: Path, operation: str) -> None:
    from openrek.db import open_database
    from openrek.rekognition import Client, Services
    from openrek.s3 import MemoryObjectStore
    from openrek.state import Repositories

    database, objects = open_database(tmp_path / "openrek.sqlite3"), MemoryObjectStore()
    objects.put("openrek", "v.mp4", encode_video(numbered(3), rate=10))
    client = Client(Services(engine, objects, Repositories(lambda: database)))  # and no worker
    for name, arguments in made_for(operation):
        getattr(client, xform_name(name))(**arguments)
    call = started(operation, stored("openrek", "v.mp4"))
    jobs = {getattr(client, xform_name(operation))(**call[1])["JobId"] for _ in range(20)}
    assert len(jobs) == 20
    assert "at most 20" in rejected(client, "LimitExceededException", call)
    database.dispose()


SECRET = "the disk /srv/secret/of-the-operator is gone"


class Failing:
    """An engine, or whatever is asked of it, that fails."""

    def __getattr__(self, name: str) -> Any:
        raise OSError(SECRET)


def no_database() -> Any:
    raise OSError(SECRET)


class Breaking:
    """An engine that opens well and fails from then on."""

    face_model, version, models = "none", "none", ()

    def __getattr__(self, name: str) -> Any:
        raise OSError(SECRET)

    def close(self) -> None:
        """Nothing was opened."""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """boto3's client of a service whose engine fails and whose tables are gone."""
    from openrek.app import App
    from openrek.compose import DATABASE_FILE, System
    from openrek.config import Settings

    settings = Settings(tmp_path_factory.mktemp("broken"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(System, "engine", Breaking())
        app = App(settings, log_to_stdout=False)
    server = uvicorn.Server(uvicorn.Config(app.asgi, port=0, lifespan="off", log_config=None))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    with sqlite3.connect(settings.data_dir / DATABASE_FILE) as database:
        for table in ("collections", "tags", "celebrities", "celebrity_faces", "jobs", "request_tokens"):
            database.execute(f"DROP TABLE {table}")
    database.close()
    yield boto3.client(
        "rekognition",
        endpoint_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        region_name="us-east-1",
        aws_access_key_id=app.credentials.access_key_id,
        aws_secret_access_key=app.credentials.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    server.should_exit = True
    thread.join()
    app.close()


@pytest.mark.parametrize("operation", ANSWERED)
def test_a_failure_of_ours_gives_nothing_away_over_http(broken: Any, operation: str, cat: bytes) -> None:
    message = rejected(broken, "InternalServerError", harmless(operation, cat))
    assert not re.search("secret|srv|disk|OSError|engine|table|sql", message)


@pytest.mark.parametrize("operation", ANSWERED)
def test_a_failure_of_ours_is_an_error_of_the_client_and_gives_nothing_away(
    server: RunningService, operation: str, cat: bytes
) -> None:
    from openrek.rekognition import Client, Services
    from openrek.s3 import LocalObjectStore
    from openrek.state import Repositories

    failing: Any = Failing()
    client = Client(Services(failing, LocalObjectStore(server.data_dir / "objects"), Repositories(no_database)))
    message = rejected(client, "InternalServerError", harmless(operation, cat))
    assert not re.search("secret|srv|disk|OSError|engine", message)
