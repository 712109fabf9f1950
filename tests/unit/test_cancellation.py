"""Cancelled requests stop at their next check, in whatever thread they are."""

import threading

import pytest

from openrek import cancellation
from openrek.cancellation import Cancellation
from openrek.errors import RequestCancelledError
from openrek.vision.runtime.pool import InferencePool


def test_a_check_raises_only_after_cancel() -> None:
    request = Cancellation()
    with cancellation.use(request):
        cancellation.check()
        request.cancel()
        assert request.cancelled
        with pytest.raises(RequestCancelledError, match="disconnected"):
            cancellation.check()
    cancellation.check()  # outside the request nothing is cancelled


def test_a_deadline_cancels_by_itself() -> None:
    assert Cancellation(0).cancelled
    assert not Cancellation(3600).cancelled


def test_an_inner_scope_without_a_cancellation_is_never_cancelled() -> None:
    request = Cancellation()
    request.cancel()
    with cancellation.use(request), cancellation.use(None):
        cancellation.check()
        assert cancellation.current() is None


def test_the_pool_skips_waiting_runs_of_a_cancelled_request() -> None:
    pool = InferencePool(1)
    started, released = threading.Event(), threading.Event()
    runs: list[str] = []

    def first() -> None:
        started.set()
        released.wait(30)
        runs.append("first")

    try:
        request = Cancellation()
        with cancellation.use(request):
            running = pool.submit(first)
            waiting = pool.submit(runs.append, "second")
        unrelated = pool.submit(runs.append, "unrelated")
        assert started.wait(30)
        request.cancel()
        released.set()
        running.result(30)
        with pytest.raises(RequestCancelledError):
            waiting.result(30)
        unrelated.result(30)
        with cancellation.use(request), pytest.raises(RequestCancelledError):
            pool.submit(runs.append, "third")
    finally:
        released.set()
        pool.close()
    assert runs == ["first", "unrelated"]


def test_a_run_sees_the_cancellation_of_its_request() -> None:
    pool = InferencePool(1)
    try:
        request = Cancellation()
        with cancellation.use(request):
            inside = pool.submit(cancellation.current).result(30)
        assert inside is request
        assert pool.submit(cancellation.current).result(30) is None
    finally:
        pool.close()
