"""What is set for a bucket: its region, creation time, CORS rules, tags. One JSON document a bucket."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from openrek.s3.durable import sync_folder, write_durably
from openrek.s3.names import check_bucket

_FOLDER = ".buckets"


class BucketSettings:
    """Settings by bucket and name: JSON values, in files of a folder beside the buckets. Thread-safe.

    Args:
        root: The folder of the buckets.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / _FOLDER
        self._lock = Lock()

    def get(self, bucket: str, name: str) -> Any:
        """The setting's value; None if it is not set."""
        return self._read(bucket).get(name)

    def put(self, bucket: str, name: str, value: Any) -> None:
        """Sets a value, durably. The bucket itself is not checked."""
        with self._lock:
            self._write(bucket, {**self._read(bucket), name: value})

    def delete(self, bucket: str, name: str) -> None:
        """Removes a setting; does nothing if it is not set."""
        with self._lock:
            settings = self._read(bucket)
            if settings.pop(name, None) is not None:
                self._write(bucket, settings)

    def reset(self, bucket: str, **values: Any) -> None:
        """Replaces all settings of a bucket."""
        with self._lock:
            self._write(bucket, values)

    def forget(self, bucket: str) -> None:
        """Removes all settings of a bucket."""
        with self._lock:
            self._path(bucket).unlink(missing_ok=True)

    def _path(self, bucket: str) -> Path:
        return self._folder / f"{check_bucket(bucket)}.json"

    def _read(self, bucket: str) -> dict[str, Any]:
        try:
            read = orjson.loads(self._path(bucket).read_bytes())
        except (FileNotFoundError, ValueError):
            # The document is replaced as a whole; one that is damaged was so by other hands, and is as good as none.
            return {}
        return read if isinstance(read, dict) else {}

    def _write(self, bucket: str, settings: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(bucket)
        draft = path.with_suffix(f".{os.getpid()}.new")
        write_durably(draft, orjson.dumps(settings))
        draft.replace(path)
        sync_folder(self._folder)
