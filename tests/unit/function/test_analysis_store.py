"""Analyses are there as a whole or not at all, the newest first."""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from openrek.errors import ResourceNotFoundError
from openrek.function import AnalysisStore
from openrek.function.analysis_record import AnalysisDamagedError
from openrek.ids import new_identifier
from openrek.s3 import Listing, LocalObjectStore, MemoryObjectStore, StoredObject

FILES = {"original.jpg": b"o", "annotated.jpg": b"a", "thumbnail.jpg": b"t"}


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjectStore:
    store = LocalObjectStore(tmp_path)
    store.create_bucket("bucket")
    return store


def saved(archive: AnalysisStore) -> str:
    identifier = new_identifier()
    archive.save(identifier, FILES, lambda: {"id": identifier})
    return identifier


def test_pages_are_newest_first_and_hold_each_once(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    made = []
    for _ in range(5):
        made.append(saved(archive))
        time.sleep(0.002)
    first, following = archive.page(2)
    second, after_that = archive.page(2, following)
    third, end = archive.page(2, after_that)
    assert [result["id"] for result in [*first, *second, *third]] == made[::-1]
    assert end is None


@pytest.mark.parametrize("failing", range(4))
def test_when_a_write_fails_nothing_stays(objects: LocalObjectStore, failing: int) -> None:
    class Failing(LocalObjectStore):
        puts = 0

        def put(self, bucket: str, key: str, data: bytes, *, create: bool = False, facts: Any = None) -> str:
            if self.puts == failing:
                raise OSError("the disk is full")
            type(self).puts += 1
            return super().put(bucket, key, data, create=create)

    archive = AnalysisStore(Failing(objects.root), "bucket")
    with pytest.raises(OSError, match="full"):
        saved(archive)
    assert objects.keys("bucket", "") == []
    assert archive.page(10) == ([], None)


def test_an_analysis_without_its_result_does_not_exist(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    whole, cut_off = saved(archive), saved(archive)
    objects.delete("bucket", [archive.key(cut_off, "result.json")])
    assert [result["id"] for result in archive.page(10)[0]] == [whole]
    with pytest.raises(ResourceNotFoundError):
        archive.load(cut_off)


def test_the_sweep_removes_what_was_left_an_hour_ago_and_nothing_else(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    whole, old, fresh = saved(archive), saved(archive), saved(archive)
    for identifier in (old, fresh):
        objects.delete("bucket", [archive.key(identifier, "result.json")])
    long_ago = time.time() - 2 * 3600
    for identifier in (old, whole):
        for path in (objects.root / "bucket" / "analyses" / identifier).iterdir():
            os.utime(path, (long_ago, long_ago))
    assert archive.sweep() == 3
    assert len(objects.keys("bucket", archive.key(whole, ""))) == 4
    assert len(objects.keys("bucket", archive.key(fresh, ""))) == 3


def test_deleting_takes_all_four(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    identifier = saved(archive)
    archive.delete(identifier)
    assert objects.keys("bucket", "") == []
    with pytest.raises(ResourceNotFoundError):
        archive.delete(identifier)


@pytest.mark.parametrize("name", ["", "../x", "nothing", "a" * 100])
def test_a_made_up_name_is_not_found(objects: LocalObjectStore, name: str) -> None:
    with pytest.raises(ResourceNotFoundError):
        AnalysisStore(objects, "bucket").load(name)


class Counting(MemoryObjectStore):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def list_page(self, *arguments: Any, **options: Any) -> Listing:
        self.calls["list"] += 1
        return super().list_page(*arguments, **options)

    def get(self, *arguments: Any, **options: Any) -> StoredObject:
        self.calls["get"] += 1
        return super().get(*arguments, **options)


def test_a_page_is_one_listing_and_one_read_for_each_result() -> None:
    objects = Counting()
    archive = AnalysisStore(objects, "bucket")
    made = [saved(archive) for _ in range(60)][::-1]
    after = None
    for start in range(0, 60, 20):
        objects.calls.clear()
        results, after = archive.page(20, after)
        assert [result["id"] for result in results] == made[start : start + 20]
        assert objects.calls == {"list": 1, "get": 20}
    assert after is None


def test_the_sweep_spares_what_is_being_saved_at_that_moment(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    identifier = new_identifier()

    def result() -> dict[str, Any]:
        long_ago = time.time() - 2 * 3600
        for path in (objects.root / "bucket" / "analyses" / identifier).iterdir():
            os.utime(path, (long_ago, long_ago))
        assert archive.sweep() == 0
        return {"id": identifier}

    archive.save(identifier, FILES, result)
    assert len(objects.keys("bucket", archive.key(identifier, ""))) == 4


def test_a_failed_attempt_at_a_repeatable_analysis_leaves_the_other_s_files(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    identifier = new_identifier()

    def overtaken() -> dict[str, Any]:
        archive.save(identifier, FILES, lambda: {"id": identifier}, repeatable=True)
        raise OSError("the connection broke")

    with pytest.raises(OSError, match="broke"):
        archive.save(identifier, FILES, overtaken, repeatable=True)
    assert archive.load(identifier) == {"id": identifier}
    assert len(objects.keys("bucket", archive.key(identifier, ""))) == 4


def test_a_record_as_large_as_no_result_is_damaged(objects: LocalObjectStore) -> None:
    archive = AnalysisStore(objects, "bucket")
    identifier = saved(archive)
    with (objects.root / "bucket" / "analyses" / identifier / "result.json").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(AnalysisDamagedError, match="too large"):
        archive.load(identifier)
    assert archive.page(1)[0][0]["damaged"]
    archive.delete(identifier)
