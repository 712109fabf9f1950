"""Boxes between two looks."""

import pytest

from openrek.function.box_interpolation import BoxedLook, NamedBox, boxes_at


def look(ms: int, **lefts: float) -> BoxedLook:
    boxes = (
        NamedBox(name.split("_")[0], 80, {"Left": left, "Top": 0.2, "Width": 0.3, "Height": 0.4})
        for name, left in lefts.items()
    )
    return BoxedLook(ms, tuple(boxes))


def lefts(looks: list[BoxedLook], *times: int) -> list[list[tuple[str, float]]]:
    return [sorted((box.name, round(box.box["Left"], 6)) for box in boxes) for _, boxes in boxes_at(looks, times, 500)]


def test_a_box_moves_in_a_straight_line() -> None:
    assert lefts([look(0, face=0.1), look(500, face=0.2)], 0, 125, 250, 499) == [
        [("face", 0.1)],
        [("face", 0.125)],
        [("face", 0.15)],
        [("face", 0.1998)],
    ]


def test_boxes_of_one_name_keep_to_the_nearest_and_never_cross() -> None:
    looks = [look(0, face_a=0.0, face_b=0.5), look(500, face_a=0.6, face_b=0.1)]
    assert lefts(looks, 250) == [[("face", 0.05), ("face", 0.55)]]


@pytest.mark.parametrize("other", [{"hat": 0.1}, {"face": 0.6}])
def test_boxes_of_other_things_are_not_joined(other: dict[str, float]) -> None:
    looks = [look(0, face=0.1), look(500, **other)]
    assert lefts(looks, 100, 400) == [[("face", 0.1)], sorted(other.items())]


def test_a_box_ends_half_an_interval_behind_the_last_look_that_saw_it() -> None:
    looks = [look(0, face=0.1), look(5000, face=0.1)]
    assert lefts(looks, 250, 251, 4749, 4750, 5000, 5250, 5251) == [
        [("face", 0.1)],
        [],
        [],
        [("face", 0.1)],
        [("face", 0.1)],
        [("face", 0.1)],
        [],
    ]


def test_without_looks_there_are_no_boxes() -> None:
    assert lefts([], 0, 1) == [[], []]
