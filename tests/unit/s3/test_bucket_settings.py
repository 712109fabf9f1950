"""What is set for a bucket is kept with it and goes with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openrek.errors import ObjectNotReadableError
from openrek.s3 import LocalObjectStore


@pytest.fixture
def store(tmp_path: Path) -> LocalObjectStore:
    store = LocalObjectStore(tmp_path)
    store.create_bucket("images")
    return store


def test_settings_are_kept_by_name(store: LocalObjectStore, tmp_path: Path) -> None:
    rules = [{"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["GET"]}]
    store.settings.put("images", "region", "eu-west-1")
    store.settings.put("images", "cors", rules)
    again = LocalObjectStore(tmp_path).settings
    assert (again.get("images", "region"), again.get("images", "cors")) == ("eu-west-1", rules)
    again.delete("images", "cors")
    again.delete("images", "never set")
    assert store.settings.get("images", "cors") is None
    assert store.settings.get("images", "region") == "eu-west-1"


def test_a_bucket_made_again_has_no_settings_of_the_deleted_one(store: LocalObjectStore) -> None:
    store.settings.put("images", "region", "eu-west-1")
    assert store.delete_bucket("images")
    store.create_bucket("images")
    assert store.settings.get("images", "region") is None


def test_creating_an_existing_bucket_keeps_its_settings(store: LocalObjectStore) -> None:
    store.settings.put("images", "region", "eu-west-1")
    store.create_bucket("images")
    assert store.settings.get("images", "region") == "eu-west-1"


def test_a_bucket_remembers_when_it_was_created(store: LocalObjectStore) -> None:
    [(name, created_at)] = store.buckets()
    assert (name, created_at.tzinfo) == ("images", UTC)
    assert datetime.now(UTC) - created_at < timedelta(minutes=5)
    store.put("images", "a/b", b"x")
    assert store.buckets() == [("images", created_at)]


def test_settings_folder_is_no_bucket(store: LocalObjectStore) -> None:
    store.settings.put("images", "region", "eu-west-1")
    assert [name for name, _ in store.buckets()] == ["images"]
    with pytest.raises(ObjectNotReadableError):
        store.settings.put("../images", "region", "x")


def test_a_damaged_document_is_as_good_as_none(store: LocalObjectStore, tmp_path: Path) -> None:
    (tmp_path / ".buckets" / "images.json").write_bytes(b"{")
    assert store.settings.get("images", "region") is None
    store.settings.put("images", "region", "eu-west-1")
    assert store.settings.get("images", "region") == "eu-west-1"
