"""Large pictures take their turn."""

import threading

from openrek.imaging.decode import _Room


def test_pictures_wait_for_room_and_one_of_any_size_always_has_it() -> None:
    room = _Room(100)
    entered, leave = threading.Event(), threading.Event()

    def another() -> None:
        with room.of(60):
            entered.set()
            leave.wait()

    with room.of(1000):
        thread = threading.Thread(target=another)
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(30)
    with room.of(40):
        pass
    leave.set()
    thread.join()
