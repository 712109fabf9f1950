"""The inference pool: bounded, honest about failures, orderly at the end."""

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from openrek.errors import QueueFullError
from openrek.vision.runtime.pool import InferencePool

SECONDS = 20
"""A test that waits longer has failed."""


@pytest.mark.parametrize(("workers", "queue"), [(1, 0), (2, 0), (1, 3), (4, 2)])
def test_as_many_pictures_as_workers_and_queue_are_let_in_and_no_more(workers: int, queue: int) -> None:
    pool = InferencePool(workers, queue)
    with ExitStack() as inside:
        for _ in range(workers + queue):
            inside.enter_context(pool.admission())
        with pytest.raises(QueueFullError, match=f"{workers + queue} pictures.*try again"), pool.admission():
            pytest.fail("one too many was let in")
    pool.close()


def test_who_leaves_makes_room_for_one() -> None:
    pool = InferencePool(1, 0)
    for _ in range(3):
        with pool.admission(), pytest.raises(QueueFullError), pool.admission():
            pass
    pool.close()


def test_a_picture_that_fails_leaves_too() -> None:
    pool = InferencePool(1, 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pool.admission():
            pool.submit(divmod, 1, 0).result()
    with pool.admission():
        assert pool.submit(divmod, 7, 2).result() == (3, 1)
    pool.close()


def test_under_a_rush_never_more_than_the_room_are_inside() -> None:
    pool = InferencePool(2, 3)
    lock = threading.Lock()
    inside = most = refused = 0

    def visit(_: int) -> None:
        nonlocal inside, most, refused
        try:
            with pool.admission():
                with lock:
                    inside += 1
                    most = max(most, inside)
                pool.submit(sum, range(2000)).result()
                with lock:
                    inside -= 1
        except QueueFullError:
            with lock:
                refused += 1

    with ThreadPoolExecutor(16) as executor:
        list(executor.map(visit, range(600)))
    assert 1 <= most <= 5
    assert refused < 600
    with ExitStack() as stack:  # every place was given back
        for _ in range(5):
            stack.enter_context(pool.admission())
    pool.close()


def test_results_come_back_with_arguments_by_place_and_by_name() -> None:
    pool = InferencePool(2, 0)
    runs = [pool.submit(int, str(number), base=16) for number in range(20)]
    assert [run.result() for run in runs] == [int(str(number), 16) for number in range(20)]
    pool.close()


def test_exceptions_come_back_as_they_were_raised() -> None:
    pool = InferencePool(1, 0)
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
    pool = InferencePool(3, 0)
    together = threading.Barrier(3)
    lock = threading.Lock()
    running = most = 0

    def run() -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(SECONDS)  # passes only when three are here
        with lock:
            running -= 1
        return threading.current_thread().name

    names = {each.result(SECONDS) for each in [pool.submit(run) for _ in range(30)]}
    assert most == 3
    assert len(names) == 3
    assert pool.workers == 3
    pool.close()


def test_closing_waits_for_the_runs_under_way_and_drops_those_that_wait() -> None:
    pool = InferencePool(1, 5)
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
    pool = InferencePool(4, 0)
    for run in [pool.submit(len, "abc") for _ in range(20)]:
        run.result()
    assert set(threading.enumerate()) - before
    pool.close()
    pool.close()  # twice does no harm
    assert not set(threading.enumerate()) - before
    with pytest.raises(RuntimeError):
        pool.submit(len, "abc")
