"""The vision tasks: what their models do, which architectures there are for each, and how a new model is tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import numpy as np

from openrek.vision.architectures.centerface import CenterFace
from openrek.vision.architectures.clip import Clip
from openrek.vision.architectures.ctc import CtcReader
from openrek.vision.architectures.dbnet import DbNet
from openrek.vision.architectures.detr import Detr, RtDetr
from openrek.vision.architectures.dlib_age_gender import DlibAge, DlibGender
from openrek.vision.architectures.dlib_resnet import DlibResNet
from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.architectures.face_expression import FaceExpression
from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.architectures.faceres import FaceRes
from openrek.vision.architectures.iris import Iris
from openrek.vision.architectures.nanodet import NanoDet
from openrek.vision.architectures.nsfwjs import NsfwJs
from openrek.vision.architectures.open_nsfw import OpenNsfw
from openrek.vision.architectures.protocols import (
    ClassifierModel,
    DetectorModel,
    EmbedderModel,
    FaceDetectorModel,
    RecognizerModel,
)
from openrek.vision.architectures.resnet import ResNet
from openrek.vision.architectures.sface import SFace
from openrek.vision.architectures.siglip import SigLip
from openrek.vision.architectures.ssdlite import SsdLite
from openrek.vision.architectures.yolox import YoloX
from openrek.vision.architectures.yunet import YuNet
from openrek.vision.pack import ModelDescriptor
from openrek.vision.runtime.session import ModelSession

T = TypeVar("T")
Models = Mapping[str, ModelDescriptor]
FaceAttributeModel = FaceRes | DlibAge | DlibGender | FaceExpression
Opener = Callable[[ModelSession, Models], T]

_ONNX = ".onnx"
_GRAY = np.full((480, 640, 3), 127, np.uint8)
_BOX = np.array([280, 170, 360, 270], np.float32)
_FACE = np.array([[300, 200], [340, 200], [320, 225], [305, 245], [335, 245]], np.float32)
_EYE = np.array([[290, 200], [310, 200]], np.float32)


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """What some of the models of the packs are for. `T` is what each of them can do."""

    name: str
    """As descriptors name it."""
    architectures: Mapping[str, Opener[T]]
    """By the names that descriptors give them."""
    try_out: Callable[[T, ModelDescriptor], object]
    """Runs a model on a gray image.

    Raises any exception where the model does not take and return the inputs and outputs of its architecture.
    """
    replaceable: bool = False
    """Whether a model of another pack can be chosen in place of the default pack's."""

    def open(self, session: ModelSession, models: Models) -> T:
        """The model, with pre- and postprocessing by its descriptor.

        Args:
            session: Of the model.
            models: Descriptors of its pack, by name.

        Raises:
            LookupError: its architecture is unknown for this task, or the descriptor lacks what it needs.
        """
        descriptor = session.descriptor
        opener = self.architectures.get(descriptor.architecture)
        if opener is None:
            raise LookupError(
                f"the model {descriptor.name} has the architecture {descriptor.architecture}; "
                f"for {descriptor.task} there are {', '.join(sorted(self.architectures))}"
            )
        return opener(session, models)


def _alone(architecture: Callable[[ModelSession], T]) -> Opener[T]:
    """Opens an architecture that needs no other model."""
    return lambda session, _: architecture(session)


def _try_classifier(model: ClassifierModel, descriptor: ModelDescriptor) -> None:
    scores = model.classify(_GRAY)
    if len(scores) != len(descriptor.labels):
        raise LookupError(f"it returns scores of {len(scores)} labels and has names for {len(descriptor.labels)}")


def _try_face_attributes(model: FaceAttributeModel, descriptor: ModelDescriptor) -> None:
    match model:
        case FaceRes():
            model.judge(_GRAY, _BOX)
        case DlibAge():
            model.estimate(_GRAY, _FACE)
        case DlibGender():
            model.man(_GRAY, _FACE)
        case FaceExpression():
            model.read(_GRAY, _BOX)


