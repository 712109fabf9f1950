"""The inference pool: honest about failures, orderly at the end."""

import threading
from concurrent.futures import CancelledError

import pytest

from openrek.vision.runtime.pool import InferencePool

SECONDS = 20
"""A test that waits longer has failed."""


def test_results_come_back_with_arguments_by_place_and_by_name() -> None:
    pool = InferencePool(2)
    runs = [pool.submit(int, str(number), base=16) for number in range(20)]
    assert [run.result() for run in runs] == [int(str(number), 16) for number in range(20)]
    pool.close()


def test_exceptions_come_back_as_they_were_raised() -> None:
    pool = InferencePool(1)
    error = LookupError("no such class")

    def fail() -> None:
        raise error

    run = pool.submit(fail)
    with pytest.raises(LookupError) as caught:
        run.result()
    assert caught.value is error
    # The thread outlives it.
    assert pool.submit(len, "abc").result() == 3
    pool.close()


def test_all_workers_run_at_once_and_never_more() -> None:
    pool = InferencePool(3)
    together = threading.Barrier(3)
    lock = threading.Lock()
    running = maximum = 0

    def run() -> str:
        nonlocal running, maximum
        with lock:
            running += 1
            maximum = max(maximum, running)
        together.wait(SECONDS)  # passes only when three are here
        with lock:
            running -= 1
        return threading.current_thread().name

    names = {each.result(SECONDS) for each in [pool.submit(run) for _ in range(30)]}
    assert maximum == 3
    assert len(names) == 3
    assert pool.workers == 3
    pool.close()


def test_closing_waits_for_the_runs_under_way_and_drops_those_that_wait() -> None:
    pool = InferencePool(1)
    started, go = threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        started.set()
        assert go.wait(SECONDS)
        done.append("first")

    under_way = pool.submit(first)
    waiting = pool.submit(done.append, "second")
    assert started.wait(SECONDS)
    closing = threading.Thread(target=pool.close)
    closing.start()
    with pytest.raises(CancelledError):
        waiting.result(SECONDS)
    assert closing.is_alive()  # the first run still holds it up
    go.set()
    closing.join(SECONDS)
    assert not closing.is_alive()
    assert under_way.done()
    assert done == ["first"]


def test_a_closed_pool_leaves_no_thread_and_takes_no_run() -> None:
    before = set(threading.enumerate())
    pool = InferencePool(4)
    for run in [pool.submit(len, "abc") for _ in range(20)]:
        run.result()
    assert set(threading.enumerate()) - before
    pool.close()
    pool.close()  # twice does no harm
    assert not set(threading.enumerate()) - before
    with pytest.raises(RuntimeError):
        pool.submit(len, "abc")
