"""Analyses are there as a whole or not at all, the newest first."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from openrek.errors import ResourceNotFoundError
from openrek.function import AnalysisStore
from openrek.ids import new_identifier
from openrek.s3 import LocalObjectStore

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
