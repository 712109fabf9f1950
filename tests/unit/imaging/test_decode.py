"""Memory for decoding is handed out."""

import io
import sys
import threading

import pytest
from PIL import Image

from openrek import cancellation
from openrek.cancellation import Cancellation
from openrek.errors import RequestCancelledError
from openrek.imaging.decoders import _Budget, _Decoders
from openrek.imaging.header import read_header


def test_images_wait_for_memory_and_one_of_any_size_always_has_it() -> None:
    budget = _Budget(100)
    entered, leave = threading.Event(), threading.Event()

    def another() -> None:
        with budget.reserve(60):
            entered.set()
            leave.wait()

    with budget.reserve(1000):
        thread = threading.Thread(target=another)
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(30)
    with budget.reserve(40):
        pass
    leave.set()
    thread.join()


def test_without_an_interpreter_images_are_decoded_in_this_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 80), (200, 30, 40)).save(buffer, "PNG")
    monkeypatch.setattr(sys, "executable", "")
    decoded = _Decoders().decode(read_header(buffer.getvalue()).structure, 1)
    assert (decoded.width, decoded.height) == (90, 80)
    assert bytes(decoded.pixels[:3]) == bytes((200, 30, 40))
    assert "without limits" in caplog.text


def test_a_cancelled_request_stops_waiting_for_memory() -> None:
    budget = _Budget(100)
    request = Cancellation(0.1)
    with budget.reserve(100), cancellation.use(request), pytest.raises(RequestCancelledError), budget.reserve(1):
        pass
    with budget.reserve(100):  # nothing is left reserved
        pass
