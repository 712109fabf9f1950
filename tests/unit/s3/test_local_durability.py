"""What the local store promises about crashes, full disks and other writers."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrek.errors import BucketNotFoundError, ObjectNotFoundError, StorageFullError, StorageReadOnlyError
from openrek.s3 import Facts, LocalObjectStore, local, staging, walk


@pytest.fixture
def store(tmp_path: Path) -> LocalObjectStore:
    store = LocalObjectStore(tmp_path)
    store.create_bucket("images")
    return store


def facts(number: int) -> Facts:
    return Facts(f"etag-{number}", f"image/x-{number}", {"number": str(number)}, tags={"n": str(number)})


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.parent.name != ".buckets")


STRANGE = ["", ".", "..", "A", ".openrek-", ".openrek-a", ".openrek=", ".openrek+", "%2e", "a#1", "\x00", "a\\b"]
LONG = ["x" * 250, "x" * 250 + "y"]
SEGMENTS = st.sampled_from(["a", "b", "\u00e9", "e\u0301", *STRANGE, *LONG])
KEYS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join).filter(bool)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "delete", "create"]), KEYS), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, prefix=KEYS | st.just(""), limit=st.integers(1, 5))
def test_any_keys_are_kept_apart_and_listed_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], prefix: str, limit: int
) -> None:
    store = LocalObjectStore(tmp_path_factory.mktemp("root"))
    store.create_bucket("images")
    model: dict[str, bytes] = {}
    for number, (step, key) in enumerate(steps):
        if step == "delete":
            store.delete("images", [key])
            model.pop(key, None)
        elif step == "create" and key in model:
            with pytest.raises(FileExistsError):
                store.put("images", key, b"x", create=True)
        else:
            store.put("images", key, str(number).encode(), create=step == "create", facts=facts(number))
            model[key] = str(number).encode()
    assert {info.key: info.facts for info in store.entries("images", "")} == {
        key: facts(int(data)) for key, data in model.items()
    }
    for key, data in model.items():
        assert store.get("images", key).data == data
    expected = sorted(key for key in model if key.startswith(prefix))
    listed: list[str] = []
    folded: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.list_page("images", prefix, after=after, limit=limit)
        listed += [info.key for info in page.objects]
        after = page.next_after
    assert listed == expected
    after = ""
    while after is not None:
        page = store.list_page("images", prefix, after=after, delimiter="/", limit=limit)
        folded += [*[info.key for info in page.objects], *page.prefixes]
        after = page.next_after
    ends = {key: key.find("/", len(prefix)) for key in expected}
    assert sorted(folded) == sorted({key[: end + 1] if end >= 0 else key for key, end in ends.items()})
    store.delete("images", list(model))
    assert store.delete_bucket("images")


def test_facts_can_be_changed_without_the_object(store: LocalObjectStore) -> None:
    store.put("images", "k", b"x", facts=facts(1))
    before = store.head("images", "k")
    store.set_facts("images", "k", lambda facts: Facts(facts.etag, facts.content_type, tags={"new": "1"}))
    after = store.head("images", "k")
    assert after.facts == Facts("etag-1", "image/x-1", tags={"new": "1"})
    assert (after.modified_at, after.size_bytes) == (before.modified_at, before.size_bytes)
    with pytest.raises(ObjectNotFoundError):
        store.set_facts("images", "none", lambda facts: facts)


def test_facts_survive_a_copy_of_the_data_folder(store: LocalObjectStore, tmp_path: Path) -> None:
    import shutil

    store.put("images", "k", b"x", facts=facts(1))
    shutil.copytree(tmp_path, tmp_path.with_name("copy"))  # keeps times, as `cp -a` does; inodes are others
    assert LocalObjectStore(tmp_path.with_name("copy")).head("images", "k").facts == facts(1)


def test_facts_of_a_file_that_other_hands_changed_do_not_count(store: LocalObjectStore, tmp_path: Path) -> None:
    store.put("images", "k.png", b"x", facts=facts(1))
    (tmp_path / "images" / "k.png").write_bytes(b"yy")
    assert store.head("images", "k.png").content_type == "image/png"


def test_overwriting_leaves_no_facts_of_the_old_content(store: LocalObjectStore, tmp_path: Path) -> None:
    for number in range(5):
        store.put("images", "k", b"same size", facts=facts(number))
        assert store.get("images", "k").info.facts == facts(number)
    assert len(files(tmp_path / ".facts")) == 1
    store.delete("images", ["k"])
    assert files(tmp_path) == []


class Killed(BaseException):
    """The process ended here."""


def kill_at(monkeypatch: pytest.MonkeyPatch, name: str, count: int) -> None:
    """From the call of this number on, the system call and all cleaning up end at once."""
    original: Callable[..., Any] = getattr(os, name)
    calls = iter(range(10**6))

    def call(*arguments: Any, **options: Any) -> Any:
        if next(calls) >= count:
            raise Killed
        return original(*arguments, **options)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("call", ["fsync", "replace", "rename", "utime", "link", "unlink"])
@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("create", [False, True])
def test_a_kill_anywhere_leaves_the_old_object_or_the_new_one_with_its_facts(
    store: LocalObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, count: int, create: bool
) -> None:
    key = "new" if create else "a/old"
    store.put("images", "a/old", b"1", facts=facts(1))
    with monkeypatch.context() as patch:
        kill_at(patch, call, count)
        try:
            store.put("images", key, b"2", create=create, facts=facts(2))
        except Killed:
            acknowledged = False
        else:
            acknowledged = True
    again = LocalObjectStore(tmp_path)
    again.sweep()
    stored = {info.key: (again.get("images", info.key).data, info.facts) for info in again.entries("images", "")}
    old, new = (b"1", facts(1)), (b"2", facts(2))
    if acknowledged:
        assert stored[key] == new
    elif create:
        assert stored.get(key, new) == new
    assert stored["a/old"] in ((old,) if create else (old, new))
    again.put("images", key, b"3", facts=facts(3))
    assert again.head("images", key).facts == facts(3)


def test_what_a_killed_process_staged_is_swept_and_what_is_written_now_is_not(
    store: LocalObjectStore, tmp_path: Path
) -> None:
    with store.stage() as staged:
        staged.write(b"under way")
        abandoned = tmp_path / staging.FOLDER / ("0" * 32)
        abandoned.write_bytes(b"of a process that is gone")
        abandoned.with_suffix(".facts").write_bytes(b"{}")
        for number in range(20):  # in whatever order the folder gives them
            (tmp_path / staging.FOLDER / f"{number:032x}").write_bytes(b"")
            (tmp_path / staging.FOLDER / f"{number:032x}.facts").write_bytes(b"{}")
        assert LocalObjectStore(tmp_path).sweep() == 40
        assert files(tmp_path) == [staged.path]
        store.commit(staged, "images", "k")
    assert store.get("images", "k").data == b"under way"
    assert [path.name for path in files(tmp_path)] == ["k"]


def test_an_object_put_while_its_bucket_is_deleted_is_not_lost(
    store: LocalObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = LocalObjectStore(tmp_path)  # as of another process: it waits for no lock of this one
    look = walk.has_object

    def look_then_put(folder: str) -> bool:
        found = look(folder)
        other.put("images", "a/b/c", b"late", facts=facts(1))
        return found

    monkeypatch.setattr(local, "has_object", look_then_put)
    store.put("images", "a/x", b"x")
    store.delete("images", ["a/x"])
    assert not store.delete_bucket("images")
    assert other.get("images", "a/b/c").data == b"late"
    assert other.head("images", "a/b/c").facts == facts(1)


def test_an_object_put_after_its_bucket_was_deleted_is_refused(store: LocalObjectStore, tmp_path: Path) -> None:
    with store.stage() as staged:
        staged.write(b"x")
        assert LocalObjectStore(tmp_path).delete_bucket("images")
        with pytest.raises(BucketNotFoundError):
            store.commit(staged, "images", "a/b", facts(1))
    assert not (tmp_path / "images").exists()
    assert files(tmp_path) == []


def test_a_bucket_with_leftovers_of_an_earlier_release_can_be_deleted(store: LocalObjectStore, tmp_path: Path) -> None:
    (tmp_path / "images" / "a").mkdir()
    (tmp_path / "images" / "a" / "photo.jpg#1").write_bytes(b"cut off")
    assert store.keys("images", "") == []
    assert store.delete_bucket("images")


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, StorageFullError),
        (errno.EDQUOT, StorageFullError),
        (errno.EROFS, StorageReadOnlyError),
        (errno.EACCES, StorageReadOnlyError),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "utime", "replace"])
def test_a_full_or_read_only_disk_is_named_and_nothing_stays(
    store: LocalObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type, call: str
) -> None:
    store.put("images", "k", b"1", facts=facts(1))
    before = files(tmp_path)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(error, match="could not be written"):
            store.put("images", "k", b"2", facts=facts(2))
        with pytest.raises(error):
            store.put("images", "new/key", b"2", facts=facts(2))
    assert files(tmp_path) == before
    assert store.head("images", "k").facts == facts(1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_disk_that_is_full_at_the_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalObjectStore(tmp_path)
    store.check()
    opened = staging.StagedFile.__init__

    def full(self: staging.StagedFile, folder: Path) -> None:
        opened(self, folder)
        self._file.close()
        self._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115

    monkeypatch.setattr(staging.StagedFile, "__init__", full)
    with pytest.raises(RuntimeError, match=r"cannot be stored in .*No space left on device.*Free space"):
        store.check()


def test_one_page_of_many_keys_reads_only_its_own(store: LocalObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        store.put("images", f"{number:02d}/k", b"x", facts=facts(number))
    read: list[str] = []
    original = os.stat

    def count(path: Any, **options: Any) -> os.stat_result:
        read.append(str(path))
        return original(path, **options)

    monkeypatch.setattr(os, "stat", count)
    page = store.list_page("images", after="20/k", limit=5)
    assert [info.key for info in page.objects] == [f"{number}/k" for number in range(21, 26)]
    assert len([path for path in read if path.endswith("/k")]) <= 6
