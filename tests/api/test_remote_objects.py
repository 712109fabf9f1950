"""Objects on an S3 endpoint: moto's server speaks the real protocol."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningService, start_service, stop_service

REGION = "eu-west-1"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(scope="module")
def s3(endpoint: str) -> Any:
    client = boto3.client("s3", endpoint_url=endpoint, region_name=REGION, **KEYS)
    for bucket in ("kept-elsewhere", "photos"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


@pytest.fixture(scope="module")
def service(s3: Any, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    url = f"s3://kept-elsewhere?endpoint={endpoint}&region={REGION}"
    environment = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    running = start_service(tmp_path_factory.mktemp("remote"), "--s3", url, environment=environment)
    yield running
    stop_service(running)


def test_an_analysis_is_kept_in_the_bucket(service: RunningService, s3: Any, cat: bytes) -> None:
    headers = service.bearer | {"Content-Type": "image/jpeg"}
    answer = httpx.post(f"{service.url}/v1/analyses", content=cat, headers=headers, timeout=60).json()
    prefix = f"analyses/{answer['id']}/"
    listed = s3.list_objects_v2(Bucket="kept-elsewhere", Prefix=prefix)["Contents"]
    names = {entry["Key"].removeprefix(prefix) for entry in listed}
    assert names == {"original.jpg", "result.json", "annotated.jpg", "thumbnail.jpg"}
    original = s3.get_object(Bucket="kept-elsewhere", Key=f"{prefix}original.jpg")["Body"].read()
    assert original == cat
    result = json.loads(s3.get_object(Bucket="kept-elsewhere", Key=f"{prefix}result.json")["Body"].read())
    assert result["labels"] == answer["labels"]
    assert httpx.get(answer["objects"]["original"]["url"]).content == cat
    assert not (service.data_dir / "objects").exists()
    httpx.delete(f"{service.url}/v1/analyses/{answer['id']}", headers=service.bearer).raise_for_status()
    assert "Contents" not in s3.list_objects_v2(Bucket="kept-elsewhere", Prefix=prefix)


@pytest.fixture(params=["boto3 over HTTP", "in process"])
def client(request: pytest.FixtureRequest, service: RunningService, endpoint: str) -> Any:
    """A Rekognition client whose S3 objects are elsewhere."""
    if request.param == "boto3 over HTTP":
        return service.client()
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.rekognition import Client, Services
    from openrek.s3 import RemoteObjectStore, S3Location

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        request.getfixturevalue("monkeypatch").setenv(name, "testing")
    objects = RemoteObjectStore(S3Location(f"s3://kept-elsewhere?endpoint={endpoint}&region={REGION}"))
    return Client(
        Services(request.getfixturevalue("engine"), objects, compose(Settings(service.data_dir)).repositories)
    )


def test_pictures_are_read_from_any_bucket_and_in_any_version(
    client: Any, s3: Any, cat: bytes, astronaut: bytes
) -> None:
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="photos", Key="a b/ảnh.jpg", Body=cat)["VersionId"]
    s3.put_object(Bucket="photos", Key="a b/ảnh.jpg", Body=astronaut)
    place = {"Bucket": "photos", "Name": "a b/ảnh.jpg"}
    assert client.detect_faces(Image={"S3Object": place})["FaceDetails"]
    assert not client.detect_faces(Image={"S3Object": place | {"Version": first}})["FaceDetails"]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"Bucket": "photos", "Name": "nothing.jpg"}, "there is no object 'nothing.jpg' in bucket 'photos'"),
        ({"Bucket": "no-such-bucket", "Name": "a.jpg"}, "there is no bucket 'no-such-bucket'"),
    ],
)
def test_what_is_missing_is_named(client: Any, place: dict[str, str], message: str) -> None:
    with pytest.raises(client.exceptions.InvalidS3ObjectException, match=message):
        client.detect_labels(Image={"S3Object": place})


def test_an_object_over_fifteen_megabytes_is_refused(client: Any, s3: Any, cat: bytes) -> None:
    s3.put_object(Bucket="photos", Key="large.jpg", Body=cat + b"\0" * 15_800_000)
    with pytest.raises(client.exceptions.ImageTooLargeException, match="15,728,640"):
        client.detect_labels(Image={"S3Object": {"Bucket": "photos", "Name": "large.jpg"}})


@pytest.fixture
def door(service: RunningService) -> Any:
    """boto3's S3 client of openrek, which keeps its objects elsewhere."""
    return boto3.client("s3", endpoint_url=service.url, region_name=REGION, **service.keys)


