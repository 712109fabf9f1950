"""What the workflow makes of steps that fail, and what it leaves behind."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openrek.errors import VideoFormatError
from openrek.jobs.video_job import JobLostError, WorkerStoppingError
from openrek.jobs.workflow import INTERNAL, Workflows

_WAIT_SECONDS = 60


class FakeSteps:
    """Three segments; whatever is in `troubles` for a segment is raised, one after the other."""

    worker = "this-worker"

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.troubles: dict[int, list[BaseException]] = {}
        self.ends: list[tuple[str, str, str | None]] = []
        self.is_open = True

    def begin(self, job: str) -> bool:
        self.calls["begin"] += 1
        return self.is_open

    def plan(self, job: str) -> int:
        self.calls["plan"] += 1
        return 3

    def segment(self, job: str, index: int, count: int) -> None:
        self.calls[f"segment {index}"] += 1
        if troubles := self.troubles.get(index):
            raise troubles.pop(0)

    def conclude(self, job: str) -> None:
        self.ends.append((job, "", None))

    def fail(self, job: str, message: str, cause: str | None = None) -> None:
        self.ends.append((job, message, cause))


@pytest.fixture
def steps() -> FakeSteps:
    return FakeSteps()


@pytest.fixture
def workflows(steps: FakeSteps, tmp_path: Path) -> Iterator[Workflows]:
    opened = Workflows(steps, 7, f"sqlite:///{tmp_path / 'jobs.sqlite3'}", 1)
    yield opened
    opened.close()


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def status(workflows: Workflows, job: str) -> str:
    found = workflows.status(job)
    return "" if found is None else found.status


def test_a_job_is_done_step_by_step_and_leaves_nothing(workflows: Workflows, steps: FakeSteps) -> None:
    workflows.start("a")
    workflows.start("a")  # as two workers may at the same time
    until(lambda: status(workflows, "a") == "SUCCESS")
    assert steps.ends == [("a", "", None)]
    assert set(steps.calls.values()) == {1}
    found = workflows.status("a")
    assert found is not None
    assert (found.app_version, found.executor_id) == ("7", "this-worker")
    assert workflows.ended() == ["a"]
    workflows.delete("a")
    assert workflows.status("a") is None
    assert workflows.ended() == []


def test_trouble_that_passes_is_tried_three_times(workflows: Workflows, steps: FakeSteps) -> None:
    steps.troubles[1] = [OSError("the network"), OSError("the network again")]
    workflows.start("a")
    until(lambda: steps.ends)
    assert steps.ends == [("a", "", None)]
    assert (steps.calls["segment 0"], steps.calls["segment 1"], steps.calls["segment 2"]) == (1, 3, 1)


def test_trouble_that_stays_fails_the_job_and_only_the_log_has_the_cause(
    workflows: Workflows, steps: FakeSteps
) -> None:
    steps.troubles[1] = [OSError("/srv/secret is gone")] * 4
    workflows.start("a")
    until(lambda: steps.ends)
    ((_, message, cause),) = steps.ends
    assert message == INTERNAL
    assert cause is not None
    assert "/srv/secret is gone" in cause
    assert (steps.calls["segment 1"], steps.calls["segment 2"]) == (3, 0)


def test_bad_data_is_not_tried_again(workflows: Workflows, steps: FakeSteps) -> None:
    steps.troubles[0] = [VideoFormatError("Video is damaged.")]
    workflows.start("a")
    until(lambda: steps.ends)
    assert steps.ends == [("a", "Video is damaged.", None)]
    assert steps.calls["segment 0"] == 1


def test_a_job_that_has_ended_meanwhile_is_left_alone(workflows: Workflows, steps: FakeSteps) -> None:
    steps.troubles[1] = [JobLostError()]
    workflows.start("lost")
    until(lambda: status(workflows, "lost") == "SUCCESS")
    steps.is_open = False
    workflows.start("over")
    until(lambda: status(workflows, "over") == "SUCCESS")
    assert steps.ends == []
    assert (steps.calls["plan"], steps.calls["segment 2"]) == (1, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_step_that_the_end_of_its_process_interrupts_is_repeated(workflows: Workflows, steps: FakeSteps) -> None:
    steps.troubles[1] = [WorkerStoppingError()]
    workflows.start("a")
    until(lambda: steps.calls["segment 1"])
    time.sleep(0.5)
    assert status(workflows, "a") == "PENDING"
    workflows.resume("a")
    until(lambda: steps.ends)
    assert steps.ends == [("a", "", None)]
    assert (steps.calls["plan"], steps.calls["segment 0"], steps.calls["segment 1"]) == (1, 1, 2)
