"""dlib's face recognition network: a face as a point on a sphere, near other images of the same person.

Davis King 2017, http://blog.dlib.net/2017/02/high-quality-face-recognition-with-deep.html; He et al. 2015,
https://arxiv.org/abs/1512.03385
"""

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.tensors import channels_first
from openrek.vision.faces.alignment import chip
from openrek.vision.runtime.session import Session

SIDE = 150
LENGTH = 128
TEMPLATE = np.array([[45.49, 47.15], [102.70, 46.70], [73.97, 78.01], [50.45, 102.25], [98.47, 101.76]], np.float32)
"""Where dlib's shape predictor and its face chips (padding 0.25) put eyes, nose and mouth corners."""
MESH = (33, 133, 362, 263, 2)
"""Points of MediaPipe's face mesh that dlib aligns by itself: the eyes' corners from left to right, the nose's base."""
MESH_TEMPLATE = np.array(
    [[37.06, 46.37], [58.41, 47.91], [89.61, 47.90], [110.96, 46.35], [74.01, 87.78]],
    np.float32,
)
"""Where they lie: dlib's mean face of five points, in a chip of 150 pixels with a padding of 0.25.
https://github.com/davisking/dlib/blob/master/dlib/image_transforms/interpolation.h"""

Floats = NDArray[np.float32]


class DlibResNet:
    """Embeds faces."""

    length = LENGTH
    aligned_by_mesh = True

    def __init__(self, session: Session) -> None:
        self._session = session

    def embed(self, pixels: NDArray[np.uint8], landmarks: Floats, mesh: Floats | None = None) -> Floats:
        """(128,), of length 1, of the face with the (5, 2) landmarks and the (468, 2 or more) mesh in (H, W, 3) RGB.

        The face and its mirror image are embedded and added: their errors differ, so the sum is nearer to the person.
        For the same reason it is aligned by landmarks and mesh together, where a mesh could be laid: of 600 pairs of
        Labeled Faces in the Wild .985 are classified correctly, by the landmarks alone .977, by the mesh alone .980.
        """
        points, template = landmarks, TEMPLATE
        if mesh is not None:
            points = np.concatenate([landmarks, mesh[list(MESH), :2]])
            template = np.concatenate([TEMPLATE, MESH_TEMPLATE])
        face = chip(pixels, points, template, SIDE)
        both = self._embed(face) + self._embed(face[:, ::-1])
        return np.asarray(both / np.linalg.norm(both), np.float32)

    def _embed(self, face: NDArray[np.uint8]) -> Floats:
        tensor = channels_first(face)
        (vector,) = self._session.run([tensor]).values()
        return np.asarray(vector[0] / np.linalg.norm(vector[0]), np.float32)
