"""Objects: two detectors side by side, their boxes fused; of a large image in tiles, too."""

from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.nanodet import NanoDet
from openrek.vision.architectures.protocols import DetectorModel
from openrek.vision.architectures.ssdlite import SsdLite
from openrek.vision.calibration import of_boxes
from openrek.vision.fusion import fuse, soften
from openrek.vision.results import Detections
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.task import OBJECTS
from openrek.vision.tiles import is_long, tiles, without_parts, worthwhile

MIN = 0.05
"""Detectors' boxes below this confidence are noise."""
MAX = 100
"""Objects of an image."""
MAX_IN_TILES = 300
"""Objects of an image that is looked at in tiles."""
# Nearly even: of images that neither was trained on, NanoDet is the better one. See docs/design/box-fusion.md.
_TRUST = (0.5, 0.6)
# Every tile is another chance to be wrong.
_TRUST_OF_TILES = 0.9


class ObjectDetector:
    """NanoDet and SSDLite: they err differently, so what both see is surer than what either sees.

    Where another model is chosen for objects, it alone.
    """

    def __init__(self, sessions: SessionCache, pool: InferencePool) -> None:
        self._pool = pool
        chosen = sessions.chosen("objects")
        if chosen is not None:
            self._detectors: tuple[DetectorModel, ...] = (OBJECTS.open(chosen, sessions.models),)
            self._trust: tuple[float, ...] = (1.0,)
            self.names = chosen.descriptor.labels
            self.calibration = of_boxes([chosen.descriptor.name])
            return
        pair = sessions["nanodet"], sessions["ssdlite"]
        self._detectors = (NanoDet(pair[0]), SsdLite(pair[1]))
        self._trust = _TRUST
        self.names = pair[0].descriptor.labels
        self.calibration = of_boxes([session.descriptor.name for session in pair])

    def start(self, pixels: NDArray[np.uint8]) -> "tuple[Future[Detections], ...]":
        """Begins what `find` does first: one run of each detector on (H, W, 3) RGB."""
        return tuple(self._pool.submit(model.detect, pixels, MIN) for model in self._detectors)

    def find(
        self,
        pixels: NDArray[np.uint8],
        detail: NDArray[np.uint8] | None = None,
        started: "tuple[Future[Detections], ...] | None" = None,
    ) -> Detections:
        """Objects in (H, W, 3) RGB, in its pixels, the most confident first.

        Args:
            pixels: The image.
            detail: The same image with more pixels, to search in tiles as well.
            started: What `start` returned for these pixels; it is called here if left out.
        """
        found = [run.result() for run in started or self.start(pixels)]
        if detail is None:
            # The result of a single detector is not fused, so there is nothing to correct.
            return self._calibrated(found[0] if len(found) == 1 else self._fused(found), MAX)
        parts = self._find_in_tiles(pixels, detail, self._calibrated(self._fused(found), MAX_IN_TILES))
        joined = [_joined(whole, tiled) for whole, tiled in zip(found, parts, strict=True)]
        return self._calibrated(self._fused(joined), MAX_IN_TILES)

    def highest_confidence(self, name: str, started: "tuple[Future[Detections], ...]") -> float:
        """The highest confidence, 0 to 1, of an object of this class in the image as a whole, without tiles.

        Args:
            name: Name of the class; for one that the detectors do not know the confidence is 1, as it might be there.
            started: What `start` returned.
        """
        if name not in self.names:
            return 1.0
        number = self.names.index(name)
        results = [run.result() for run in started]
        of_class = [each.take(np.flatnonzero(each.class_id == number)) for each in results]
        found = self._calibrated(of_class[0] if len(of_class) == 1 else self._fused(of_class), 1)
        return float(found.confidence.max(initial=0))

    def _fused(self, found: Sequence[Detections]) -> Detections:
        return soften(fuse(found, self._trust, MIN, MAX_IN_TILES))

    def _calibrated(self, found: Detections, maximum: int) -> Detections:
        first = found.take(np.arange(min(len(found), maximum)))
        return Detections(first.xyxy, self.calibration.box(first.confidence), first.class_id)

    def _find_in_tiles(
        self, pixels: NDArray[np.uint8], detail: NDArray[np.uint8], candidates: Detections
    ) -> list[list[Detections]]:
        """What each detector found in each tile that is worth it, in the image's pixels."""
        size = pixels.shape[1], pixels.shape[0]
        width, height = detail.shape[1], detail.shape[0]
        parts = tiles(width, height)
        if not is_long(width, height):  # of a long image the whole hints at nothing
            enlarged = candidates.scaled((width / size[0], height / size[1]), width, height)
            parts = worthwhile(parts, enlarged, width, height)
        runs = [self.start(tile.of(detail)) for tile in parts]
        shrunk = size[0] / width, size[1] / height
        return [
            [
                tile.whole_things(of_tile[index].result(), width, height).scaled(shrunk, *size)
                for tile, of_tile in zip(parts, runs, strict=True)
            ]
            for index in range(len(self._detectors))
        ]


def _joined(whole: Detections, parts: Sequence[Detections]) -> Detections:
    """What one detector found in the whole image and in its tiles."""
    found = [whole, *(without_parts(part, whole) for part in parts)]
    trust = [1.0, *[_TRUST_OF_TILES] * len(parts)]
    return Detections(
        np.concatenate([each.xyxy for each in found]),
        np.concatenate([each.confidence * np.float32(much) for each, much in zip(found, trust, strict=True)]),
        np.concatenate([each.class_id for each in found]),
    )
