"""Two deliveries of one event of the inbox, in every order of their steps: one whole analysis."""

import threading
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from tests.conftest import encode

from openrek.cloudwatch import Log
from openrek.function import AnalysisStore, Function, FunctionServices
from openrek.function.recognition import ClientRecognition
from openrek.s3 import MemoryObjectStore
from openrek.web.lambda_context import LambdaContext

_BUCKET, _KEY = "bucket", "inbox/photo.png"
_EVENT = {
    "Records": [
        {
            "eventSource": "aws:s3",
            "eventTime": "2026-11-28T10:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": _BUCKET}, "object": {"key": _KEY, "sequencer": "0055AED6DCD9028A01"}},
        }
    ]
}
_IMAGE = encode(np.full((96, 96, 3), 127, np.uint8), "PNG")
_STEPS = 14
"""More than a delivery has."""


class Recognition:
    """Detects nothing; an adapter in place of a client of Rekognition."""

    def detect_labels(self, **_: Any) -> dict[str, Any]:
        return {"Labels": []}

    def detect_faces(self, **_: Any) -> dict[str, Any]:
        return {"FaceDetails": []}

    def detect_text(self, **_: Any) -> dict[str, Any]:
        return {"TextDetections": []}

    def detect_moderation_labels(self, **_: Any) -> dict[str, Any]:
        return {"ModerationLabels": []}


class Delivery:
    """One delivery in a thread of its own that waits before each of its calls of the store.

    Args:
        objects: The store.
        failing: The number of the write that fails, from 0; None if none does.
    """

    def __init__(self, objects: MemoryObjectStore, failing: int | None = None) -> None:
        self.failure: Exception | None = None
        self._go, self._waiting = threading.Semaphore(0), threading.Semaphore(0)
        self._finished = False
        stepping = Stepping(objects, self._step, failing)
        services = FunctionServices(
            recognition=ClientRecognition(Recognition()),
            archive=AnalysisStore(stepping, _BUCKET),
            objects=stepping,
            log=Log(),
            share=lambda *_: "",
            offer=lambda *_: "",
        )
        self._function = Function(services)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._waiting.acquire()

    def advance(self, steps: int) -> None:
        """Lets it make so many calls of the store, or all that it still makes."""
        for _ in range(steps):
            if self._finished:
                return
            self._go.release()
            assert self._waiting.acquire(timeout=60)

    def finish(self) -> None:
        while not self._finished:
            self.advance(1)

    def _step(self) -> None:
        self._waiting.release()
        self._go.acquire()

    def _run(self) -> None:
        try:
            self._function(_EVENT, LambdaContext("request"))
        except Exception as error:
            self.failure = error
        self._finished = True
        self._waiting.release()


class Stepping:
    """The store of one delivery."""

    def __init__(self, objects: MemoryObjectStore, step: Callable[[], None], failing: int | None) -> None:
        self._objects = objects
        self._step = step
        self._failing = failing
        self._puts = 0

    def put(self, *arguments: Any, **options: Any) -> Any:
        self._step()
        self._puts += 1
        if self._failing == self._puts - 1:
            raise OSError("the connection broke")
        return self._objects.put(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._objects, name)

        def stepped(*arguments: Any, **options: Any) -> Any:
            self._step()
            return call(*arguments, **options)

        return stepped


def assert_one_whole_analysis(objects: MemoryObjectStore) -> None:
    results, following = AnalysisStore(objects, _BUCKET).page(10)
    assert (len(results), following) == (1, None)
    places = results[0]["objects"]
    for place in places.values():
        assert objects.get(place["bucket"], place["key"]).data
    assert objects.get(_BUCKET, places["original"]["key"]).data == _IMAGE
    assert sorted(objects.keys(_BUCKET, "analyses/")) == sorted(place["key"] for place in places.values())


@pytest.mark.parametrize("failing", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("failing_one", ["first", "second"])
def test_every_interleaving_leaves_one_whole_analysis(failing: int | None, failing_one: str) -> None:
    for before, between in product(range(_STEPS), range(1, _STEPS + 1)):
        objects = MemoryObjectStore()
        objects.put(_BUCKET, _KEY, _IMAGE)
        first = Delivery(objects, failing if failing_one == "first" else None)
        first.advance(before)
        second = Delivery(objects, failing if failing_one == "second" else None)
        second.advance(between)
        first.finish()
        second.finish()
        if None in (first.failure, second.failure):  # what one of them acknowledged is there
            assert_one_whole_analysis(objects)
        if first.failure or second.failure:  # S3 delivers the event once more
            Delivery(objects).finish()
        assert_one_whole_analysis(objects)
        assert objects.keys(_BUCKET, "inbox/") == [], (before, between)


def test_an_object_put_meanwhile_under_the_same_key_stays_for_its_own_event() -> None:
    for moment in range(7):  # up to its look at the object that it is about to remove
        objects = MemoryObjectStore()
        objects.put(_BUCKET, _KEY, _IMAGE)
        delivery = Delivery(objects)
        delivery.advance(moment)
        other = encode(np.full((96, 96, 3), 60, np.uint8), "PNG")
        objects.put(_BUCKET, _KEY, other)
        delivery.finish()
        kept = {objects.get(_BUCKET, key).data for key in objects.keys(_BUCKET, "") if "original" in key}
        assert other in kept or objects.get(_BUCKET, _KEY).data == other
