"""The local store: files that are whole or absent, and nothing outside their bucket."""

from pathlib import Path

import pytest

from openrek.errors import InvalidS3ObjectException
from openrek.s3 import Buckets, GuardedObjects, LocalObjectStore, MemoryObjectStore, ObjectStore, S3Place


@pytest.fixture
def store(tmp_path: Path) -> LocalObjectStore:
    store = LocalObjectStore(tmp_path)
    store.create_bucket("pictures")
    return store


@pytest.fixture(params=["local", "memory"])
def any_store(request: pytest.FixtureRequest) -> ObjectStore:
    """The stores that must do the same."""
    if request.param == "memory":
        return MemoryObjectStore()
    store: LocalObjectStore = request.getfixturevalue("store")
    return store


def test_what_is_put_is_got(any_store: ObjectStore) -> None:
    store = any_store
    store.put("pictures", "a b/ảnh.jpg", b"one")
    store.put("pictures", "a b/ảnh.jpg", b"two")
    found = store.get("pictures", "a b/ảnh.jpg")
    assert (found.data, found.info.size_bytes, found.info.content_type) == (b"two", 3, "image/jpeg")
    assert store.head("pictures", "a b/ảnh.jpg") == found.info
    assert store.keys("pictures", "a b/") == ["a b/ảnh.jpg"]
    assert store.folders("pictures", "") == ["a b"]


def test_an_object_that_must_be_new_replaces_none(any_store: ObjectStore) -> None:
    store = any_store
    store.put("pictures", "k", b"one", create=True)
    with pytest.raises(FileExistsError):
        store.put("pictures", "k", b"two", create=True)
    assert store.get("pictures", "k").data == b"one"


def test_deleting_what_is_not_there_is_no_error(any_store: ObjectStore) -> None:
    store = any_store
    store.put("pictures", "k", b"x")
    store.delete("pictures", ["k", "never there"])
    assert store.keys("pictures", "") == []


@pytest.mark.parametrize(
    ("bucket", "key", "said"),
    [
        ("pictures", "none", "there is no object 'none' in bucket 'pictures'"),
        ("nowhere", "k", "there is no bucket 'nowhere'"),
        ("UPPER", "k", "not a bucket name"),
        ("..", "k", "not a bucket name"),
    ],
)
def test_what_is_missing_is_named(store: LocalObjectStore, bucket: str, key: str, said: str) -> None:
    with pytest.raises(InvalidS3ObjectException, match=said):
        store.get(bucket, key)


@pytest.mark.parametrize(
    "key", ["", "../secret", "a/../../secret", "/etc/passwd", "a//b", "a/", "./a", "a\\b", "a\nb", "a\0b", "x" * 241]
)
def test_keys_that_leave_the_bucket_or_cannot_be_files_are_refused(store: LocalObjectStore, key: str) -> None:
    for call in (lambda: store.put("pictures", key, b"x"), lambda: store.get("pictures", key)):
        with pytest.raises(InvalidS3ObjectException):
            call()


def test_too_many_bytes_are_not_read(store: LocalObjectStore) -> None:
    store.put("pictures", "k", b"12345")
    assert store.get("pictures", "k", max_bytes=5).data == b"12345"
    with pytest.raises(InvalidS3ObjectException, match="at most 4"):
        store.get("pictures", "k", max_bytes=4)
    with pytest.raises(InvalidS3ObjectException, match="no versions"):
        store.get("pictures", "k", "v1")


def test_each_call_asks_for_its_permission(store: LocalObjectStore) -> None:
    asked: list[tuple[str, str]] = []
    guarded = GuardedObjects(store, lambda action, arn: asked.append((action, arn)))
    guarded.put("pictures", "a/k", b"x")
    guarded.get("pictures", "a/k")
    guarded.head("pictures", "a/k")
    guarded.keys("pictures", "a/")
    guarded.folders("pictures", "")
    guarded.delete("pictures", ["a/k"])
    thing = "arn:aws:s3:::pictures/a/k"
    assert asked == [
        ("s3:PutObject", thing),
        ("s3:GetObject", thing),
        ("s3:GetObject", thing),
        ("s3:ListBucket", "arn:aws:s3:::pictures"),
        ("s3:ListBucket", "arn:aws:s3:::pictures"),
        ("s3:DeleteObject", thing),
    ]


def test_without_permission_nothing_happens(store: LocalObjectStore) -> None:
    def refuse(action: str, arn: str) -> None:
        raise PermissionError(action)

    store.put("pictures", "k", b"x")
    guarded = GuardedObjects(store, refuse)
    with pytest.raises(PermissionError):
        guarded.put("pictures", "k", b"y")
    with pytest.raises(PermissionError):
        guarded.delete("pictures", ["k"])
    assert store.get("pictures", "k").data == b"x"


def test_a_bucket_elsewhere_is_asked_there(tmp_path: Path) -> None:
    here, there = LocalObjectStore(tmp_path / "here"), LocalObjectStore(tmp_path / "there")
    here.create_bucket("near")
    there.create_bucket("far")
    both = Buckets({"far": there}, here)
    for bucket in ("near", "far"):
        both.put(bucket, "f/k", bucket.encode())
        assert both.get(bucket, "f/k").data == bucket.encode()
        assert (both.keys(bucket, "f/"), both.folders(bucket, "")) == (["f/k"], ["f"])
    assert there.get("far", "f/k").data == b"far"
    both.delete("far", ["f/k"])
    assert both.keys("far", "") == []


def test_a_place_is_read_from_its_url() -> None:
    place = S3Place("s3://photos?endpoint=http://127.0.0.1:9000&region=eu-west-1")
    assert (place.bucket, place.endpoint, place.region) == ("photos", "http://127.0.0.1:9000", "eu-west-1")
    assert (S3Place("s3://photos").endpoint, S3Place("s3://photos").region) == (None, "us-east-1")
