"""People keep their numbers."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from openrek.video.tracking import People, TrackingOptions, interpolated, track

_SIZE = np.array([40.0, 100.0])


def _box(x: float, y: float) -> list[float]:
    return [x - _SIZE[0] / 2, y - _SIZE[1] / 2, x + _SIZE[0] / 2, y + _SIZE[1] / 2]


def _people(
    ms: int, boxes: Sequence[Sequence[float]], confidence: Sequence[float] | None = None, cut: bool = False
) -> People:
    sure = np.full(len(boxes), 0.9) if confidence is None else np.array(confidence)
    return People(ms, np.array(boxes, np.float32).reshape(-1, 4), sure.astype(np.float32), cut)


def _walk(rate: float, seconds: float, *paths: Callable[[float], tuple[float, float] | None]) -> list[People]:
    """Boxes of people at a rate, shuffled; none of those whose path is None at a time. Boxes vary as a detector's."""
    random = np.random.default_rng(1)
    frames = []
    for number in range(int(rate * seconds)):
        places = [path(number / rate) for path in paths]
        boxes = [np.array(_box(*place)) + random.normal(0, 1.5, 4) for place in places if place is not None]
        frames.append(_people(int(1000 * number / rate), [list(map(float, box)) for box in boxes]))
    return frames


def _numbers(frames: Sequence[People]) -> list[list[int]]:
    return [each.tolist() for each in track(frames)]


@pytest.mark.parametrize("rate", [3.0, 5.0, 10.0, 29.97])
def test_people_who_cross_keep_their_numbers(rate: float) -> None:
    frames = _walk(rate, 6, lambda t: (50 + 80 * t, 200), lambda t: (530 - 80 * t, 230))
    assert _numbers(frames) == [[0, 1]] * len(frames)


def test_the_order_of_the_boxes_does_not_matter() -> None:
    frames = _walk(5, 6, lambda t: (50 + 80 * t, 200), lambda t: (530 - 80 * t, 260))
    turned = [
        each if index % 2 else People(each.timestamp_ms, each.xyxy[::-1].copy(), each.confidence)
        for index, each in enumerate(frames)
    ]
    assert _numbers(turned) == [[0, 1] if index % 2 else [1, 0] for index in range(len(turned))] or _numbers(
        turned
    ) == [[1, 0] if index % 2 else [0, 1] for index in range(len(turned))]


def test_who_is_hidden_for_a_moment_is_the_same_afterwards() -> None:
    def path(t: float) -> tuple[float, float] | None:
        return None if 2 <= t < 3 else (100 + 60 * t, 200)

    found = [number for numbers in _numbers(_walk(5, 5, path)) for number in numbers]
    assert set(found) == {0}
    assert len(found) == 20


def test_who_comes_back_after_long_is_another_number() -> None:
    def path(t: float) -> tuple[float, float] | None:
        return None if 2 <= t < 6 else (200, 200)

    found = [number for numbers in _numbers(_walk(5, 8, path)) for number in numbers]
    assert found == [0] * 10 + [1] * 10


def test_nobody_is_followed_across_a_cut() -> None:
    frames = [_people(200 * number, [_box(200, 200)], cut=number == 5) for number in range(10)]
    assert _numbers(frames) == [[0]] * 5 + [[1]] * 5


def test_less_certain_boxes_continue_a_track_and_begin_none() -> None:
    frames = [
        _people(200 * number, [_box(200 + 4 * number, 200)], [0.3 if 3 <= number < 6 else 0.9]) for number in range(9)
    ]
    assert _numbers(frames) == [[0]] * 9
    assert _numbers([_people(200 * number, [_box(200, 200)], [0.3]) for number in range(9)]) == [[-1]] * 9


def test_a_box_that_is_seen_once_is_nobody() -> None:
    frames = [
        _people(200 * number, [_box(200, 200)] + ([_box(500, 100)] if number == 4 else [])) for number in range(9)
    ]
    assert _numbers(frames) == [[0]] * 4 + [[0, -1]] + [[0]] * 4


def test_somebody_in_the_only_frame_has_a_number() -> None:
    assert _numbers([_people(0, [_box(200, 200)])]) == [[0]]


def test_numbers_are_in_order_of_appearance() -> None:
    frames = _walk(
        5, 6, lambda t: (100, 100) if t >= 2 else None, lambda t: (300, 300) if t >= 1 else None, lambda t: (500, 200)
    )
    first: dict[int, int] = {}
    for index, numbers in enumerate(_numbers(frames)):
        for number in numbers:
            first.setdefault(number, index)
    assert first == {0: 0, 1: 5, 2: 10}


def test_a_crowd_that_walks_in_step_keeps_its_numbers() -> None:
    paths = [lambda t, n=n: (60 + 70 * n + 50 * t, 150 + 12 * n) for n in range(8)]
    assert _numbers(_walk(5, 4, *paths)) == [list(range(8))] * 20


def test_frames_without_people_are_no_trouble() -> None:
    assert _numbers([]) == []
    assert _numbers([_people(0, []), _people(200, [])]) == [[], []]


def test_uneven_times_do_not_matter() -> None:
    times = np.cumsum(np.random.default_rng(2).integers(40, 400, 40)).tolist()
    frames = [_people(ms, [_box(100 + 0.06 * ms, 200), _box(900 - 0.05 * ms, 260)]) for ms in times]
    assert _numbers(frames) == [[0, 1]] * 40


def test_boxes_between_two_looks_lie_between_theirs() -> None:
    before, after = np.array(_box(100, 100), np.float32), np.array(_box(200, 140), np.float32)
    assert interpolated(before, after, 0.25).tolist() == pytest.approx(_box(125, 110))


def test_options_are_heeded() -> None:
    frames = [_people(200 * number, [_box(200, 200)], [0.4]) for number in range(5)]
    assert [each.tolist() for each in track(frames, TrackingOptions(min_confidence=0.35))] == [[0]] * 5
