"""Faces are found again by where they are."""

from openrek.rekognition.transfer.boxes import match_boxes


def test_boxes_are_matched_by_overlap_and_once_each() -> None:
    ones = [(0.1, 0.1, 0.2, 0.2), (0.6, 0.6, 0.2, 0.2), (0.11, 0.1, 0.2, 0.2)]
    others = [(0.62, 0.61, 0.2, 0.2), (0.1, 0.1, 0.2, 0.21)]
    assert match_boxes(ones, others) == {0: 1, 1: 0}


def test_a_box_elsewhere_has_no_match() -> None:
    assert match_boxes([(0.1, 0.1, 0.2, 0.2)], [(0.25, 0.25, 0.2, 0.2)]) == {}
    assert match_boxes([], [(0.1, 0.1, 0.2, 0.2)]) == {}
    assert match_boxes([(0.1, 0.1, 0.2, 0.2)], []) == {}
