"""What the models see in one frame: each model runs at most once, when its result is first needed."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.vision.architectures.protocols import Observation
from openrek.vision.faces.attribute_results import ATTRIBUTES, FaceAttributesResult
from openrek.vision.faces.attributes import FaceAttributes, needs_mesh
from openrek.vision.faces.detection import closer_look
from openrek.vision.faces.embedding import FaceEmbedder
from openrek.vision.faces.finder import FaceDetector
from openrek.vision.faces.head_covers import HeadCoverClassifier
from openrek.vision.faces.mesh import FaceMesher
from openrek.vision.faces.position import FacePosition
from openrek.vision.frame import WORKING_SIDE, Frame, reach
from openrek.vision.quarter_turns import turned_pixels, turned_points
from openrek.vision.results import (
    DescribedFace,
    Detections,
    Faces,
    ImageProperties,
    Labels,
    Line,
    Moderation,
    Text,
    Word,
)
from openrek.vision.runtime.memo import Memo
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.tasks.labels import ImageClassifier
from openrek.vision.tasks.moderation import Judging, Moderator
from openrek.vision.tasks.objects import ObjectDetector
from openrek.vision.tasks.properties import image_properties
from openrek.vision.text.detection import FirstLook
from openrek.vision.text.recognition import TextRecognizer
from openrek.vision.tiles import detail

_PERSON = "Person"
"""Class of people in the names of every model for objects."""
_FACE_SIDE = 112
"""Pixels of a face, of which the networks lose nothing that they need."""
_PERSON_MIN = 0.2
"""Confidence of the label Person from which labels are inferred from faces."""
_DESCRIBED_SIDE = 40
"""Pixels, at the working scale, of the shorter side of a face from which its attributes are reliable."""
_DESCRIBED_MAX = 32
_DESCRIBED = frozenset({"age", "gender", "smile", "eyeglasses", "sunglasses", "beard", "occluded"})

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FrameModels:
    """The models that look at frames, by what they find."""

    pool: InferencePool
    objects: ObjectDetector
    labels: ImageClassifier
    faces: FaceDetector
    mesh: FaceMesher
    attributes: FaceAttributes
    embedding: FaceEmbedder
    head_covers: HeadCoverClassifier
    text: TextRecognizer
    moderation: Moderator


@dataclass(frozen=True, slots=True)
class _UprightFace:
    """A face that is upright, within 45°, in pixels of the frame that were turned for it."""

    pixels: Pixels
    face: FacePosition
    quarters: int

    def back(self, points: Floats) -> Floats:
        """(N, 2) points of the pixels, where they lie in those that were not turned."""
        height, width = self.pixels.shape[:2]
        return turned_points(points, width, height, -self.quarters)


class FrameAnalysis:
    """All results for one frame. Arrays only; coordinates are pixels of the upright frame, confidences 0 to 1.

    Nothing is computed before it is needed, and nothing twice: labels and moderation share the classifier's run, labels
    and properties the objects, labels and faces the search for faces, a face's attributes and its embedding the mesh.
    Safe to share between threads: two that need the same result at the same time wait for one computation. The
    same frame always has the same results.

    Every result raises ImageFormatError if the frame's data is damaged.
    """

    def __init__(self, models: FrameModels, frame: Frame) -> None:
        self.frame = frame
        self._models = models
        self._memo = Memo()

    def start(self, *results: str) -> None:
        """Begins the first run of every model that these results need, without waiting for one.

        Whoever needs several results names them here first, so that all cores have work from the start.

        Args:
            results: Some of "objects", "labels", "faces", "text" and "moderation".
        """
        first: dict[str, tuple[Callable[[], object], ...]] = {
            "objects": (self._object_runs,),
            "labels": (self._object_runs, self._classification),
            "faces": (self._face_run,),
            "text": (self._text_look,),
            "moderation": (self._judging, self._classification),
        }
        for result in results:
            for begin in first[result]:
                begin()

    @property
    def objects(self) -> Detections:
        """Objects with boxes, the most confident first: at most 100, of a large frame at most 300."""
        return self._memo.get("objects", lambda: self._in_frame(self._found_objects()))

    @property
    def labels(self) -> Labels:
        """Objects with boxes, labels of the whole frame and, where a person is detected, described faces."""
        self.start("labels")
        return self._memo.get("labels", self._label)

    @property
    def properties(self) -> ImageProperties:
        """Brightness, sharpness, contrast and dominant colours of the frame, its objects and its background."""
        return self._memo.get("properties", self._find_properties)

    @property
    def faces(self) -> Faces:
        """Faces with landmarks, pose and quality, the most confident first."""
        return self._memo.get("faces", self._find_faces)

    def attributes(self, faces: Faces, wanted: frozenset[str]) -> tuple[FaceAttributesResult, ...]:
        """What is wanted, some of ATTRIBUTES, of each of these faces of the frame; nothing else is computed.

        Raises:
            ValueError: something else is wanted.
        """
        if unknown := wanted - ATTRIBUTES:
            raise ValueError(f"unknown attributes {sorted(unknown)}; there are {sorted(ATTRIBUTES)}")
        return self._attributes(faces, wanted, self._shown_well(faces))

    def _attributes(self, faces: Faces, wanted: frozenset[str], shown: Pixels) -> tuple[FaceAttributesResult, ...]:
        """See `attributes`; seen in these pixels of the frame."""
        models = self._models.attributes
        positions = self._positions(faces, shown)
        runs = [
            models.start(partial(self._once, position), position.pixels, position.face, wanted)
            for position in positions
        ]
        meshes = self._meshes(positions) if needs_mesh(wanted) else [None] * len(positions)
        gazes: list[Future[Any] | None] = [
            self._once(position, "gaze", partial(models.start_gaze, position.pixels, position.face, mesh))
            if mesh is not None and "eye_direction" in wanted
            else None
            for position, mesh in zip(positions, meshes, strict=True)
        ]
        results = (
            models.result(face_runs, mesh, gaze.result() if gaze else None, wanted, position.face.pose)
            for face_runs, mesh, gaze, position in zip(runs, meshes, gazes, positions, strict=True)
        )
        scale = np.array(self._scale(shown), np.float32)
        return tuple(
            one if one.mesh is None else replace(one, mesh=position.back(one.mesh) * scale)
            for one, position in zip(results, positions, strict=True)
        )

    def embeddings(self, faces: Faces) -> Floats:
        """(N, D): these faces of the frame as vectors of length 1; see `Engine.similarity`."""
        embedder = self._models.embedding
        positions = self._positions(faces, self._shown_well(faces))
        meshes = self._meshes(positions) if embedder.needs_mesh else [None] * len(positions)
        runs = [
            self._once(position, "embedding", partial(embedder.start, position.pixels, position.face, mesh))
            for position, mesh in zip(positions, meshes, strict=True)
        ]
        vectors = [run.result() for run in runs]
        return np.stack(vectors) if vectors else np.zeros((0, embedder.length), np.float32)

    def hard_hats(self, faces: Faces) -> tuple[float | None, ...]:
        """Probability, 0 to 1, of a hard hat on the head of each of these faces of the frame; None of one too small."""
        runs = [
            self._once(position, "head", partial(self._models.head_covers.start, position.pixels, position.face))
            for position in self._positions(faces, self._shown_well(faces))
        ]
        return tuple(run.result() for run in runs)

    @property
    def text(self) -> Text:
        """Lines of text and their words, in reading order."""
        return self._memo.get("text", self._read_text)

    @property
    def moderation(self) -> Moderation:
        """What may need moderation."""
        return self._memo.get("moderation", self._moderate)

    def _object_runs(self) -> "tuple[Future[Detections], ...]":
        return self._memo.get("object runs", lambda: self._models.objects.start(self.frame.pixels()))

    def _classification(self) -> "Future[Observation]":
        return self._memo.get("classification", lambda: self._models.labels.start(self.frame.pixels()))

    def _face_run(self) -> "Future[Any]":
        return self._memo.get("face run", lambda: self._models.faces.start(self.frame.pixels()))

    def _text_look(self) -> FirstLook:
        return self._memo.get("text look", lambda: self._models.text.start(self.frame.pixels(), self.frame))

    def _judging(self) -> Judging:
        return self._memo.get("judging", lambda: self._models.moderation.start(self.frame.pixels()))

    def _found_objects(self) -> Detections:
        """In the pixels of the working scale."""

        def find() -> Detections:
            runs = self._object_runs()
            return self._models.objects.find(self.frame.pixels(), detail(self.frame), runs)

        return self._memo.get("found objects", find)

    def _in_frame(self, found: Detections) -> Detections:
        return found.scaled(self._scale(self.frame.pixels()), self.frame.width, self.frame.height)

    def _label(self) -> Labels:
        labelled = self._models.labels.label(self.objects, self._classification().result())
        return replace(labelled, faces=self._described_faces(labelled))

    def _described_faces(self, labelled: Labels) -> tuple[DescribedFace, ...]:
        """Faces of the frame with what labels are inferred from.

        Where no person is detected, or the first run shows no face, nothing further is searched: that would take
        several times as long and find a face in one of twenty such images.
        """
        person = dict(labelled.present).get(_PERSON, 0.0) if _PERSON in labelled.detectable else 1.0
        if person < _PERSON_MIN or not self._models.faces.sees(self._face_run()):
            return ()
        faces, pixels = self.faces, self.frame.pixels()
        sides = (faces.xyxy[:, 2:] - faces.xyxy[:, :2]) / np.array(self._scale(pixels), np.float32)
        large = faces.take(np.flatnonzero(sides.min(axis=1) >= _DESCRIBED_SIDE)).largest(_DESCRIBED_MAX)
        return tuple(
            DescribedFace(box.copy(), float(confidence), float(pose[1]), attributes)
            for box, confidence, pose, attributes in zip(
                large.xyxy, large.confidence, large.pose, self._attributes(large, _DESCRIBED, pixels), strict=True
            )
        )

    def _find_properties(self) -> ImageProperties:
        return self._models.pool.submit(image_properties, self.frame.pixels(), self._found_objects()).result()

    def _find_faces(self) -> Faces:
        pixels = self.frame.pixels()
        found = self._models.faces.find(pixels, closer_look(self.frame), self._face_run(), self._person_confidence)
        return found.scaled(*self._scale(pixels))

    def _person_confidence(self) -> float:
        return self._models.objects.highest_confidence(_PERSON, self._object_runs())

    def _read_text(self) -> Text:
        pixels = self.frame.pixels()
        scale = np.array(self._scale(pixels), np.float32)
        return Text(
            tuple(_scaled(line, scale) for line in self._models.text.read(pixels, self.frame, self._text_look()).lines)
        )

    def _moderate(self) -> Moderation:
        judging, classification = self._judging(), self._classification()
        classified = self._models.labels.classified(classification.result())
        return self._models.moderation.judge(self.frame.pixels(), judging, classified, self._named_objects)

    def _named_objects(self) -> list[tuple[str, float]]:
        found, names = self._found_objects(), self._models.objects.names
        return [(names[kind], float(sure)) for kind, sure in zip(found.class_id, found.confidence, strict=True)]

    def _meshes(self, positions: Iterable[_UprightFace]) -> list[Floats | None]:
        """(468, 3) points of each face in its pixels; None where no mesh fits."""
        runs = [
            self._once(position, "mesh", partial(self._models.mesh.start, position.pixels, position.face))
            for position in positions
        ]
        return [run.result() for run in runs]

    def _once(self, position: _UprightFace, model: str, start: Callable[[], "Future[Any]"]) -> "Future[Any]":
        """The run of a model on a face of the frame at a scale, begun if it was not before."""
        return self._memo.get((model, position.pixels.shape, position.quarters, position.face.key), start)

    def _shown_well(self, faces: Faces) -> Pixels:
        """The frame, (H, W, 3) RGB, as large as the models of faces need it to see the smallest of these."""
        smallest = float((faces.xyxy[:, 2:] - faces.xyxy[:, :2]).max(axis=1, initial=0).min(initial=np.inf))
        side = _FACE_SIDE * reach(self.frame.width, self.frame.height) / max(smallest, _FACE_SIDE)
        return self.frame.pixels(max(WORKING_SIDE, int(side)))

    def _positions(self, faces: Faces, pixels: Pixels) -> list[_UprightFace]:
        """The faces, each in the pixels turned so that it is upright."""
        scale = np.array(self._scale(pixels), np.float32)
        boxes = np.asarray(faces.xyxy / np.tile(scale, 2), np.float32)
        return [self._upright(pixels, face) for face in map(FacePosition, boxes, faces.landmarks / scale, faces.pose)]

    def _upright(self, pixels: Pixels, face: FacePosition) -> _UprightFace:
        turned = self._memo.get(("turned", pixels.shape, face.quarters), lambda: turned_pixels(pixels, face.quarters))
        return _UprightFace(turned, face.turned(pixels.shape[1], pixels.shape[0]), face.quarters)

    def _scale(self, pixels: Pixels) -> tuple[float, float]:
        return self.frame.width / pixels.shape[1], self.frame.height / pixels.shape[0]


def _scaled(line: Line, scale: Floats) -> Line:
    words = tuple(Word(word.text, word.confidence, word.polygon * scale) for word in line.words)
    return Line(line.text, line.confidence, line.polygon * scale, words, line.recogniser)