OBJECTS: Task[DetectorModel] = Task(
    "objects",
    {
        "detr": _alone(Detr),
        "nanodet": _alone(NanoDet),
        "rtdetr": _alone(RtDetr),
        "ssdlite": _alone(SsdLite),
        "yolox": _alone(YoloX),
    },
    lambda model, _: model.detect(_GRAY, 0.5),
    replaceable=True,
)
LABELS: Task[ClassifierModel] = Task(
    "labels",
    {"clip": Clip, "efficientnet_lite": _alone(EfficientNetLite), "resnet": _alone(ResNet), "siglip": SigLip},
    _try_classifier,
    replaceable=True,
)
FACES: Task[FaceDetectorModel] = Task(
    "faces",
    {"centerface": _alone(CenterFace), "yunet": _alone(YuNet)},
    lambda model, _: model.detect(_GRAY, 0.5),
    replaceable=True,
)
FACE_EMBEDDING: Task[EmbedderModel] = Task(
    "face_embedding",
    {"dlib_resnet": _alone(DlibResNet), "sface": _alone(SFace)},
    lambda model, _: model.embed(_GRAY, _FACE),
    replaceable=True,
)
FACE_MESH: Task[FaceMesh] = Task(
    "face_mesh", {"facemesh": _alone(FaceMesh)}, lambda model, _: model.lay(_GRAY, _BOX, _FACE)
)
IRIS: Task[Iris] = Task("iris", {"iris": _alone(Iris)}, lambda model, _: model.find(_GRAY, _EYE, mirrored=False))
TEXT_DETECTION: Task[DbNet] = Task("text_detection", {"dbnet": _alone(DbNet)}, lambda model, _: model.look(_GRAY))
TEXT_RECOGNITION: Task[RecognizerModel] = Task(
    "text_recognition", {"ctc": _alone(CtcReader.opened)}, lambda model, _: model.read(_GRAY), replaceable=True
)
FACE_ATTRIBUTES: Task[FaceAttributeModel] = Task(
    "face_attributes",
    {
        "dlib_age": _alone(DlibAge),
        "dlib_gender": _alone(DlibGender),
        "face_expression": _alone(FaceExpression),
        "faceres": _alone(FaceRes),
    },
    _try_face_attributes,
)
MODERATION: Task[NsfwJs | OpenNsfw] = Task(
    "moderation",
    {"nsfwjs": _alone(NsfwJs), "open_nsfw": _alone(OpenNsfw)},
    lambda model, _: model.classify(_GRAY),
)

TASKS: Mapping[str, Task[Any]] = MappingProxyType(
    {
        task.name: task
        for task in (
            OBJECTS,
            LABELS,
            FACES,
            FACE_EMBEDDING,
            TEXT_RECOGNITION,
            TEXT_DETECTION,
            FACE_ATTRIBUTES,
            FACE_MESH,
            IRIS,
            MODERATION,
        )
    }
)
"""Every task that models of the packs are run for, by name."""
REPLACEABLE: tuple[str, ...] = tuple(task.name for task in TASKS.values() if task.replaceable)
"""Names of the tasks that a model of another pack can be chosen for."""


def check_choice(task: str, model: ModelDescriptor | None, name: str) -> None:
    """Returns if the model can be chosen for the task.

    Args:
        task: Name of a task.
        model: The chosen model; None where no pack has it.
        name: Of the chosen model.

    Raises:
        LookupError: it cannot; the message has the reason.
    """
    if task not in REPLACEABLE:
        raise LookupError(f"no model can be chosen for {task}; it can for {', '.join(REPLACEABLE)}")
    if model is None:
        raise LookupError(f"the model {name} is chosen for {task}, and no pack has it")
    if model.task != task or model.file.suffix != _ONNX:
        raise LookupError(f"the model {name} is chosen for {task}, and it is for {model.task}")
