"""A system closes in order, whatever one of its parts does."""

import logging
import threading

import pytest

from openrek.closing import close_all


def test_parts_close_in_order(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []

    def fail() -> None:
        raise OSError("full")

    parts = {"first": lambda: closed.append("first"), "failing": fail, "last": lambda: closed.append("last")}
    with caplog.at_level(logging.ERROR):
        assert close_all(parts, 30) == ()
    assert closed == ["first", "last"]
    assert "failing" in caplog.text


def test_a_part_that_hangs_is_named_and_those_after_it_close() -> None:
    never, closed = threading.Event(), threading.Event()
    assert close_all({"hanging": never.wait, "log": closed.set}, 0.01) == ("hanging",)
    assert closed.is_set()
    never.set()
