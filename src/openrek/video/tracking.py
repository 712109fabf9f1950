"""People followed through a video: a Kalman filter for each, boxes assigned to them by where they should be.

A. Bewley et al.: Simple Online and Realtime Tracking, 2016, https://arxiv.org/abs/1602.00763
Y. Zhang et al.: ByteTrack, 2022, https://arxiv.org/abs/2110.06864 (less certain boxes continue tracks, but begin none)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openrek.video.assignment import assign

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]

_POSITION_NOISE = 0.1
"""Of the box's height: by how much a detector's boxes vary."""
_ACCELERATION = 0.6
"""Heights of the box per second squared: how much a person's velocity changes."""
_FAR = 1e3
"""Cost of a pair that is not possible."""


@dataclass(frozen=True, slots=True)
class TrackingOptions:
    """When a box is taken for that of a person seen before."""

    min_confidence: float = 0.5
    """Boxes this certain begin tracks."""
    min_continuing: float = 0.15
    """Boxes this certain continue them."""
    max_cost: float = 1.1
    """Pairs of a track and a box that cost more are not made.

    The cost is 1 minus the overlap of the box with where the person should be, plus the distance of the centres in
    diagonals of the box around both: 0 for the same box, over 1 for boxes that do not touch.
    """
    max_cost_at_first: float = 1.3
    """The same for tracks with one box, of which it is not known where they go."""
    max_lost_seconds: float = 2.0
    """How long a person may be out of sight, behind another, and still be the same."""
    min_looks: int = 2
    """Tracks with fewer boxes are taken for errors of the detector."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The boxes of people in one frame."""

    timestamp_ms: int
    xyxy: Floats
    """(N, 4)"""
    confidence: Floats
    """(N,)"""
    after_cut: bool = False
    """Whether a cut lies between the last frame and this one: nobody is where they were."""


@dataclass(slots=True)
class _Track:
    mean: Matrix
    """(8,): centre x, centre y, width, height, and their changes a second."""
    covariance: Matrix
    """(8, 8)"""
    seen_ms: int
    boxes: list[tuple[int, int]] = field(default_factory=list)
    """(frame, box) of each sighting."""


def track(frames: Sequence[People], options: TrackingOptions = TrackingOptions()) -> list[NDArray[np.int32]]:
    """For each frame (N,): the number of the person of each box, from 0 in order of appearance; -1 for nobody's.

    Args:
        frames: In order of time, at any distances: what people looks like from one to the next matters, not the rate.
        options: When a box is taken for that of a person seen before.
    """
    active: list[_Track] = []
    ended: list[_Track] = []
    previous_ms = frames[0].timestamp_ms if frames else 0
    for index, people in enumerate(frames):
        seconds = (people.timestamp_ms - previous_ms) / 1000
        previous_ms = people.timestamp_ms
        lost = [
            each
            for each in active
            if people.after_cut or people.timestamp_ms - each.seen_ms > options.max_lost_seconds * 1000
        ]
        ended += lost
        active = [each for each in active if all(each is not other for other in lost)]
        for each in active:
            _predict(each, seconds)
        _update(active, index, people, options)
    return _numbered(frames, [*ended, *active], options)


def interpolated(before: Floats, after: Floats, share: float) -> Floats:
    """(4,) or (N, 4): boxes between those of two looks, `share` of the way from the first, 0 to 1."""
    return np.asarray(before + (after - before) * share, np.float32)


def _update(active: list[_Track], index: int, people: People, options: TrackingOptions) -> None:
    certain = np.flatnonzero(people.confidence >= options.min_confidence)
    less = np.flatnonzero((people.confidence >= options.min_continuing) & (people.confidence < options.min_confidence))
    free = list(active)
    for boxes in (certain, less):
        costs = _costs(free, people.xyxy[boxes], options)
        pairs = [(row, column) for row, column in assign(costs) if costs[row, column] < _FAR]
        for row, column in pairs:
            _correct(free[row], people.xyxy[boxes[column]])
            free[row].boxes.append((index, int(boxes[column])))
            free[row].seen_ms = people.timestamp_ms
        if boxes is certain:
            new = set(range(len(boxes))) - {column for _, column in pairs}
            active += [_begin(people, index, int(boxes[column])) for column in sorted(new)]
        free = [each for row, each in enumerate(free) if row not in {row for row, _ in pairs}]


