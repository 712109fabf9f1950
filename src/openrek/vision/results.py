"""What the engine finds: frozen records of read-only arrays.

Coordinates are pixels of the upright original image, confidences 0 to 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrek.vision.calibration import Curve, TagCurve
from openrek.vision.faces.attribute_results import FaceAttributesResult

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


def _freeze(*arrays: NDArray[np.float32] | NDArray[np.int32]) -> None:
    for array in arrays:
        array.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of one image, most confident first."""

    xyxy: Floats
    """(N, 4): left, top, right, bottom."""
    confidence: Floats
    """(N,)"""
    class_id: Ints
    """(N,): place in the model's labels."""

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        if self.xyxy.shape != (count, 4) or self.confidence.shape != (count,) or self.class_id.shape != (count,):
            raise ValueError("xyxy (N, 4), confidence (N,) and class_id (N,) must agree")
        _freeze(self.xyxy, self.confidence, self.class_id)

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def none(cls) -> "Detections":
        """Nothing found."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32))

    def take(self, indices: NDArray[np.intp]) -> "Detections":
        """Those at the places, in that order."""
        return Detections(self.xyxy[indices], self.confidence[indices], self.class_id[indices])

    def scaled(self, scale: tuple[float, float], width: float, height: float) -> "Detections":
        """Coordinates multiplied by (x, y) and kept within the image."""
        factors = np.array([*scale, *scale], np.float32)
        limits = np.array([width, height, width, height], np.float32)
        return Detections(np.clip(self.xyxy * factors, 0, limits), self.confidence.copy(), self.class_id.copy())


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Objects with boxes, and labels of the whole image."""

    objects: Detections
    object_names: tuple[str, ...]
    """One for each box."""
    detectable: tuple[str, ...]
    """Names of all classes of objects that are looked for."""
    present: tuple[tuple[str, float], ...]
    """(name, confidence) of each class of objects that it is in the image at all, most confident first."""
    shares: tuple[tuple[str, float], ...]
    """(name, share) of the whole image, most confident first: what the classifier gives its labels."""
    exclusive: bool
    """Whether these share a whole of 1, as labels of which an image has one; else each is sure by itself."""
    curve: TagCurve
    """From a share, or the sum of several, to the confidence that the image is of that, or of one of those."""
    scenery: tuple[tuple[str, float], ...] = ()
    """(name, confidence) of what stands about and where it was taken, such as Sky, Grass or Indoors, by heads on the
    classifier's features; most confident first."""
    faces: tuple["DescribedFace", ...] = ()
    """Faces that are large enough to describe, the largest first; none where no person is detected."""


@dataclass(frozen=True, slots=True, eq=False)
class DescribedFace:
    """A face of an image, and what labels are inferred from it."""

    xyxy: Floats
    """(4,)"""
    confidence: float
    yaw: float
    """Degrees."""
    attributes: FaceAttributesResult

    def __post_init__(self) -> None:
        _freeze(self.xyxy)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces of one image, most confident first."""

    xyxy: Floats
    """(N, 4)"""
    confidence: Floats
    """(N,)"""
    landmarks: Floats
    """(N, 5, 2): eye, eye, nose, mouth corner, mouth corner; the left one first once the face is upright."""
    pose: Floats
    """(N, 3): roll, yaw, pitch in degrees, -180 to 180."""
    brightness: Floats
    """(N,): 0 to 100."""
    sharpness: Floats
    """(N,): 0 to 100."""

    def __post_init__(self) -> None:
        _freeze(self.xyxy, self.confidence, self.landmarks, self.pose, self.brightness, self.sharpness)

    def __len__(self) -> int:
        return len(self.xyxy)

    @property
    def areas(self) -> Floats:
        """(N,): of the boxes, in square pixels."""
        return (self.xyxy[:, 2] - self.xyxy[:, 0]) * (self.xyxy[:, 3] - self.xyxy[:, 1])

    def take(self, indices: NDArray[np.intp]) -> "Faces":
        """Those at the places, in that order."""
        return Faces(
            self.xyxy[indices],
            self.confidence[indices],
            self.landmarks[indices],
            self.pose[indices],
            self.brightness[indices],
            self.sharpness[indices],
        )

    def scaled(self, across: float, down: float) -> "Faces":
        """The same faces in an image so many times as wide and as high."""
        scale = np.array([across, down], np.float32)
        return Faces(
            self.xyxy * np.tile(scale, 2),
            self.confidence,
            self.landmarks * scale,
            self.pose,
            self.brightness,
            self.sharpness,
        )

    def largest(self, count: int) -> "Faces":
        """At most so many, by falling area."""
        return self.take(np.argsort(-self.areas, kind="stable")[:count])


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word of a line."""

    text: str
    confidence: float
    polygon: Floats
    """(4, 2): clockwise from the word's own top left."""

    def __post_init__(self) -> None:
        _freeze(self.polygon)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of text."""

    text: str
    confidence: float
    polygon: Floats
    """(4, 2): clockwise from the line's own top left."""
    words: tuple[Word, ...]
    recogniser: str
    """Which recogniser read it: "ppocr", "tesseract-vie", "tesseract-rus" or "tesseract-ara"."""

    def __post_init__(self) -> None:
        _freeze(self.polygon)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Lines in reading order."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Moderation:
    """What may need moderation, 0 to 1 each: `explicit` and `suggestive` after both models had their say."""

    explicit: float
    suggestive: float
    illustrated: float
    undressed: float
    """That somebody wears little or nothing: the surer of the two judgements."""
    shares: tuple[tuple[str, float], ...]
    """(name, share) of the whole image, most confident first: what the classifier gives each of its labels."""
    curve: Curve
    """From a share, or the sum of several, to the confidence that the image is of that, or of one of those."""
    exclusive: bool = True
    """Whether the shares are of a whole of 1, so that those of several labels add up."""
    handgun: float = 0.0
    """That there is a handgun, by a head of its own on the classifier's features; 0 where that is unlikely."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A dominant colour."""

    red: int
    green: int
    blue: int
    share: float
    """Of the pixels, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Properties:
    """Of an image, or of a part of it."""

    brightness: float
    """0 to 100."""
    sharpness: float
    """0 to 100."""
    contrast: float
    """0 to 100."""
    colours: tuple[Colour, ...]
    """The most frequent first."""


@dataclass(frozen=True, slots=True)
class ImageProperties:
    """Of the whole image, of the objects in it, and of the rest."""

    whole: Properties
    foreground: Properties | None
    """Of what lies in boxes of objects; None where nothing was found, or nothing lies outside."""
    background: Properties | None
