"""The local store: files that are whole or absent, and nothing outside their bucket."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openrek.errors import ObjectNotReadableError
from openrek.s3 import (
    AuthorizedObjectStore,
    LocalObjectStore,
    MemoryObjectStore,
    ObjectStore,
    RoutingObjectStore,
    S3Location,
)


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
    ("bucket", "key", "message"),
    [
        ("pictures", "none", "there is no object 'none' in bucket 'pictures'"),
        ("nowhere", "k", "there is no bucket 'nowhere'"),
        ("UPPER", "k", "not a bucket name"),
        ("..", "k", "not a bucket name"),
    ],
)
def test_what_is_missing_is_named(store: LocalObjectStore, bucket: str, key: str, message: str) -> None:
    with pytest.raises(ObjectNotReadableError, match=message):
        store.get(bucket, key)


STRANGE = [
    *(
        "../secret",
        "a/../../secret",
        "/etc/passwd",
        "//",
        "a//b",
        "folder/",
        "./a",
        ".",
        "a\\b",
        "a\nb",
        "a\0b",
        "photo#1",
    ),
    *("x" * 241, "ả" * 300, f"{'x' * 500}/y", ".openrek-x", ".openrek+", "a/.openrek-", "%2e%2e/%41"),
]


@pytest.mark.parametrize("key", STRANGE)
def test_keys_that_are_no_paths_are_kept_inside_the_bucket(store: LocalObjectStore, tmp_path: Path, key: str) -> None:
    store.put("pictures", key, b"one")
    assert store.get("pictures", key).data == b"one"
    assert store.head("pictures", key).key == key
    assert [info.key for info in store.entries("pictures", "")] == store.keys("pictures", "") == [key]
    folder, slash, _ = key.rpartition("/")
    assert store.keys("pictures", folder + slash) == [key]
    assert store.folders("pictures", "") == ([key.partition("/")[0]] if slash else [])
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and tmp_path / "pictures" not in path.parents]
    assert [path for path in outside if path.parent != tmp_path / ".buckets"] == []
    store.delete("pictures", [key])
    assert store.keys("pictures", "") == []


@pytest.mark.parametrize("key", ["", "x" * 1025, "\ud800", "/" * 1024])
def test_what_is_no_key_or_has_no_path_is_refused(store: LocalObjectStore, key: str) -> None:
    for call in (lambda: store.put("pictures", key, b"x"), lambda: store.get("pictures", key)):
        with pytest.raises(ObjectNotReadableError):
            call()


@pytest.mark.parametrize("keys", [["a", "a/b", "a/b/c"], ["a/b/c", "a/b", "a"], ["a/", "a", "a/b"], ["a/b", "a", "a/"]])
def test_an_object_may_have_the_name_of_anothers_folder(store: LocalObjectStore, keys: list[str]) -> None:
    for key in keys:
        store.put("pictures", key, key.encode())
        before = store.head("pictures", keys[0])
        assert before.etag == store.entries("pictures", "")[store.keys("pictures", "").index(keys[0])].etag
    for turn in (b"first", b"second"):
        for key in keys:
            store.put("pictures", key, turn + key.encode())
        assert store.keys("pictures", "") == sorted(keys)
        assert [store.get("pictures", key).data for key in keys] == [turn + key.encode() for key in keys]
        with pytest.raises(FileExistsError):
            store.put("pictures", keys[0], b"x", create=True)
    for gone, key in enumerate(keys, 1):
        store.delete("pictures", [key])
        assert store.keys("pictures", "") == sorted(keys[gone:])


def test_below_an_object_there_is_nothing(store: LocalObjectStore) -> None:
    store.put("pictures", "a/b", b"x")
    assert store.keys("pictures", "a/b/") == store.folders("pictures", "a/b/") == []
    with pytest.raises(ObjectNotReadableError, match="there is no object"):
        store.head("pictures", "a/b/c")
    store.delete("pictures", ["a/b/c"])
    assert store.keys("pictures", "") == ["a/b"]


def test_writers_of_an_object_and_of_what_is_below_it_do_not_hinder_each_other(store: LocalObjectStore) -> None:
    def write(number: int) -> None:
        store.put("pictures", "a/b" if number % 2 else "a", str(number).encode())

    with ThreadPoolExecutor(8) as executor:
        for _ in range(30):
            list(executor.map(write, range(8)))
            assert store.keys("pictures", "") == ["a", "a/b"]
            assert int(store.get("pictures", "a").data) % 2 == 0
            store.delete("pictures", ["a", "a/b"])
            assert store.keys("pictures", "") == []


def test_too_many_bytes_are_not_read(store: LocalObjectStore) -> None:
    store.put("pictures", "k", b"12345")
    assert store.get("pictures", "k", max_bytes=5).data == b"12345"
    with pytest.raises(ObjectNotReadableError, match="at most 4"):
        store.get("pictures", "k", max_bytes=4)
    with pytest.raises(ObjectNotReadableError, match="no versions"):
        store.get("pictures", "k", "v1")


def test_each_call_asks_for_its_permission(store: LocalObjectStore) -> None:
    requested: list[tuple[str, str]] = []
    guarded = AuthorizedObjectStore(store, lambda action, arn: requested.append((action, arn)))
    guarded.put("pictures", "a/k", b"x")
    guarded.get("pictures", "a/k")
    guarded.head("pictures", "a/k")
    guarded.keys("pictures", "a/")
    guarded.folders("pictures", "")
    guarded.delete("pictures", ["a/k"])
    thing = "arn:aws:s3:::pictures/a/k"
    assert requested == [
        ("s3:PutObject", thing),
        ("s3:GetObject", thing),
        ("s3:GetObject", thing),
        ("s3:ListBucket", "arn:aws:s3:::pictures"),
        ("s3:ListBucket", "arn:aws:s3:::pictures"),
        ("s3:DeleteObject", thing),
    ]


def test_without_permission_nothing_happens(store: LocalObjectStore) -> None:
    def error_response(action: str, arn: str) -> None:
        raise PermissionError(action)

    store.put("pictures", "k", b"x")
    guarded = AuthorizedObjectStore(store, error_response)
    with pytest.raises(PermissionError):
        guarded.put("pictures", "k", b"y")
    with pytest.raises(PermissionError):
        guarded.delete("pictures", ["k"])
    assert store.get("pictures", "k").data == b"x"


def test_a_bucket_elsewhere_is_asked_there(tmp_path: Path) -> None:
    here, there = LocalObjectStore(tmp_path / "here"), LocalObjectStore(tmp_path / "there")
    here.create_bucket("near")
    there.create_bucket("far")
    both = RoutingObjectStore({"far": there}, here)
    for bucket in ("near", "far"):
        both.put(bucket, "f/k", bucket.encode())
        assert both.get(bucket, "f/k").data == bucket.encode()
        assert (both.keys(bucket, "f/"), both.folders(bucket, "")) == (["f/k"], ["f"])
    assert there.get("far", "f/k").data == b"far"
    both.delete("far", ["f/k"])
    assert both.keys("far", "") == []


def test_a_place_is_read_from_its_url() -> None:
    place = S3Location("s3://photos?endpoint=http://127.0.0.1:9000&region=eu-west-1")
    assert (place.bucket, place.endpoint, place.region) == ("photos", "http://127.0.0.1:9000", "eu-west-1")
    assert (S3Location("s3://photos").endpoint, S3Location("s3://photos").region) == (None, "us-east-1")
