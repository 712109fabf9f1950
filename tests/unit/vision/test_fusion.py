"""Weighted box fusion: what two detectors see becomes one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrek.vision import Detections
from openrek.vision.boxes import iou
from openrek.vision.fusion import CROWDED, IOU_THRESHOLD, fuse, soften

Found = tuple[tuple[float, float, float, float], float, int]


def seen(*found: Found) -> Detections:
    """What a detector reports: ((left, top, right, bottom), confidence, class)."""
    return Detections(
        np.array([box for box, _, _ in found], np.float32).reshape(-1, 4),
        np.array([confidence for _, confidence, _ in found], np.float32),
        np.array([kind for _, _, kind in found], np.int32),
    )


BOX = (10.0, 20.0, 110.0, 220.0)
NEAR = (14.0, 20.0, 114.0, 220.0)
FAR = (300.0, 20.0, 400.0, 220.0)


def test_one_detector_s_box_keeps_its_place_and_is_trusted_as_far_as_the_detector() -> None:
    fused = fuse([seen((BOX, 0.8, 3)), Detections.none()], [0.5, 1.0])
    assert fused.xyxy.tolist() == [pytest.approx(BOX)]
    assert fused.confidence.tolist() == [pytest.approx(0.4)]
    assert fused.class_id.tolist() == [3]


def test_agreement_raises_confidence_above_that_of_either() -> None:
    alone = fuse([seen((BOX, 0.6, 1)), Detections.none()], [1.0, 1.0])
    both = fuse([seen((BOX, 0.6, 1)), seen((NEAR, 0.5, 1))], [1.0, 1.0])
    assert len(both) == 1
    assert alone.confidence[0] == pytest.approx(0.6)
    # Wrong only where both are: 1 - 0.4 × 0.5.
    assert both.confidence[0] == pytest.approx(0.8)


def test_the_surer_box_draws_the_fused_one_nearer() -> None:
    fused = fuse([seen((BOX, 0.75, 1)), seen((NEAR, 0.25, 1))], [1.0, 1.0])
    assert fused.xyxy[0].tolist() == pytest.approx([11, 20, 111, 220], abs=1e-4)


def test_one_detector_that_sees_a_thing_twice_does_not_agree_with_itself() -> None:
    fused = fuse([seen((BOX, 0.6, 1), (NEAR, 0.5, 1)), Detections.none()], [1.0, 1.0])
    assert len(fused) == 1
    assert fused.confidence[0] == pytest.approx(0.6)


def test_things_apart_stay_apart() -> None:
    fused = fuse([seen((BOX, 0.6, 1)), seen((FAR, 0.7, 1))], [1.0, 1.0])
    assert fused.xyxy.tolist() == [pytest.approx(FAR), pytest.approx(BOX)]


def test_different_classes_never_merge() -> None:
    fused = fuse([seen((BOX, 0.6, 1)), seen((BOX, 0.5, 2))], [1.0, 1.0])
    assert fused.class_id.tolist() == [1, 2]
    assert fused.confidence.tolist() == pytest.approx([0.6, 0.5])


def test_boxes_too_unsure_are_left_out_beforehand() -> None:
    fused = fuse([seen((BOX, 0.6, 1)), seen((NEAR, 0.04, 1))], [1.0, 1.0], minimum=0.05)
    assert fused.xyxy.tolist() == [pytest.approx(BOX)]
    assert fused.confidence[0] == pytest.approx(0.6)


def test_a_box_with_no_confidence_at_all_does_no_harm() -> None:
    fused = fuse([seen((BOX, 0.6, 1), (FAR, 0.0, 1)), Detections.none()], [1.0, 1.0])
    assert fused.xyxy[0].tolist() == pytest.approx(BOX)


def test_detectors_that_see_nothing_give_nothing() -> None:
    fused = fuse([Detections.none(), Detections.none()], [1.0, 1.0])
    assert len(fused) == 0
    assert fused.xyxy.shape == (0, 4)


def test_the_surest_so_many_are_returned() -> None:
    row = [((100.0 * place, 0.0, 100.0 * place + 50, 50.0), 0.1 + 0.1 * place, 0) for place in range(8)]
    fused = fuse([seen(*row), Detections.none()], [1.0, 1.0], maximum=3)
    assert fused.confidence.tolist() == pytest.approx([0.8, 0.7, 0.6])


@st.composite
def images(draw: st.DrawFn) -> list[list[Found]]:
    """Two detectors' boxes; confidences differ, as ties may be broken either way."""
    count = draw(st.integers(0, 10))
    ranks = draw(st.permutations(range(count)))
    detectors: list[list[Found]] = [[], []]
    for rank in ranks:
        left, top = draw(st.integers(0, 60)), draw(st.integers(0, 60))
        width, height = draw(st.integers(20, 60)), draw(st.integers(20, 60))
        box = (float(left), float(top), float(left + width), float(top + height))
        confidence = (rank + 1) / (count + 1)
        detectors[draw(st.integers(0, 1))].append((box, confidence, draw(st.integers(0, 1))))
    return detectors


