"""YuNet: a very small face detector. Wu et al. 2023, https://doi.org/10.1007/s11633-023-1423-y

Decoded as OpenCV's FaceDetectorYN does it:
https://github.com/opencv/opencv/blob/4.x/modules/objdetect/src/face_detect.cpp
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import letterbox, suppress
from openrek.vision.runtime.session import Session

STRIDES = (8, 16, 32)
MIN = 0.6
"""Less sure faces are not reported: the threshold of the model's publisher."""
_NMS_IOU = 0.3
_MAX = 1000

Floats = NDArray[np.float32]


class YuNet:
    """Faces with eyes, nose and mouth corners. For each stride S the graph gives cls_S, obj_S, bbox_S and kps_S."""

    def __init__(self, session: Session) -> None:
        """
        Raises:
            LookupError: the descriptor does not say how large the input is.
        """
        self._session = session
        self._height, self._width = session.descriptor.input_size

    def detect(self, pixels: NDArray[np.uint8], minimum: float) -> tuple[Floats, Floats, Floats]:
        """(N, 4) boxes, (N,) confidences and (N, 5, 2) landmarks in (H, W, 3) RGB, most confident first."""
        boxed, scale = letterbox(pixels, self._width, self._height)
        # Blue, green, red from 0 to 255.
        tensor = np.ascontiguousarray(boxed[..., ::-1].transpose(2, 0, 1)[None], np.float32)
        outputs = self._session.run([tensor])
        boxes, confidence, landmarks = [], [], []
        for stride in STRIDES:
            raw = {part: outputs[f"{part}_{stride}"][0] for part in ("cls", "obj", "bbox", "kps")}
            # The score is the geometric mean of how surely a face is here and how surely anything is.
            score = np.sqrt(np.clip(raw["cls"][:, 0], 0, 1) * np.clip(raw["obj"][:, 0], 0, 1))
            indices = np.flatnonzero(score > max(minimum, MIN))
            columns = self._width // stride
            cells = np.stack([indices % columns, indices // columns], 1).astype(np.float32)
            centre = (raw["bbox"][indices, :2] + cells) * stride
            half = np.exp(np.clip(raw["bbox"][indices, 2:], -20, 20)) * stride / 2
            boxes.append(np.concatenate([centre - half, centre + half], 1))
            landmarks.append((raw["kps"][indices].reshape(-1, 5, 2) + cells[:, None]) * stride)
            confidence.append(score[indices])
        xyxy = np.concatenate(boxes).astype(np.float32)
        sure = np.concatenate(confidence).astype(np.float32)
        kept = suppress(xyxy, sure, None, _NMS_IOU, _MAX)
        factor = np.float32(scale)
        return xyxy[kept] / factor, sure[kept], np.concatenate(landmarks).astype(np.float32)[kept] / factor
