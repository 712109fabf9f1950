"""Every object store keeps the same promises: one class of tests for all."""

import itertools
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openrek.errors import (
    BucketNotFoundError,
    ObjectNotFoundError,
    ObjectNotReadableError,
    ObjectTooLargeError,
    RangeNotSatisfiableError,
)
from openrek.s3 import (
    AuthorizedObjectStore,
    BotoObjectStore,
    Facts,
    LocalObjectStore,
    MemoryObjectStore,
    ObjectStore,
    RemoteObjectStore,
    RoutingObjectStore,
    S3Location,
)

REGION = "eu-west-1"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
MAKERS = ["memory", "local", "remote", "boto", "routing", "authorized"]
NEW_BUCKET = Callable[[], str]


@pytest.fixture(scope="module")
def s3(endpoint: str) -> Any:
    import boto3

    return boto3.client("s3", endpoint_url=endpoint, region_name=REGION, **KEYS)


_numbers = itertools.count()


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    return _store(request.param, request, tmp_path, monkeypatch)


def _store(kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if kind == "memory":
        return MemoryObjectStore()
    if kind in ("remote", "boto"):
        client = request.getfixturevalue("s3")
        bucket = request.getfixturevalue("bucket")
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        if kind == "boto":
            return BotoObjectStore(client)
        for name, value in KEYS.items():
            monkeypatch.setenv(name.upper(), value)
        return RemoteObjectStore(S3Location(f"s3://{bucket}?endpoint={request.getfixturevalue('endpoint')}"))
    local = LocalObjectStore(tmp_path)
    local.create_bucket(request.getfixturevalue("bucket"))
    if kind == "routing":
        return RoutingObjectStore({"elsewhere": MemoryObjectStore()}, local)
    return AuthorizedObjectStore(local, lambda action, arn: None) if kind == "authorized" else local


@pytest.fixture
def bucket() -> str:
    return f"bucket-{next(_numbers)}"


class TestObjectStore:
    """The contract of the port."""

    def test_an_object_is_read_as_it_was_put(self, store: ObjectStore, bucket: str) -> None:
        store.put(bucket, "a b/ảnh.jpg", b"one")
        etag = store.put(bucket, "a b/ảnh.jpg", b"two")
        stored = store.get(bucket, "a b/ảnh.jpg")
        assert (stored.data, stored.info.size_bytes, stored.info.content_type) == (b"two", 3, "image/jpeg")
        assert (stored.info.key, stored.info.etag) == ("a b/ảnh.jpg", etag)
        info = store.head(bucket, "a b/ảnh.jpg")
        assert (info.key, info.size_bytes, info.etag, info.content_type) == (
            stored.info.key,
            stored.info.size_bytes,
            stored.info.etag,
            stored.info.content_type,
        )
        assert info.modified_at.utcoffset() is not None

    def test_facts_are_kept_with_the_object_and_replaced_with_it(self, store: ObjectStore, bucket: str) -> None:
        facts = Facts(
            "0cc175b9c0f1b6a831c399e269772661", "image/x-made-up", {"by": "An"}, {"cache-control": "no-store"}
        )
        store.put(bucket, "k", b"a", facts=facts)
        for info in (store.head(bucket, "k"), store.get(bucket, "k").info, store.open(bucket, "k").info):
            assert info.facts == facts
        assert store.list_page(bucket).objects[0].etag == facts.etag
        store.put(bucket, "k", b"b")
        info = store.head(bucket, "k")
        assert (info.content_type, dict(info.facts.metadata)) == ("application/octet-stream", {})

    def test_an_object_that_must_be_new_replaces_none(self, store: ObjectStore, bucket: str) -> None:
        store.put(bucket, "k", b"one", create=True)
        with pytest.raises(FileExistsError):
            store.put(bucket, "k", b"two", create=True)
        assert store.get(bucket, "k").data == b"one"

    def test_ranges_are_read(self, store: ObjectStore, bucket: str) -> None:
        store.put(bucket, "k", b"0123456789")
        assert store.get_range(bucket, "k", 0, 1) == b"0"
        assert store.get_range(bucket, "k", 3, 6) == b"345"
        assert store.get_range(bucket, "k", 8, 20) == b"89"
        assert store.get_range(bucket, "k", 4, 4) == b""
        for start in (10, 11):
            with pytest.raises(RangeNotSatisfiableError):
                store.get_range(bucket, "k", start, 20)
        with pytest.raises(RangeNotSatisfiableError):
            store.open(bucket, "k", start=10)
        opened = store.open(bucket, "k", start=7)
        assert (opened.start, opened.end, opened.info.size_bytes, b"".join(opened.chunks)) == (7, 10, 10, b"789")

    def test_an_empty_object_is_an_object(self, store: ObjectStore, bucket: str) -> None:
        store.put(bucket, "k", b"")
        opened = store.open(bucket, "k")
        assert (opened.start, opened.end, list(opened.chunks)) == (0, 0, [])
        assert store.get_range(bucket, "k", 0, 5) == store.get(bucket, "k").data == b""

    def test_a_large_object_is_read_and_written_in_pieces(self, store: ObjectStore, bucket: str) -> None:
        piece = bytes(range(256)) * 4096  # 1 MiB
        sent: list[int] = []

        def pieces() -> Iterator[bytes]:
            for number in range(20):
                sent.append(number)
                yield piece

        facts = Facts("etag-of-mine", "video/mp4", {"n": "20"})
        store.put_stream(bucket, "large", pieces(), facts=facts)
        info = store.head(bucket, "large")
        assert (info.size_bytes, info.content_type, dict(info.facts.metadata)) == (20 << 20, "video/mp4", {"n": "20"})
        opened = store.open(bucket, "large")
        assert b"".join(opened.chunks) == piece * 20
        assert store.get_range(bucket, "large", (7 << 20) + 5, (7 << 20) + 9) == bytes([5, 6, 7, 8])

    def test_a_stream_that_breaks_leaves_no_object(self, store: ObjectStore, bucket: str) -> None:
        def broken() -> Iterator[bytes]:
            yield b"x" * (9 << 20)
            yield b"x" * (9 << 20)
            raise KeyError("broken")

        with pytest.raises(KeyError):
            store.put_stream(bucket, "k", broken())
        assert store.keys(bucket, "") == []

    def test_deleting_an_absent_object_is_no_error(self, store: ObjectStore, bucket: str) -> None:
        store.put(bucket, "k", b"x")
        store.put(bucket, "a//b", b"x")
        store.delete(bucket, ["k", "never there", "a//b", "never//there"])
        store.delete(bucket, ["never there"])
        store.delete(bucket, [])
        assert store.keys(bucket, "") == []

    def test_errors_name_what_is_missing(self, store: ObjectStore, bucket: str) -> None:
        for read in (store.get, store.head, store.open):
            with pytest.raises(ObjectNotFoundError, match="there is no object 'none' in bucket"):
                read(bucket, "none")
            with pytest.raises(ObjectNotReadableError, match="not a bucket name"):
                read("UPPER", "k")
            with pytest.raises(ObjectNotReadableError, match="1024"):
                read(bucket, "x" * 1025)
        store.put(bucket, "k", b"12345")
        assert store.get(bucket, "k", max_bytes=5).data == b"12345"
        with pytest.raises(ObjectTooLargeError, match="at most 4"):
            store.get(bucket, "k", max_bytes=4)

    def test_pages_of_a_listing_follow_each_other(self, store: ObjectStore, bucket: str) -> None:
        keys = sorted([f"b/{number}" for number in range(5)] + ["a", "a!", "a/b", "a/b/c", "aa", "c/d/e", "é", "c"])
        for key in keys:
            store.put(bucket, key, key.encode())
        for limit in (1, 2, 3, 5, 1000):
            found: list[str] = []
            after: str | None = ""
            while after is not None:
                page = store.list_page(bucket, after=after, limit=limit)
                assert len(page.objects) <= limit
                found += [info.key for info in page.objects]
                after = page.next_after
            assert found == keys
        assert [info.size_bytes for info in store.list_page(bucket).objects] == [len(key.encode()) for key in keys]
        assert [info.key for info in store.list_page(bucket, after="a/b").objects] == keys[keys.index("a/b") + 1 :]
        assert [info.key for info in store.list_page(bucket, "a", after="0").objects] == [
            key for key in keys if key.startswith("a")
        ]

    def test_a_delimiter_folds_keys(self, store: ObjectStore, bucket: str) -> None:
        for key in ["a", "a/b", "a/c/d", "b-1", "b-2", "b/x", "c/y", "d"]:
            store.put(bucket, key, b"x")
        for limit in (1, 2, 3, 1000):
            objects: list[str] = []
            prefixes: list[str] = []
            after: str | None = ""
            while after is not None:
                page = store.list_page(bucket, after=after, delimiter="/", limit=limit)
                assert len(page.objects) + len(page.prefixes) <= limit
                objects += [info.key for info in page.objects]
                prefixes += page.prefixes
                after = page.next_after
            assert (objects, prefixes) == (["a", "b-1", "b-2", "d"], ["a/", "b/", "c/"])
        page = store.list_page(bucket, "a/", delimiter="/")
        assert ([info.key for info in page.objects], page.prefixes) == (["a/b"], ("a/c/",))
        assert store.list_page(bucket, delimiter="-").prefixes == ("b-",)
        assert store.folders(bucket, "") == ["a", "b", "c"]
        assert store.folders(bucket, "a/") == ["c"]
        assert store.folders(bucket, "none/") == store.keys(bucket, "none/") == []

    def test_keys_that_are_no_paths_are_kept_apart(self, store: ObjectStore, bucket: str) -> None:
        keys = [
            "k",
            "k/",
            "k//",
            "k//b",
            "k/b",
            "/k",
            "../x",
            "..",
            ".",
            "./x",
            "a/./b",
            "a/b",
            "a/../b",
            "b",
            "K",
            "k#1",
        ]
        keys += ["\u00e9", "e\u0301", "a%2Fb", "a b", "a+b", "x" * 300, "x" * 300 + "/y", "x?y=z&w"]
        for key in keys:
            store.put(bucket, key, key.encode())
        assert store.keys(bucket, "") == sorted(keys)
        for key in keys:
            assert store.get(bucket, key).data == key.encode()
        store.delete(bucket, keys[::2])
        assert store.keys(bucket, "") == sorted(keys[1::2])


@pytest.mark.parametrize("kind", ["local", "remote", "boto"])
def test_a_bucket_that_is_missing_is_named(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _store(kind, request, tmp_path, monkeypatch)
    for call in (
        lambda: store.get("nowhere", "k"),
        lambda: store.open("nowhere", "k"),
        lambda: store.put("nowhere", "k", b"x"),
        lambda: store.put_stream("nowhere", "k", [b"x"]),
        lambda: store.list_page("nowhere"),
    ):
        with pytest.raises(BucketNotFoundError, match="there is no bucket 'nowhere'"):
            call()


def test_an_endpoint_that_is_gone_is_a_failure_of_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    store = RemoteObjectStore(S3Location(f"s3://bucket?endpoint=http://127.0.0.1:{port}"))
    with pytest.raises(RuntimeError, match="cannot be used"):
        store.check()