def rows(fused: Detections) -> list[list[float]]:
    """Boxes, confidence and class, in an order of their own."""
    table = np.c_[fused.class_id, fused.xyxy, fused.confidence].round(3)
    return sorted(table.tolist())


@given(images())
@settings(max_examples=150)
def test_neither_the_order_of_boxes_nor_of_detectors_matters(image: list[list[Found]]) -> None:
    trust = [0.7, 0.9]
    once = fuse([seen(*found) for found in image], trust)
    backwards = [seen(*found[::-1]) for found in image]
    assert rows(fuse(backwards, trust)) == rows(once)
    assert np.allclose(rows(fuse(backwards[::-1], trust[::-1])), rows(once), atol=2e-3)


@given(images())
@settings(max_examples=150)
def test_every_fused_box_comes_from_boxes_of_its_class(image: list[list[Found]]) -> None:
    fused = fuse([seen(*found) for found in image], [0.7, 0.9])
    given_boxes = image[0] + image[1]
    assert len(fused) <= len(given_boxes)
    assert set(fused.class_id.tolist()) == {kind for _, _, kind in given_boxes}
    assert (np.diff(fused.confidence) <= 0).all()
    assert ((fused.confidence >= 0) & (fused.confidence <= 1)).all()
    for box, kind in zip(fused.xyxy, fused.class_id, strict=True):
        same = np.array([each for each, _, its in given_boxes if its == kind], np.float32)
        assert (box >= same.min(axis=0) - 1e-3).all()
        assert (box <= same.max(axis=0) + 1e-3).all()
        assert iou(box, same).max() > 0.3


@given(images())
def test_a_second_detector_never_lowers_confidence(image: list[list[Found]]) -> None:
    first = seen(*image[0])
    alone = fuse([first, first.none()], [0.8, 0.8])
    both = fuse([first, first], [0.8, 0.8])
    # Seen twice, each thing has the same box and less doubt.
    assert both.xyxy == pytest.approx(alone.xyxy, abs=1e-3)
    assert (both.confidence >= alone.confidence - 1e-6).all()
    assert both.confidence == pytest.approx(1 - (1 - alone.confidence) ** 2, abs=1e-5)


@pytest.mark.parametrize(("shift", "count"), [(20.0, 1), (30.0, 2)])
def test_boxes_merge_above_the_threshold_alone(shift: float, count: int) -> None:
    moved = (BOX[0] + shift, BOX[1], BOX[2] + shift, BOX[3])
    overlap = (100 - shift) / (100 + shift)
    assert (overlap > IOU_THRESHOLD) == (count == 1)
    assert len(fuse([seen((BOX, 0.6, 1)), seen((moved, 0.5, 1))], [1.0, 1.0])) == count


def plain_fusion(found: list[Found], owners: list[int], weights: list[float]) -> list[tuple[float, list[float]]]:
    """(confidence, box) of every cluster, each box compared with the mean of each cluster before it."""
    merged: list[tuple[float, list[float]]] = []
    for kind in sorted({kind for _, _, kind in found}):
        clusters: list[list[int]] = []
        for index in sorted((i for i, each in enumerate(found) if each[2] == kind), key=lambda i: -found[i][1]):
            means = [plain_mean(found, members) for members in clusters]
            shared = [float(iou(seen(found[index]).xyxy[0], np.array([mean], np.float32))[0]) for mean in means]
            best = max(range(len(clusters)), key=shared.__getitem__, default=None)
            if best is None or shared[best] <= IOU_THRESHOLD:
                clusters.append([index])
            else:
                clusters[best].append(index)
        for members in clusters:
            doubt = 1.0
            for owner, weight in enumerate(weights):
                doubt *= 1 - weight * max((found[i][1] for i in members if owners[i] == owner), default=0.0)
            merged.append((1 - doubt, plain_mean(found, members)))
    return sorted(merged, key=lambda each: -each[0])


