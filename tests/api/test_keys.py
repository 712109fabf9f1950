"""Keys with policies, through the command line and unmodified boto3."""

import json
import subprocess
import sys
import time
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import RunningService

USER = "arn:aws:iam::000000000000:user"


def run(server: RunningService, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "openrek", "keys", *arguments, "--data", str(server.data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )


def client_of(server: RunningService, profile: str, user: str) -> Any:
    parser = ConfigParser(interpolation=None)
    parser.read_string(profile)
    return boto3.client(
        "rekognition",
        endpoint_url=server.url,
        region_name=parser[user]["region"],
        aws_access_key_id=parser[user]["aws_access_key_id"],
        aws_secret_access_key=parser[user]["aws_secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def created(server: RunningService, user: str, policy: "str | Path") -> tuple[Any, str]:
    done = run(server, "create", user, "--policy", str(policy))
    assert done.returncode == 0, done.stderr
    key = next(line.split(" = ")[1] for line in done.stdout.splitlines() if line.startswith("aws_access_key_id"))
    return client_of(server, done.stdout, user), key


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_detect_only_detects_and_nothing_else(server: RunningService, cat: bytes) -> None:
    client, _ = created(server, "reader", "detect-only")
    assert client.detect_labels(Image={"Bytes": cat})["Labels"]
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        client.create_collection(CollectionId="mine")
    assert caught.value.response["Error"]["Message"] == (
        f"User: {USER}/reader is not authorized to perform: rekognition:CreateCollection on resource: "
        "arn:aws:rekognition:us-east-1:000000000000:collection/mine "
        "because no identity-based policy allows the rekognition:CreateCollection action"
    )


def test_a_policy_of_ones_own_decides_by_resource_and_condition(server: RunningService, tmp_path: Path) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "rekognition:*Collection",
                "Resource": "arn:aws:rekognition:*:*:collection/${aws:username}-*",
                "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
            },
            {"Sid": "Keep", "Effect": "Deny", "Action": "rekognition:DeleteCollection", "Resource": "*"},
        ],
    }
    (tmp_path / "policy.json").write_text(json.dumps(document))
    client, _ = created(server, "minh", tmp_path / "policy.json")
    assert client.create_collection(CollectionId="minh-1")["StatusCode"] == 200
    assert code_of(client.create_collection, CollectionId="lan-1") == "AccessDeniedException"
    with pytest.raises(client.exceptions.AccessDeniedException, match=r"explicit deny .* \(statement Keep\)"):
        client.delete_collection(CollectionId="minh-1")
    server.client().delete_collection(CollectionId="minh-1")


def test_an_object_needs_its_own_permission(server: RunningService, astronaut: bytes, tmp_path: Path) -> None:
    (server.bucket / "open").mkdir(exist_ok=True)
    (server.bucket / "closed").mkdir(exist_ok=True)
    for folder in ("open", "closed"):
        (server.bucket / folder / "a.jpg").write_bytes(astronaut)
    statements = [
        {"Effect": "Allow", "Action": "rekognition:Detect*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::openrek/open/*"},
    ]
    (tmp_path / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    client, _ = created(server, "hoa", tmp_path / "policy.json")
    assert client.detect_faces(Image={"S3Object": {"Bucket": "openrek", "Name": "open/a.jpg"}})["FaceDetails"]
    with pytest.raises(client.exceptions.InvalidS3ObjectException, match="not authorized to perform: s3:GetObject"):
        client.detect_faces(Image={"S3Object": {"Bucket": "openrek", "Name": "closed/a.jpg"}})


def test_a_revoked_key_ends_and_a_rotated_one_is_replaced(server: RunningService, cat: bytes) -> None:
    client, key = created(server, "guest", "detect-only")
    assert client.detect_labels(Image={"Bytes": cat})["Labels"]
    done = run(server, "rotate", key)
    assert done.returncode == 0, done.stderr
    successor = client_of(server, done.stdout, "guest")
    time.sleep(1.2)  # a running service remembers a key for a second
    assert code_of(client.detect_labels, Image={"Bytes": cat}) == "UnrecognizedClientException"
    assert successor.detect_labels(Image={"Bytes": cat})["Labels"]
    assert key not in run(server, "list").stdout
    assert key in run(server, "list", "--all").stdout
    again = run(server, "revoke", key)
    assert again.returncode == 1
    assert "no key" in again.stderr


def test_rotating_with_grace_keeps_the_old_key_for_a_while(server: RunningService, cat: bytes) -> None:
    client, key = created(server, "slow", "detect-only")
    assert run(server, "rotate", key, "--grace", "1").returncode == 0
    time.sleep(1.2)
    assert client.detect_labels(Image={"Bytes": cat})["Labels"]
    assert "until" in next(line for line in run(server, "list").stdout.splitlines() if key in line)


def test_rotating_again_does_not_prolong_the_grace(server: RunningService) -> None:
    from openrek.compose import compose
    from openrek.config import Settings

    keys = compose(Settings(server.data_dir)).keys()
    key = keys.create("hasty", "detect-only").access_key_id
    keys.rotate(key, 100)
    (first,) = [record.expires_at for record in keys.all() if record.access_key_id == key]
    keys.rotate(key, 10_000)
    assert [record.expires_at for record in keys.all() if record.access_key_id == key] == [first]
    keys.rotate(key)
    assert [record.active for record in keys.all() if record.access_key_id == key] == [False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create", "a b", "--policy", "admin"], "is not a valid user name"),
        (["create", "x", "--policy", "everything"], "detect-only"),
        (["revoke", "AKORNOBODY"], "no key"),
        (["rotate", "AKORNOBODY"], "no key"),
    ],
)
def test_what_cannot_be_done_is_said(server: RunningService, arguments: list[str], message: str) -> None:
    done = run(server, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_malformed_policy_makes_no_key(server: RunningService, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text('{"Statement": {"Effect": "Maybe"}}')
    before = run(server, "list", "--all").stdout
    done = run(server, "create", "x", "--policy", str(tmp_path / "policy.json"))
    assert done.returncode == 1
    assert "Effect must be Allow or Deny" in done.stderr
    assert run(server, "list", "--all").stdout == before


def test_no_secret_lies_in_the_database_or_the_log(server: RunningService) -> None:
    done = run(server, "create", "secretive", "--policy", "admin")
    secret = next(line.split(" = ")[1] for line in done.stdout.splitlines() if line.startswith("aws_secret"))
    kept = b"".join(path.read_bytes() for path in server.data_dir.glob("openrek.sqlite3*"))
    assert b"secretive" in kept
    assert secret.encode() not in kept
    assert secret not in "".join(server.output)
    assert (server.data_dir / "master.key").stat().st_mode & 0o777 == 0o600
