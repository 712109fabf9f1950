"""Architectures by the names that descriptors call them, for the tasks that a model can be chosen for."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.architectures.clip import Clip
from openrek.vision.architectures.ctc import CtcReader, Reading
from openrek.vision.architectures.detr import Detr, RtDetr
from openrek.vision.architectures.dlib_resnet import DlibResNet
from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.architectures.nanodet import NanoDet
from openrek.vision.architectures.resnet import ResNet
from openrek.vision.architectures.sface import SFace
from openrek.vision.architectures.siglip import SigLip
from openrek.vision.architectures.ssdlite import SsdLite
from openrek.vision.architectures.yolox import YoloX
from openrek.vision.architectures.yunet import YuNet
from openrek.vision.pack import ModelDescriptor
from openrek.vision.results import Detections
from openrek.vision.runtime.session import OnnxSession

T = TypeVar("T")
Floats = NDArray[np.float32]


class DetectorModel(Protocol):
    """Finds objects."""

    def detect(self, pixels: NDArray[np.uint8], least: float) -> Detections:
        """Objects in (H, W, 3) RGB, surest first, of at least this confidence."""


class FaceDetectorModel(Protocol):
    """Finds faces."""

    def detect(self, pixels: NDArray[np.uint8], least: float) -> tuple[Floats, Floats, Floats]:
        """(N, 4) boxes, (N,) confidences and (N, 5, 2) landmarks in (H, W, 3) RGB, surest first."""


class EmbedderModel(Protocol):
    """Embeds faces."""

    length: int
    """Of its vectors."""
    aligned_by_mesh: bool
    """Whether a mesh, where one can be laid, helps it."""

    def embed(self, pixels: NDArray[np.uint8], landmarks: Floats, mesh: Floats | None = None) -> Floats:
        """(length,), of length 1, of the face with (5, 2) landmarks and a (468, 2 or more) mesh, in (H, W, 3) RGB."""


class ClassifierModel(Protocol):
    """Says what a picture as a whole is of."""

    exclusive: bool
    """Whether it was trained to choose one of its labels, by softmax; else to judge each by itself, by sigmoid."""

    def classify(self, pixels: NDArray[np.uint8]) -> Floats:
        """(labels,): logit of each of the model's labels, for (H, W, 3) RGB."""


class RecognizerModel(Protocol):
    """Reads lines of text."""

    def read(self, line: NDArray[np.uint8]) -> Reading:
        """What a line's upright crop, (H, W, 3) RGB, says."""


Models = Mapping[str, ModelDescriptor]
Opener = Callable[[OnnxSession, Models], T]


def _alone(architecture: Callable[[OnnxSession], T]) -> Opener[T]:
    """Opens an architecture that needs no model but its own."""
    return lambda session, _: architecture(session)


DETECTORS: Mapping[str, Opener[DetectorModel]] = {
    "detr": _alone(Detr),
    "nanodet": _alone(NanoDet),
    "rtdetr": _alone(RtDetr),
    "ssdlite": _alone(SsdLite),
    "yolox": _alone(YoloX),
}
FACE_DETECTORS: Mapping[str, Opener[FaceDetectorModel]] = {"centerface": _alone(CenterFace), "yunet": _alone(YuNet)}
EMBEDDERS: Mapping[str, Opener[EmbedderModel]] = {"dlib_resnet": _alone(DlibResNet), "sface": _alone(SFace)}
CLASSIFIERS: Mapping[str, Opener[ClassifierModel]] = {
    "clip": Clip,
    "efficientnet_lite": _alone(EfficientNetLite),
    "resnet": _alone(ResNet),
    "siglip": SigLip,
}

RECOGNIZERS: Mapping[str, Opener[RecognizerModel]] = {"ctc": _alone(CtcReader.opened)}


def opened(openers: Mapping[str, Opener[T]], session: OnnxSession, models: Models) -> T:
    """The model as its descriptor says that it is fed and decoded.

    Raises:
        LookupError: that is not known for this task, or the descriptor lacks what it needs.
    """
    descriptor = session.descriptor
    opener = openers.get(descriptor.architecture)
    if opener is None:
        raise LookupError(
            f"the model {descriptor.name} has the architecture {descriptor.architecture}; "
            f"for {descriptor.task} there are {', '.join(sorted(openers))}"
        )
    return opener(session, models)
