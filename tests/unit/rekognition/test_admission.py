"""Admission: bounded, one permit a request, nothing lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from openrek.errors import QueueFullError
from openrek.gateway.admission import ImageQueue
from openrek.rekognition import Client, Services
from openrek.rekognition.admission import Admission
from openrek.s3 import LocalObjectStore

SECONDS = 20
"""A test that waits longer has failed."""


def admitted_anew(admission: Admission) -> bool:
    """Whether a request without a permit is admitted."""
    try:
        admission.acquire().release()
    except QueueFullError:
        return False
    return True


@pytest.mark.parametrize("room", [1, 2, 4, 6])
def test_as_many_requests_as_there_is_room_for_are_admitted_and_no_more(room: int) -> None:
    admission = Admission(room)
    permits = [admission.acquire() for _ in range(room)]
    with pytest.raises(QueueFullError, match=f"{room} images.*try again"):
        admission.acquire()
    permits[0].release()
    assert admitted_anew(admission)


def test_a_permit_that_is_released_twice_gives_one_place_back() -> None:
    admission = Admission(2)
    one, _other = admission.acquire(), admission.acquire()
    one.release()
    one.release()
    admission.acquire()
    assert not admitted_anew(admission)


def test_what_a_request_causes_is_admitted_with_it_even_if_the_queue_is_full() -> None:
    admission = Admission(1)
    with admission.admitted():
        assert not admitted_anew(admission)
        with admission.admitted(), admission.admitted():
            pass
        assert not admitted_anew(admission)  # leaving the inner ones gave nothing back
    assert admitted_anew(admission)


def test_a_request_that_fails_gives_its_place_back() -> None:
    admission = Admission(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), admission.admitted():
            divmod(1, 0)
    assert admitted_anew(admission)


def test_the_permit_of_a_queued_request_travels_with_it_to_its_thread() -> None:
    admission = Admission(1)
    queue = ImageQueue(admission, workers=1)
    started, go_on = threading.Event(), threading.Event()

    def request() -> str:
        started.set()
        assert go_on.wait(SECONDS)
        with admission.admitted():  # would raise without the permit: the queue is full
            return "analyzed"

    under_way = queue.submit(request)
    assert started.wait(SECONDS)
    with pytest.raises(QueueFullError):
        queue.submit(request)
    go_on.set()
    assert under_way.result(SECONDS) == "analyzed"
    queue.close()
    assert admitted_anew(admission)


def test_a_queue_that_is_closed_keeps_no_place() -> None:
    admission = Admission(2)
    queue = ImageQueue(admission, workers=1)
    queue.close()
    with pytest.raises(RuntimeError):
        queue.submit(len, "abc")
    with ExitStack() as stack:
        for _ in range(2):
            stack.callback(admission.acquire().release)


def test_work_that_no_client_waits_for_waits_for_room() -> None:
    admission = Admission(1)
    permit = admission.acquire()
    entered = threading.Event()

    def background() -> bool:
        with admission.waiting():
            entered.set()
            return not admitted_anew(admission)

    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(background)
        assert not entered.wait(0.05)
        permit.release()
        assert waiting.result(SECONDS)
    assert admitted_anew(admission)


def test_under_a_rush_never_more_than_the_room_are_inside() -> None:
    admission = Admission(5)
    lock = threading.Lock()
    inside = maximum = rejected = 0

    def visit(number: int) -> None:
        nonlocal inside, maximum, rejected
        try:
            with admission.waiting() if number % 7 == 0 else admission.admitted():
                with lock:
                    inside += 1
                    maximum = max(maximum, inside)
                sum(range(2000))
                with lock:
                    inside -= 1
        except QueueFullError:
            with lock:
                rejected += 1

    with ThreadPoolExecutor(16) as executor:
        list(executor.map(visit, range(600)))
    assert 1 <= maximum <= 5
    assert rejected < 600
    with ExitStack() as stack:  # every place was given back
        for _ in range(5):
            stack.callback(admission.acquire().release)


def test_the_in_process_client_rejects_what_there_is_no_room_for_and_answers_all_else(
    tmp_path: Path, cat: bytes
) -> None:
    resources: Any = SimpleNamespace(
        region="us-east-1", collections=SimpleNamespace(page=lambda *_: []), celebrities=None, tags=None
    )
    engine: Any = None  # nothing comes so far
    services = Services(engine, LocalObjectStore(tmp_path), resources, admission=(admission := Admission(1)))
    client = Client(services)
    with admission.admitted():
        unaware = ThreadPoolExecutor(1)  # another request: contexts do not follow to its thread
        rejected = unaware.submit(client.detect_faces, Image={"Bytes": cat}).exception(SECONDS)
        answered = unaware.submit(client.list_collections).result(SECONDS)
        unaware.shutdown()
    assert isinstance(rejected, client.exceptions.ThrottlingException)
    assert answered["CollectionIds"] == []
    unbound = Client(replace(services, admission=None))
    with pytest.raises(unbound.exceptions.InternalServerError):  # the call is admitted, and fails without an engine
        unbound.detect_faces(Image={"Bytes": cat})
