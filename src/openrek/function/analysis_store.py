"""Where analyses are kept: four objects each, all or nothing."""

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from openrek.errors import ObjectNotReadableError, ResourceNotFoundError
from openrek.ids import is_identifier
from openrek.s3 import ObjectStore

_PREFIX = "analyses/"
_RESULT = "result.json"
_ABANDONED_AFTER = timedelta(hours=1)


class AnalysisStore:
    """Analyses as `analyses/<id>/…` in one bucket.

    `result.json` is written last and deleted first: an analysis without it does not exist. A crash in between leaves
    objects that nothing shows and `sweep` removes.
    """

    def __init__(self, objects: ObjectStore, bucket: str) -> None:
        self._objects = objects
        self.bucket = bucket

    def key(self, identifier: str, name: str) -> str:
        """Key of one of the analysis's objects."""
        return f"{_PREFIX}{identifier}/{name}"

    def save(self, identifier: str, files: Mapping[str, bytes], result: Callable[[], Mapping[str, Any]]) -> None:
        """Keeps the files and, after them, the result, which is asked for only then. On any failure nothing stays.

        Raises:
            FileExistsError: there is an analysis of this name, which stays as it is.
        """
        try:
            for name, data in files.items():
                self._objects.put(self.bucket, self.key(identifier, name), data)
            body = orjson.dumps(result(), option=orjson.OPT_INDENT_2)
            self._objects.put(self.bucket, self.key(identifier, _RESULT), body, create=True)
        except FileExistsError:
            raise  # another delivery of the same event was faster, and its files are the same
        except BaseException:
            with contextlib.suppress(Exception):
                self._objects.delete(self.bucket, [self.key(identifier, name) for name in (_RESULT, *files)])
            raise

    def has(self, identifier: str) -> bool:
        """Whether there is an analysis of this name."""
        try:
            self._objects.head(self.bucket, self.key(identifier, _RESULT))
        except ObjectNotReadableError:
            return False
        return True

    def load(self, identifier: str) -> dict[str, Any]:
        """The result of an analysis.

        Raises:
            ResourceNotFoundError: there is none of this name.
        """
        if not is_identifier(identifier):
            raise ResourceNotFoundError(f"there is no analysis {identifier[:80]!r}")
        try:
            stored = self._objects.get(self.bucket, self.key(identifier, _RESULT))
        except ObjectNotReadableError:
            raise ResourceNotFoundError(f"there is no analysis {identifier!r}") from None
        result: dict[str, Any] = orjson.loads(stored.data)
        return result

    def page(self, limit: int, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """Up to `limit` results, newest first, from behind `after`; and the name to go on from, if there are more."""
        names = (
            name
            for name in self._objects.folders(self.bucket, _PREFIX)
            if is_identifier(name) and (after is None or name > after)
        )
        results = []
        for name in names:
            with contextlib.suppress(ResourceNotFoundError):
                results.append(self.load(name))
            if len(results) == limit:
                break
        more = next(islice(names, 1), None) is not None
        return results, results[-1]["id"] if more and results else None

    def delete(self, identifier: str) -> None:
        """Removes the analysis and its objects.

        Raises:
            ResourceNotFoundError: there is none of this name.
        """
        self.load(identifier)
        self._objects.delete(self.bucket, [self.key(identifier, _RESULT)])
        self._objects.delete(self.bucket, self._objects.keys(self.bucket, self.key(identifier, "")))

    def sweep(self) -> int:
        """Removes what a crash left behind more than an hour ago; the number of objects removed."""
        horizon = datetime.now(UTC) - _ABANDONED_AFTER
        removed = 0
        for name in self._objects.folders(self.bucket, _PREFIX):
            keys = self._objects.keys(self.bucket, self.key(name, ""))
            if self.key(name, _RESULT) in keys:
                continue
            if any(self._objects.head(self.bucket, key).modified_at > horizon for key in keys):
                continue
            self._objects.delete(self.bucket, keys)
            removed += len(keys)
        return removed