def plain_mean(found: list[Found], members: list[int]) -> list[float]:
    """The box of a cluster, by confidence."""
    total = sum(found[i][1] for i in members)
    return [sum(found[i][0][side] * found[i][1] for i in members) / total for side in range(4)]


@pytest.mark.parametrize("seed", range(8))
def test_crowds_are_fused_as_by_comparing_each_box_with_each_cluster(seed: int) -> None:
    random = np.random.default_rng(seed)
    found: list[Found] = []
    for confidence in random.permutation(120) / 121 + 0.004:
        left, top, width, height = random.integers(0, 24), random.integers(0, 24), *random.integers(30, 48, 2)
        box = float(left), float(top), float(left + width), float(top + height)
        found.append((box, float(confidence), int(random.integers(0, 4))))
    expected = plain_fusion(found, [0] * 60 + [1] * 60, [0.5, 0.9])
    fused = fuse([seen(*found[:60]), seen(*found[60:])], [0.5, 0.9], maximum=200)
    assert len(expected) < 120
    assert fused.confidence.tolist() == pytest.approx([confidence for confidence, _ in expected], abs=1e-5)
    assert fused.xyxy == pytest.approx(np.array([box for _, box in expected]), abs=1e-3)


@given(images())
@settings(max_examples=50)
def test_softening_is_done_box_by_box_from_the_surest(image: list[list[Found]]) -> None:
    found = fuse([seen(*boxes) for boxes in image], [0.7, 0.9])
    confidence, waiting = found.confidence.tolist(), list(range(len(found)))
    while waiting:
        top = max(waiting, key=confidence.__getitem__)
        waiting.remove(top)
        for other in waiting:
            shared = float(iou(found.xyxy[top], found.xyxy[other][None])[0])
            if shared > CROWDED and found.class_id[top] == found.class_id[other]:
                confidence[other] *= 1 - shared
    assert soften(found).confidence.tolist() == pytest.approx(sorted(confidence, reverse=True), abs=1e-5)


HALF = (10.0, 120.0, 110.0, 320.0)


def test_a_box_that_a_surer_one_overlaps_keeps_the_share_that_it_does_not() -> None:
    beside = (10.0, 70.0, 110.0, 270.0)
    overlap = 150 / 250
    assert overlap > CROWDED
    softer = soften(seen((BOX, 0.9, 1), (beside, 0.8, 1)))
    assert softer.xyxy.tolist() == [pytest.approx(BOX), pytest.approx(beside)]
    assert softer.confidence.tolist() == pytest.approx([0.9, 0.8 * (1 - overlap)])


def test_boxes_that_overlap_little_or_are_of_other_classes_stay_as_sure() -> None:
    # A third of both is shared.
    assert soften(seen((BOX, 0.9, 1), (HALF, 0.8, 1))).confidence.tolist() == pytest.approx([0.9, 0.8])
    assert soften(seen((BOX, 0.9, 1), (NEAR, 0.8, 2))).confidence.tolist() == pytest.approx([0.9, 0.8])
    assert len(soften(Detections.none())) == 0


@given(images())
@settings(max_examples=100)
def test_softening_drops_no_box_and_makes_none_surer(image: list[list[Found]]) -> None:
    found = fuse([seen(*boxes) for boxes in image], [0.7, 0.9])
    softer = soften(found)
    assert sorted(softer.xyxy.tolist()) == sorted(found.xyxy.tolist())
    assert (np.sort(softer.confidence) <= np.sort(found.confidence) + 1e-6).all()
    assert (np.diff(softer.confidence) <= 0).all()
    # The surest of each class has none above it.
    for kind in set(found.class_id.tolist()):
        assert softer.confidence[softer.class_id == kind].max() == found.confidence[found.class_id == kind].max()
