"""Faces whichever way up they lie: as photographs taken with a phone held sideways show them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.boxes import suppress
from openrek.vision.faces.detection import SAME, FaceArrays, FaceLocator, joined, taken
from openrek.vision.faces.orientation import Orientation, level, orientation, upright
from openrek.vision.quarter_turns import turned_boxes, turned_pixels, turned_points, turned_size
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache

# In an image that lies on its side all faces do: those most like a face say so for the others.
_DOUBTS = 3
_DOUBT_MIN = 0.1
_MESH_MIN = 0.8
# Of what the detector sees in a small image. It starts a search, in which faces count from 0.5 on; where faces were
# found already, only a clear one does, and only where one of these is large enough to be seen in a small image.
_GLANCE_MIN, _GLANCE_CLEAR = 0.25, 0.5
_LARGE = 0.15
_MAX = 1000
# By benchmarks/face_candidates.py, on face masks, group photos turned, COCO and breadth: the first run finds no face in
# 221 of 448 images, the further runs find one in 14 of these. The detectors see a person with at least this confidence
# in 13 of the 14, and in half of the others.
_PERSON_MIN = 0.05

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _View:
    """What an image shows after some quarter turns."""

    quarters: int
    pixels: Pixels
    found: FaceArrays


class TurnedFaceLocator:
    """Finds faces that are upright, lie on their side, or are upside down.

    The detector is trained on upright faces. Of others it sees something nearly always, but places their landmarks as
    those of an upright one, or gives them a low score. Where it does so, the mesh's network is shown the place all four
    ways up, and the image is searched once more for each way up that this network finds.
    """

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        self._locator = FaceLocator(sessions, pool)
        self._mesh = FaceMesh(sessions["facemesh"])

    def start(self, pixels: Pixels) -> "Future[FaceArrays]":
        """Begins what `search` does first: one run of the detector on (H, W, 3) RGB."""
        return self._locator.start(pixels)

    def search(
        self,
        pixels: Pixels,
        closer: Callable[[], Pixels] | None = None,
        started: "Future[FaceArrays] | None" = None,
        person: Callable[[], float] | None = None,
    ) -> tuple[Pixels, FaceArrays]:
        """Faces in (H, W, 3) RGB or, if closer looks were taken, in what `closer` gives; the pixels they are in.

        Most confident first, with the chance that there is a face as confidence, 0 to 1. Landmarks are in the order of
        the upright face.

        Args:
            pixels: The image.
            closer: Returns the same image with more pixels, to search in tiles as well.
            started: What `start` returned for these pixels.
            person: The confidence, 0 to 1, that the object detectors see a person in the image. Called where the first
                run finds no face: without a hint of a person there are no further runs.
        """
        locator = self._locator
        shown, seen = locator.see(pixels, closer, started)
        found = locator.confident(seen)
        if not len(found[0]) and person is not None and person() < _PERSON_MIN:
            return shown, found
        turns = self._turns(pixels, shown, seen, confident=len(found[0]))
        views = [_View(0, shown, found), *self._seen_turned(pixels, turns, closer)]
        if not any(len(view.found[0]) for view in views):
            views = [self._seen_again(turned_pixels(shown, quarters), quarters) for quarters in (0, *sorted(turns))]
        return shown, self._merged(shown, views) if turns else views[0].found

    def _turns(self, pixels: Pixels, shown: Pixels, seen: FaceArrays, confident: int) -> set[int]:
        """Quarter turns, 1 to 3, after which some of what may be faces would be upright.

        Where the detector's confidence is too low, or the mesh fits none of its faces, what it sees of the turned
        image at a small scale decides.
        """
        turns = set() if confident else self._glances(pixels, _GLANCE_MIN)
        if turns:
            return turns
        doubtful = np.flatnonzero(~upright(seen[0], seen[2]) & (seen[1] >= _DOUBT_MIN))[:_DOUBTS]
        ways = list(self._orientations(shown, seen[0][doubtful]))
        turns = {way.quarters for way in ways if way.quarters and way.confidence >= _MESH_MIN}
        sides = (seen[0][:, 2:] - seen[0][:, :2]).max(axis=1, initial=0) / max(shown.shape[:2])
        unfitting = any(
            way.confidence < _MESH_MIN and index < confident and sides[index] >= _LARGE
            for index, way in zip(doubtful, ways, strict=True)
        )
        return self._glances(pixels, _GLANCE_CLEAR) if unfitting and not turns else turns

    def _glances(self, pixels: Pixels, minimum: float) -> set[int]:
        """Quarter turns, 1 to 3, after which the image shows an upright face at a small scale."""
        small = self._locator.small(pixels)
        runs = [(quarters, self._locator.start(turned_pixels(small, quarters))) for quarters in (1, 2, 3)]
        turns = set()
        for quarters, run in runs:
            boxes, confidence, landmarks = run.result()
            if (upright(boxes, landmarks) & (confidence >= minimum)).any():
                turns.add(quarters)
        return turns

    def _seen_turned(self, pixels: Pixels, turns: set[int], closer: Callable[[], Pixels] | None) -> list[_View]:
        views = []
        for quarters in sorted(turns):
            shown, seen = self._locator.see(turned_pixels(pixels, quarters), _turned(closer, quarters))
            views.append(_View(quarters, shown, self._locator.confident(seen)))
        return views

    def _seen_again(self, pixels: Pixels, quarters: int) -> _View:
        return _View(quarters, pixels, self._locator.confident_again(self._locator.see_again(pixels), pixels))

    def _orientations(self, pixels: Pixels, xyxy: Floats) -> Iterator[Orientation]:
        runs = [self._pool.submit(orientation, self._mesh, pixels, box) for box in xyxy]
        return (run.result() for run in runs)

    def _merged(self, shown: Pixels, views: list[_View]) -> FaceArrays:
        """Of each face the view in which it is upright; in the pixels shown."""
        height, width = shown.shape[:2]
        looks, standing = [], []
        for view in views:
            found, stands = self._checked(view)
            looks.append(_turned_back(found, view, width, height))
            standing.append(stands)
        found, stands = joined(looks), np.concatenate(standing)
        order = found[1] + stands.astype(np.float32)
        kept = suppress(found[0], order, None, SAME, _MAX)
        found = taken(found, kept)
        return taken(found, np.argsort(-found[1], kind="stable"))

    def _checked(self, view: _View) -> tuple[FaceArrays, Bools]:
        """Faces of a view, and whether each is upright in it for certain; (N,).

        A turned image shows the same faces as before, so of these only the upright ones are kept. Those of the image as
        it is are all kept, in case that no other view shows them, with landmarks as the mesh has them.
        """
        boxes, confidence, landmarks = view.found
        landmarks = landmarks.copy()
        stands, kept = upright(boxes, landmarks), np.ones(len(boxes), np.bool_)
        doubtful = np.flatnonzero(~stands)
        for index, way in zip(doubtful, self._orientations(view.pixels, boxes[doubtful]), strict=True):
            if way.confidence < _MESH_MIN:
                # The mesh fits no face in profile, whichever way up.
                kept[index] = not view.quarters or level(boxes[index, None], landmarks[index, None])[0]
                continue
            stands[index] = way.quarters == 0
            if way.quarters:
                landmarks[index], kept[index] = way.landmarks, not view.quarters
        kept &= stands.any() or not view.quarters
        indices = np.flatnonzero(kept)
        return taken((boxes, confidence, landmarks), indices), stands[indices]


def _turned(closer: Callable[[], Pixels] | None, quarters: int) -> Callable[[], Pixels] | None:
    return None if closer is None else lambda: turned_pixels(closer(), quarters)


def _turned_back(found: FaceArrays, view: _View, width: int, height: int) -> FaceArrays:
    """What a view shows, in an image of (height, width) pixels that is not turned."""
    across, down = turned_size(width, height, view.quarters)
    scale = np.array([across / view.pixels.shape[1], down / view.pixels.shape[0]], np.float32)
    back = partial(turned_points, width=across, height=down, quarters=-view.quarters)
    boxes = turned_boxes(found[0] * np.tile(scale, 2), across, down, -view.quarters)
    return boxes, found[1], back(found[2] * scale)
