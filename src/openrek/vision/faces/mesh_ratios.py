"""How far eyes and mouth are open, from the points of a face mesh."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Places in MediaPipe's mesh: corner, corner, then pairs of the upper and the lower lid, or lip, that face each other.
_EYES = ((33, 133, (160, 144), (158, 153)), (362, 263, (385, 380), (387, 373)))
_MOUTH = (78, 308, (82, 87), (13, 14), (312, 317))


def eye_ratio(points: Floats) -> float:
    """Mean height of the eyes' openings as part of their width, some 0.1 to 0.4, of (468, 2 or more) mesh points.

    Soukupová and Čech 2016, "Real-Time Eye Blink Detection using Facial Landmarks", there for six points an eye.
    """
    return float(np.mean([_ratio(points, one, other, pairs) for one, other, *pairs in _EYES]))


def mouth_ratio(points: Floats) -> float:
    """Height of the gap between the lips as part of its width, some 0 to 0.8, of (468, 2 or more) mesh points."""
    one, other, *pairs = _MOUTH
    return _ratio(points, one, other, pairs)


def _ratio(points: Floats, one: int, other: int, pairs: list[tuple[int, int]]) -> float:
    def distance(start: int, end: int) -> float:
        return float(np.hypot(*(points[start, :2] - points[end, :2])))

    height = np.mean([distance(upper, lower) for upper, lower in pairs])
    return float(height / max(distance(one, other), 1e-6))
