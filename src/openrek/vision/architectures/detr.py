"""RT-DETR and D-FINE: detectors that answer with a set of boxes, none twice, so nothing has to be suppressed.

Zhao et al. 2023, https://arxiv.org/abs/2304.08069; Peng et al. 2024, https://arxiv.org/abs/2410.13842. They are
published as ONNX in two forms that differ in what is left to the caller; a descriptor names the form.
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import resize
from openrek.vision.results import Detections
from openrek.vision.runtime.session import Session

_MAX = 100

Floats = NDArray[np.float32]


class Detr:
    """As Hugging Face's Transformers export them: `pixel_values` → `logits` (1, N, classes), `pred_boxes` (1, N, 4).

    Boxes are middle and size as parts of the image.
    """

    def __init__(self, session: Session) -> None:
        """
        Raises:
            LookupError: the descriptor does not say how large the input is.
        """
        self._session = session
        self._height, self._width = session.descriptor.input_size

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""
        outputs = self._session.run([_fed(pixels, self._width, self._height)])
        scores = 1 / (1 + np.exp(-np.clip(outputs["logits"][0], -80, 80)))
        queries, classes = np.nonzero(scores > minimum)
        middle, size = outputs["pred_boxes"][0][queries, :2], outputs["pred_boxes"][0][queries, 2:]
        xyxy = np.concatenate([middle - size / 2, middle + size / 2], 1)
        height, width = pixels.shape[:2]
        return _most_confident(xyxy, scores[queries, classes], classes).scaled((width, height), width, height)


class RtDetr:
    """As their authors export them: `images`, `orig_target_sizes` → `labels` (1, N), `boxes` (1, N, 4), `scores`.

    Boxes are left, top, right and bottom in an image of the size that was given, width before height.
    """

    def __init__(self, session: Session) -> None:
        """
        Raises:
            LookupError: the descriptor does not say how large the input is.
        """
        self._session = session
        self._height, self._width = session.descriptor.input_size

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> Detections:
        """Objects in (H, W, 3) RGB, most confident first, of at least this confidence."""
        height, width = pixels.shape[:2]
        sizes = np.array([[width, height]], np.int64)
        outputs = self._session.run([_fed(pixels, self._width, self._height), sizes])
        scores = outputs["scores"][0]
        queries = np.flatnonzero(scores > minimum)
        found = _most_confident(outputs["boxes"][0][queries], scores[queries], outputs["labels"][0][queries])
        return found.scaled((1, 1), width, height)


def _fed(pixels: NDArray[np.uint8], width: int, height: int) -> Floats:
    """(1, 3, H, W) of 0 to 1: red, green, blue, the image stretched to the square that they were trained on."""
    stretched = resize(pixels, (width, height)).astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(stretched.transpose(2, 0, 1)[None])


def _most_confident(xyxy: Floats, confidence: Floats, class_id: NDArray[np.int64]) -> Detections:
    order = np.argsort(-confidence, kind="stable")[:_MAX]
    return Detections(
        xyxy[order].astype(np.float32), confidence[order].astype(np.float32), class_id[order].astype(np.int32)
    )
