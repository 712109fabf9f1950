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
