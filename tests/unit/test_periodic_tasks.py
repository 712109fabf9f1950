"""What is done now and then goes on whatever fails."""

import threading

from openrek.periodic_tasks import PeriodicTasks


def test_a_task_that_fails_is_tried_again_and_keeps_no_other_from_its_turn() -> None:
    failed, done = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        failed.release()
        raise OSError

    rounds = PeriodicTasks((fail, done.release), 0.001)
    for semaphore in (failed, done):
        assert all(semaphore.acquire(timeout=30) for _ in range(2))
    rounds.close()


def test_a_failure_is_reported_and_the_first_round_may_come_at_once() -> None:
    failures: list[Exception] = []
    reported = threading.Event()

    def fail() -> None:
        raise OSError("the disk is gone")

    def report(error: Exception) -> None:
        failures.append(error)
        reported.set()

    tasks = PeriodicTasks((fail,), 3600, first_seconds=0, failed=report)
    assert reported.wait(timeout=30)
    tasks.close()
    assert str(failures[0]) == "the disk is gone"


def test_closing_ends_a_long_task_between_its_steps() -> None:
    stopping, begun = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        assert stopping.wait(timeout=30)

    tasks = PeriodicTasks((long,), 0, stopping=stopping)
    assert begun.wait(timeout=30)
    tasks.close()
    assert stopping.is_set()
