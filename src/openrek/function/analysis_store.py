"""Where analyses are kept: four objects each, all or nothing."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from openrek.errors import ObjectNotFoundError, ObjectTooLargeError, ResourceNotFoundError
from openrek.function.analysis_record import (
    MAX_RECORD_BYTES,
    ROLES,
    AnalysisDamagedError,
    damaged_record,
    decode_record,
)
from openrek.ids import is_identifier
from openrek.s3 import ObjectStore
from openrek.s3.storage import PAGE_LIMIT

_PREFIX = "analyses/"
_RESULT = "result.json"
_LAST = "\U0010ffff"
"""Behind every name of an object."""
_ABANDONED_AFTER = timedelta(hours=1)
_PAUSE = 4.0
"""A sweep rests so many times as long as a page took, so that requests hardly notice it."""


class AnalysisStore:
    """Analyses as `analyses/<id>/…` in one bucket.

    `result.json` is written last and deleted first: an analysis without it does not exist. A crash in between leaves
    objects that nothing shows and `sweep` removes.
    """

    def __init__(self, objects: ObjectStore, bucket: str) -> None:
        self._objects = objects
        self.bucket = bucket
        self._lock = threading.Lock()
        self._being_saved: Counter[str] = Counter()

    def key(self, identifier: str, name: str) -> str:
        """Key of one of the analysis's objects."""
        return f"{_PREFIX}{identifier}/{name}"

    def save(
        self,
        identifier: str,
        files: Mapping[str, bytes],
        result: Callable[[], Mapping[str, Any]],
        *,
        repeatable: bool = False,
    ) -> None:
        """Writes the files and, after them, the result, which is computed only then.

        Args:
            identifier: Name of the analysis.
            files: Contents by name; the same for every attempt at the same analysis.
            result: Computes the content of `result.json`.
            repeatable: Whether another attempt at this analysis may run before, beside or after this one. A failed
                attempt then leaves its files: they may be the other's by now. `sweep` removes them if none succeeds.
                Otherwise the identifier is this attempt's own, and nothing stays of a failed one.

        Raises:
            FileExistsError: the analysis exists and stays as it is.
        """
        with self._saving(identifier):
            try:
                for name, data in files.items():
                    self._objects.put(self.bucket, self.key(identifier, name), data)
                body = orjson.dumps(result(), option=orjson.OPT_INDENT_2)
                self._objects.put(self.bucket, self.key(identifier, _RESULT), body, create=True)
            except FileExistsError:
                raise
            except BaseException:
                if not repeatable:
                    with contextlib.suppress(Exception):
                        self._objects.delete(self.bucket, [self.key(identifier, name) for name in (_RESULT, *files)])
                raise

    def has(self, identifier: str) -> bool:
        """Whether the analysis exists.

        Raises:
            ObjectNotReadableError: the store cannot be read.
        """
        try:
            self._objects.head(self.bucket, self.key(identifier, _RESULT))
        except ObjectNotFoundError:
            return False
        return True

    def load(self, identifier: str) -> dict[str, Any]:
        """The result of an analysis.

        Raises:
            ResourceNotFoundError: no such analysis.
            AnalysisDamagedError: its `result.json` cannot be read as one.
        """
        if not is_identifier(identifier):
            raise ResourceNotFoundError(f"No analysis {identifier[:80]!r}.")
        try:
            stored = self._objects.get(self.bucket, self.key(identifier, _RESULT), max_bytes=MAX_RECORD_BYTES)
        except ObjectNotFoundError:
            raise ResourceNotFoundError(f"No analysis {identifier!r}.") from None
        except ObjectTooLargeError:
            raise AnalysisDamagedError(identifier, "result.json is too large to be one") from None
        return decode_record(identifier, stored.data)

    def page(self, limit: int, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """Results, newest first.

        Args:
            limit: Most results of the page.
            after: Identifier of the last one of the page before.

        Returns:
            The results, for a damaged one its `damaged_record`, and `after` for the next page, None if this is the
            last.
        """
        names = self._names(after, limit + 1)
        results: list[dict[str, Any]] = []
        for name in names:
            try:
                results.append(self.load(name))
            except ResourceNotFoundError:  # deleted meanwhile
                continue
            except AnalysisDamagedError as error:
                results.append(damaged_record(error))
            if len(results) == limit:
                break
        more = next(names, None) is not None
        return results, results[-1]["id"] if more and results else None

    def delete(self, identifier: str) -> None:
        """Removes the analysis and its objects, damaged or not.

        Raises:
            ResourceNotFoundError: no such analysis.
        """
        if not is_identifier(identifier) or not self.has(identifier):
            raise ResourceNotFoundError(f"No analysis {identifier[:80]!r}.")
        self._objects.delete(self.bucket, [self.key(identifier, _RESULT)])
        self._objects.delete(self.bucket, self._objects.keys(self.bucket, self.key(identifier, "")))

    def sweep(self, stopping: threading.Event | None = None) -> int:
        """Removes what a crash left behind more than an hour ago.

        Args:
            stopping: Ends the sweep early once it is set.

        Returns:
            The number of objects removed.
        """
        stopping = stopping or threading.Event()
        horizon = datetime.now(UTC) - _ABANDONED_AFTER
        removed = 0
        position: str | None = ""
        current, newest, whole = "", horizon, True
        while position is not None and not stopping.is_set():
            started = time.monotonic()
            page = self._objects.list_page(self.bucket, _PREFIX, after=position)
            position = page.next_after
            for info in page.objects:
                name, file = _parts(info.key)
                if name != current:
                    removed += 0 if whole else self._remove_abandoned(current, newest, horizon)
                    current, newest, whole = name, info.modified_at, not is_identifier(name)
                newest, whole = max(newest, info.modified_at), whole or file == _RESULT
            if position is not None:
                stopping.wait(_PAUSE * (time.monotonic() - started))
        if position is None and not whole:
            removed += self._remove_abandoned(current, newest, horizon)
        return removed

    def _remove_abandoned(self, name: str, newest: datetime, horizon: datetime) -> int:
        if newest > horizon:
            return 0
        with self._lock:
            keys = self._objects.keys(self.bucket, self.key(name, ""))
            if self._being_saved[name] or self.key(name, _RESULT) in keys:
                return 0
            self._objects.delete(self.bucket, keys)
            return len(keys)

    def _names(self, after: str | None, count: int) -> Iterator[str]:
        """Identifiers of the analyses behind `after`, ascending: newest first. One listing finds `count` of them,
        unless a crash left incomplete ones between them."""
        position: str | None = "" if after is None else self.key(after, _LAST)
        limit = min(PAGE_LIMIT, count * len(ROLES))
        while position is not None:
            page = self._objects.list_page(self.bucket, _PREFIX, after=position, limit=limit)
            for info in page.objects:
                name, file = _parts(info.key)
                if file == _RESULT and is_identifier(name):
                    yield name
            position = page.next_after

    @contextmanager
    def _saving(self, identifier: str) -> Iterator[None]:
        """Keeps `sweep` away from what is being written."""
        with self._lock:
            self._being_saved[identifier] += 1
        try:
            yield
        finally:
            with self._lock:
                self._being_saved[identifier] -= 1
                self._being_saved += Counter()  # forgets those at zero


def _parts(key: str) -> tuple[str, str]:
    """Identifier and name of one of an analysis's objects."""
    name, _, file = key.removeprefix(_PREFIX).partition("/")
    return name, file