def test_a_link_to_another_s3_keeps_what_is_said_of_the_object(door: Any, s3: Any) -> None:
    message = {"ContentType": "text/plain", "Metadata": {"who": "lan"}, "CacheControl": "no-store"}
    place = {"Bucket": "kept-elsewhere", "Key": "said/a b.txt"}
    door.put_object(**place, Body=b"hello", ContentMD5="XUFAKrxLKna5cZ2REBfFkg==", **message)
    for client in (s3, door):
        got = client.get_object(**place)
        assert got["Body"].read() == b"hello"
        assert {name: got[name] for name in message} == message
    head = door.head_object(**place)
    assert (head["ContentLength"], head["Metadata"]) == (5, {"who": "lan"})
    link = door.generate_presigned_url("get_object", Params=place)
    assert httpx.get(link).headers["content-type"] == "text/plain"
    door.put_object(**place | {"Key": "said/folder.jpg"}, Body=b"x")
    assert door.get_object(**place | {"Key": "said/folder.jpg"})["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("get_object", {"Key": "none"}, ("NoSuchKey", 404)),
        ("get_object", {"Bucket": "no-such-bucket", "Key": "none"}, ("NoSuchBucket", 404)),
        ("put_object", {"Key": "k", "Body": b"x", "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, ("BadDigest", 400)),
        ("put_object", {"Key": "k", "Body": b"x", "IfMatch": "a"}, ("NotImplemented", 501)),
        ("head_object", {"Key": "none"}, ("404", 404)),
        ("delete_object", {"Key": "none"}, ("NotImplemented", 501)),
    ],
)
def test_what_cannot_be_handed_on_is_told(
    door: Any, s3: Any, operation: str, arguments: dict[str, Any], code: tuple[str, int]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(door, operation)(**{"Bucket": "kept-elsewhere", **arguments})
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == code
    assert "Contents" not in s3.list_objects_v2(Bucket="kept-elsewhere", Prefix="k")


def test_one_bucket_may_be_elsewhere_and_the_others_here(
    s3: Any, endpoint: str, astronaut: bytes, tmp_path: Path
) -> None:
    s3.put_object(Bucket="photos", Key="astronaut.jpg", Body=astronaut)
    environment = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    url = f"s3://photos?endpoint={endpoint}&region={REGION}"
    running = start_service(tmp_path, "--s3-bucket", url, environment=environment)
    try:
        (running.bucket / "here.jpg").write_bytes(astronaut)
        client = running.client()
        for place in ({"Bucket": "photos", "Name": "astronaut.jpg"}, {"Bucket": "openrek", "Name": "here.jpg"}):
            assert len(client.detect_faces(Image={"S3Object": place})["FaceDetails"]) == 1
    finally:
        stop_service(running)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://somewhere/bucket", "s3://BUCKET"),
        ("s3://UPPER", "not a bucket name"),
        ("s3://bucket?colour=red", "s3://BUCKET"),
        ("s3://bucket?endpoint=ftp://x", "http://"),
        ("s3://not-there?endpoint=http://127.0.0.1:9", "'not-there'"),
    ],
)
def test_a_place_that_cannot_be_is_told_at_the_start(url: str, message: str, tmp_path: Path) -> None:
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    with pytest.raises(RuntimeError) as caught:
        start_service(tmp_path, "--s3", url, environment=environment)
    assert message in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("key", ["folder/", "a//b", "../x", "./x"])
def test_keys_that_are_no_paths_are_handed_on_as_they_are(door: Any, s3: Any, key: str) -> None:
    door.put_object(Bucket="kept-elsewhere", Key=key, Body=key.encode())
    assert door.get_object(Bucket="kept-elsewhere", Key=key)["Body"].read() == key.encode()
    assert s3.get_object(Bucket="kept-elsewhere", Key=key)["Body"].read() == key.encode()


def test_ranges_and_conditions_are_handed_on(door: Any, s3: Any) -> None:
    place = {"Bucket": "kept-elsewhere", "Key": "ranges/large"}
    body = bytes(range(256)) * 20_000
    etag = s3.put_object(**place, Body=body, ContentType="text/x")["ETag"]
    answer = door.get_object(**place, Range="bytes=1000-1999")
    assert (answer["Body"].read(), answer["ContentType"]) == (body[1000:2000], "text/x")
    assert answer["ContentRange"] == f"bytes 1000-1999/{len(body)}"
    assert door.get_object(**place, Range="bytes=-5")["Body"].read() == body[-5:]
    assert door.get_object(**place, IfMatch=etag)["Body"].read() == body
    for arguments, code in [
        ({"Range": f"bytes={len(body)}-"}, "InvalidRange"),
        ({"IfNoneMatch": etag}, "304"),
        ({"IfMatch": '"other"'}, "PreconditionFailed"),
    ]:
        with pytest.raises(ClientError, match=code):
            door.get_object(**place, **arguments)


@pytest.mark.parametrize("key", ["tagged", "tagged//twice"])
def test_tags_are_handed_on(door: Any, s3: Any, key: str) -> None:
    door.put_object(Bucket="kept-elsewhere", Key=key, Body=b"x", Tagging="a=b&c=%C3%A9")
    tags = s3.get_object_tagging(Bucket="kept-elsewhere", Key=key)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"a": "b", "c": "é"}
