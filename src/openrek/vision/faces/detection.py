"""Where faces are: a look at the whole image, closer ones at a large one, another where none is detected."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.blazeface import BlazeFace
from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.boxes import iou, letterbox, suppress
from openrek.vision.calibration import of_faces
from openrek.vision.frame import Frame
from openrek.vision.results import Detections
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.task import FACES
from openrek.vision.tiles import Tile, is_long, tiles, worthwhile

MIN = 0.5
"""Boxes that the detector scores below this are not reported."""
TILED_FROM = 1920
"""Pixels on the longer side from which an image is looked at in tiles, too, if something in it hints at a face."""
LONG_FROM = 1280
"""The same of a long image, of which every part is looked at."""
DETAIL_SIDE = 2560
"""Pixels of reach that the tiles are cut from, at the least, where the image has them."""
TILE_SIDE = 960
"""Pixels that a tile of an image has on a side at the least, of a long one at the most."""
SAME = 0.3
"""Intersection over union of boxes of the same face."""
# Boxes of the whole image from this score on hint at faces too small for it.
_CANDIDATE = 0.05
_MAX = 1000
_PADDING = 0.3
_SMALL_SIDE = 320
# At 0.5 BlazeFace alone sees a face in a third of the images without people. The mesh is laid over dogs and wheels,
# too, but then the detector sees nothing there.
_FALLBACK_MIN = 0.5
_MESH_MIN = 0.8
_SUPPORT = 0.2

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
FaceArrays = tuple[Floats, Floats, Floats]
"""(N, 4) boxes, (N,) confidences and (N, 5, 2) landmarks."""


def closer_look(image: Frame) -> Callable[[], Pixels] | None:
    """What gives the pixels to look at in tiles; None of an image that is not so large that this finds more."""
    from_side = LONG_FROM if is_long(image.width, image.height) else TILED_FROM
    longest = max(image.width, image.height)
    return (lambda: image.pixels(DETAIL_SIDE)) if longest >= from_side else None


class FaceLocator:
    """CenterFace; if it detects no face, once more with a margin around the image, then BlazeFace.

    BlazeFace counts where the mesh's network and CenterFace support it. A face that fills its image has no
    surroundings to be recognised by; the margin gives it some. Where another model is chosen for faces, it takes
    CenterFace's place and BlazeFace does not run.
    """

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        chosen = sessions.chosen("faces")
        session = chosen or sessions["centerface"]
        self._detector = FACES.open(session, sessions.models)
        self._calibrated = of_faces(session.descriptor.name)
        self._fallback = (
            (BlazeFace(sessions["blazeface_back"]), FaceMesh(sessions["facemesh"])) if chosen is None else None
        )
        self._fallback_calibrated = of_faces("blazeface_back")

    def start(self, pixels: Pixels) -> "Future[FaceArrays]":
        """Begins what `see` does first: one run of the detector on (H, W, 3) RGB."""
        return self._pool.submit(self._detector.detect, pixels, _CANDIDATE)

    def small(self, pixels: Pixels) -> Pixels:
        """The image at a size at which the detector is four times as fast, and still sees large faces."""
        if max(pixels.shape[:2]) <= _SMALL_SIDE:
            return pixels
        return letterbox(pixels, _SMALL_SIDE, _SMALL_SIDE)[0]

    def see(
        self, pixels: Pixels, closer: Callable[[], Pixels] | None = None, started: "Future[FaceArrays] | None" = None
    ) -> tuple[Pixels, FaceArrays]:
        """What looks like a face however little, with its scores; the most like one first.

        Returns:
            The pixels that it is in: (H, W, 3) RGB as given or, if closer looks were taken, what `closer` gives.
        """
        candidates = (started or self.start(pixels)).result()
        return (pixels, candidates) if closer is None else self._in_tiles(pixels, candidates, closer)

    def confident(self, seen: FaceArrays) -> FaceArrays:
        """The faces among what `see` returned, with confidences."""
        found = taken(seen, np.flatnonzero(seen[1] >= MIN))
        return found[0], self._calibrated(found[1]), found[2]

    def see_again(self, pixels: Pixels) -> FaceArrays:
        """What looks like a face in pixels in which there was none before, now with a margin around them."""
        return self._pool.submit(self._see_again, pixels).result()

    def confident_again(self, seen: FaceArrays, pixels: Pixels) -> FaceArrays:
        """The faces among what `see_again` returned, with confidences; if there are none, those of BlazeFace."""
        found = self.confident(seen)
        if len(found[0]) or self._fallback is None or not (seen[1] >= _SUPPORT).any():
            return found
        return self._pool.submit(self._fall_back, *self._fallback, pixels, seen[0][seen[1] >= _SUPPORT]).result()

    def _in_tiles(
        self, pixels: Pixels, candidates: FaceArrays, closer: Callable[[], Pixels]
    ) -> tuple[Pixels, FaceArrays]:
        """What the whole image and its tiles show, in the pixels of `closer`; as it is where no tile is worth it."""
        width, height = pixels.shape[1], pixels.shape[0]
        # Before more pixels are decoded: whether any of them are worth it.
        if not is_long(width, height) and not _worthwhile(tiles(width, height, 1), candidates, width, height):
            return pixels, candidates
        detail = closer()
        scale = np.array([detail.shape[1] / width, detail.shape[0] / height], np.float32)
        width, height = detail.shape[1], detail.shape[0]
        whole = candidates[0] * np.tile(scale, 2), candidates[1], candidates[2] * scale
        parts = tiles(width, height, TILE_SIDE)
        if not is_long(width, height):
            parts = _worthwhile(parts, whole, width, height)
        runs = [self._pool.submit(self._detector.detect, tile.of(detail), MIN) for tile in parts]
        looks = [whole]
        for tile, run in zip(parts, runs, strict=True):
            found = run.result()
            found = taken(found, tile.uncut(found[0], width, height))
            looks.append(_moved(found, -np.array([tile.left, tile.top], np.float32)))
        seen = joined(looks)
        return detail, taken(seen, suppress(seen[0], seen[1], None, SAME, _MAX))

    def _see_again(self, pixels: Pixels) -> FaceArrays:
        padded, margin = _padded(pixels)
        return _moved(self._detector.detect(padded, _CANDIDATE), margin)

    def _fall_back(self, detector: BlazeFace, mesh: FaceMesh, pixels: Pixels, support: Floats) -> FaceArrays:
        padded, margin = _padded(pixels)
        boxes, confidence, points = _moved(detector.detect(padded, _FALLBACK_MIN), margin)
        landmarks = _five(points)
        borne_out = [
            bool(iou(box, support).max() >= SAME) and mesh.lay(pixels, box, marks)[1] >= _MESH_MIN
            for box, marks in zip(boxes, landmarks, strict=True)
        ]
        kept = np.array(borne_out, bool)
        return boxes[kept], self._fallback_calibrated(confidence[kept]), landmarks[kept]


def _padded(pixels: Pixels) -> tuple[Pixels, np.float32]:
    margin = round(max(pixels.shape[:2]) * _PADDING)
    return np.pad(pixels, ((margin, margin), (margin, margin), (0, 0))), np.float32(margin)


def _worthwhile(parts: Sequence[Tile], candidates: FaceArrays, width: int, height: int) -> list[Tile]:
    boxes, confidence, _ = candidates
    return worthwhile(parts, Detections(boxes.copy(), confidence.copy(), np.zeros(len(boxes), np.int32)), width, height)


def taken(found: FaceArrays, indices: NDArray[np.intp]) -> FaceArrays:
    """Those at the places, in that order."""
    boxes, confidence, points = found
    return boxes[indices], confidence[indices], points[indices]


def joined(looks: Sequence[FaceArrays]) -> FaceArrays:
    """All of several looks at an image."""
    boxes, confidence, points = zip(*looks, strict=True)
    return np.concatenate(boxes), np.concatenate(confidence), np.concatenate(points)


def _moved(found: FaceArrays, away: Floats | np.float32) -> FaceArrays:
    boxes, confidence, points = found
    return boxes - np.tile(away, 2 if np.ndim(away) else 1), confidence, points - away


def _five(points: Floats) -> Floats:
    """Mouth corners from its middle: half the eyes' distance apart, along the eyes' line."""
    if not len(points):
        return np.zeros((0, 5, 2), np.float32)
    across = (points[:, 1] - points[:, 0]) * np.float32(0.4)
    mouth = points[:, 3]
    return np.stack([points[:, 0], points[:, 1], points[:, 2], mouth - across, mouth + across], axis=1)