def _costs(tracks: list[_Track], xyxy: Floats, options: TrackingOptions) -> Matrix:
    """(tracks, boxes): 1 minus overlap, plus distance of the centres in diagonals of the box around both."""
    one = np.array([_box(each.mean) for each in tracks]).reshape(-1, 1, 4)
    other = xyxy.astype(np.float64).reshape(1, -1, 4)
    sides = np.clip(np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2]), 0, None)
    shared = sides[..., 0] * sides[..., 1]
    areas = [np.prod(each[..., 2:] - each[..., :2], axis=-1) for each in (one, other)]
    overlap = shared / np.maximum(areas[0] + areas[1] - shared, 1e-9)
    around = np.maximum(one[..., 2:], other[..., 2:]) - np.minimum(one[..., :2], other[..., :2])
    apart = (one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) / 2
    distance = np.sqrt((apart**2).sum(axis=-1) / np.maximum((around**2).sum(axis=-1), 1e-9))
    costs = 1 - overlap + distance
    limits = [options.max_cost_at_first if len(each.boxes) == 1 else options.max_cost for each in tracks]
    return np.where(costs <= np.array(limits).reshape(-1, 1), costs, _FAR)


def _begin(people: People, index: int, box: int) -> _Track:
    mean = np.concatenate([_state(people.xyxy[box]), np.zeros(4)])
    height = mean[3]
    spread = [2 * _POSITION_NOISE * height] * 4 + [height] * 2 + [0.1 * height] * 2
    return _Track(mean, np.diag(np.square(spread)), people.timestamp_ms, [(index, box)])


def _predict(each: _Track, seconds: float) -> None:
    move = np.eye(8)
    move[:4, 4:] = np.eye(4) * seconds
    height = max(each.mean[3], 1.0)
    spread = np.array([1.0, 1.0, 0.1, 0.1]) * _ACCELERATION * height
    noise = np.diag(np.concatenate([np.square(spread * seconds**2 / 2), np.square(spread * seconds)]))
    each.mean = move @ each.mean
    each.mean[2:4] = np.maximum(each.mean[2:4], 1.0)
    each.covariance = move @ each.covariance @ move.T + noise


def _correct(each: _Track, xyxy: Floats) -> None:
    noise = np.eye(4) * (_POSITION_NOISE * max(each.mean[3], 1.0)) ** 2
    gain = np.linalg.solve(each.covariance[:4, :4] + noise, each.covariance[:4]).T
    each.mean = each.mean + gain @ (_state(xyxy) - each.mean[:4])
    each.covariance = each.covariance - gain @ each.covariance[:4]


def _state(xyxy: Floats) -> Matrix:
    left, top, right, bottom = (float(value) for value in xyxy)
    return np.array([(left + right) / 2, (top + bottom) / 2, right - left, bottom - top])


def _box(mean: Matrix) -> Matrix:
    half = np.maximum(mean[2:4], 1.0) / 2
    return np.concatenate([mean[:2] - half, mean[:2] + half])


def _numbered(frames: Sequence[People], tracks: list[_Track], options: TrackingOptions) -> list[NDArray[np.int32]]:
    numbers = [np.full(len(people.xyxy), -1, np.int32) for people in frames]
    kept = sorted(
        (each for each in tracks if len(each.boxes) >= min(options.min_looks, len(frames))),
        key=lambda each: each.boxes[0],
    )
    for number, each in enumerate(kept):
        for frame, box in each.boxes:
            numbers[frame][box] = number
    return numbers
