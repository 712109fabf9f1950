"""The engine: questions to ask of a picture."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from openrek.imaging.decoders import start_decoders
from openrek.vision.faces.attribute_results import ATTRIBUTES, FaceAttributesResult
from openrek.vision.faces.attributes import FaceAttributes
from openrek.vision.faces.detection import closer_look
from openrek.vision.faces.embedding import FaceEmbedder
from openrek.vision.faces.finder import FaceDetector
from openrek.vision.frame import WORKING_SIDE, Frame, reach
from openrek.vision.pack import ModelDescriptor, ModelPack
from openrek.vision.results import Detections, Faces, ImageProperties, Labels, Line, Moderation, Text, Word
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import Sessions
from openrek.vision.tasks.labels import ImageClassifier
from openrek.vision.tasks.moderation import Moderator
from openrek.vision.tasks.objects import ObjectDetector
from openrek.vision.tasks.properties import image_properties
from openrek.vision.text.recognition import TextRecognizer
from openrek.vision.tiles import detail

_FACE_SIDE = 112
"""Pixels of a face, of which the networks lose nothing that they need."""
_ANY_BOX = np.array([[280, 170, 360, 270]], np.float32)
_ANY_FACE = np.array([[[300, 200], [340, 200], [320, 225], [305, 245], [335, 245]]], np.float32)


class Engine:
    """Models of the packs behind one bounded pool. Safe to share: same picture, same answer, always.

    Every method raises QueueFullError when the queue is full and InvalidImageFormatException for a picture whose
    data is damaged.
    """

    def __init__(
        self,
        packs: Iterable[ModelPack],
        *,
        workers: int,
        queue: int = 64,
        use: Mapping[str, str] | None = None,
    ) -> None:
        """Loads all models, side by side.

        Args:
            packs: All packs.
            workers: Inference threads.
            queue: Pictures that may wait.
            use: The name of the model to use for a task, by task, in place of the default pack's.

        Raises:
            LookupError: a model is missing or damaged.
        """
        packs = tuple(packs)
        self._pool = InferencePool(workers, queue)
        sessions = Sessions(packs, self._pool, use)
        self.models: tuple[ModelDescriptor, ...] = tuple(sessions.models.values())
        self.version = "-".join(f"{pack.name}-{pack.version}" for pack in packs)
        """Names the models that answer, as "default-1.0"."""
        self._objects = ObjectDetector(sessions, self._pool)
        self._labels = ImageClassifier(sessions, self._pool, self._objects)
        self._faces = FaceDetector(sessions, self._pool)
        self._attributes = FaceAttributes(sessions, self._pool)
        self._embedder = FaceEmbedder(sessions, self._pool)
        self.face_model = self._embedder.version
        """Names the model that embeds faces; vectors of different models cannot be compared."""
        self._text = TextRecognizer(sessions, self._pool)
        self.text_version = "+".join([self.version, *self._text.recognisers])
        """Names the models that read text, as "default-1.0+ppocr+tesseract-vie"; each line says which read it."""
        self._moderation = Moderator(sessions, self._pool, self._labels)

    @property
    def object_names(self) -> tuple[str, ...]:
        """Names of the object classes, by class id."""
        return self._objects.names

    def objects(self, image: Frame) -> Detections:
        """Objects with boxes, surest first: at most 100, of a large picture at most 300."""
        with self._pool.admission():
            pixels = image.pixels()
            return self._objects.find(pixels, detail(image)).moved(_scale(image, pixels), image.width, image.height)

    def labels(self, image: Frame) -> Labels:
        """Objects with boxes, and labels of the whole picture."""
        with self._pool.admission():
            pixels = image.pixels()
            labels = self._labels.label(pixels, detail(image))
            return replace(labels, objects=labels.objects.moved(_scale(image, pixels), image.width, image.height))

    def properties(self, image: Frame, objects: Detections | None = None) -> ImageProperties:
        """Brightness, sharpness, contrast and dominant colours of the picture, its objects and its background.

        Args:
            image: The picture.
            objects: What `labels` or `objects` found in it, so that it need not be found again.
        """
        with self._pool.admission():
            pixels = image.pixels()
            if objects is None:
                found = self._objects.find(pixels, detail(image))
            else:
                found = objects.moved((pixels.shape[1] / image.width, pixels.shape[0] / image.height), *_size(pixels))
            return self._pool.submit(image_properties, pixels, found).result()

    def faces(self, image: Frame) -> Faces:
        """Faces with landmarks, pose and quality, surest first."""
        with self._pool.admission():
            pixels = image.pixels()
            return self._faces.find(pixels, closer_look(image)).scaled(*_scale(image, pixels))

    def attributes(self, image: Frame, faces: Faces, wanted: frozenset[str]) -> tuple[FaceAttributesResult, ...]:
        """What is wanted, some of ATTRIBUTES, of each of the faces of this picture; nothing else is computed.

        Raises:
            ValueError: something else is wanted.
        """
        if unknown := wanted - ATTRIBUTES:
            raise ValueError(f"there are no attributes {sorted(unknown)}; there are {sorted(ATTRIBUTES)}")
        with self._pool.admission():
            pixels = _shown_well(image, faces)
            scale = np.array(_scale(image, pixels), np.float32)
            boxes = np.asarray(faces.xyxy / np.tile(scale, 2), np.float32)
            found = self._attributes.describe(pixels, boxes, faces.landmarks / scale, faces.pose, wanted)
            return tuple(one if one.mesh is None else replace(one, mesh=one.mesh * scale) for one in found)

    def embeddings(self, image: Frame, faces: Faces) -> NDArray[np.float32]:
        """(N, D): the faces of this picture as vectors of length 1; see `similarity`."""
        with self._pool.admission():
            pixels = _shown_well(image, faces)
            scale = np.array(_scale(image, pixels), np.float32)
            boxes = np.asarray(faces.xyxy / np.tile(scale, 2), np.float32)
            return self._embedder.embed(pixels, boxes, faces.landmarks / scale)

    def similarity(self, one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
        """How surely the face of vector (D,) and those of (N, D) are the same person's, (N,), 0 to 1.

        Of the default pack, 0.80 is exceeded by 1 % of the pairs of different people, 0.99 by 0.01 %.
        """
        return self._embedder.similarity(one, others)

    def text(self, image: Frame) -> Text:
        """Lines of text and their words, in reading order."""
        with self._pool.admission():
            pixels = image.pixels()
            scale = np.array(_scale(image, pixels), np.float32)
            return Text(tuple(_moved(line, scale) for line in self._text.read(pixels, image).lines))

    def moderation(self, image: Frame) -> Moderation:
        """What may need moderation."""
        with self._pool.admission():
            return self._moderation.judge(image.pixels())

    def warm(self) -> None:
        """Runs every model once, so that the first picture is not slower than the next."""
        start_decoders()
        blank = np.full((480, 640, 3), 127, np.uint8)
        self._labels.label(blank)
        self._faces.find(blank)
        self._moderation.judge(blank)
        self._embedder.embed(blank, _ANY_BOX, _ANY_FACE)
        self._attributes.describe(blank, _ANY_BOX, _ANY_FACE, np.zeros((1, 3), np.float32), ATTRIBUTES)
        self._text.warm()

    def close(self) -> None:
        """Ends the pool's threads."""
        self._pool.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _shown_well(image: Frame, faces: Faces) -> NDArray[np.uint8]:
    """The picture, (H, W, 3) RGB, as large as the models of faces need it to see the smallest of these."""
    smallest = float((faces.xyxy[:, 2:] - faces.xyxy[:, :2]).max(axis=1, initial=0).min(initial=np.inf))
    side = _FACE_SIDE * reach(image.width, image.height) / max(smallest, _FACE_SIDE)
    return image.pixels(max(WORKING_SIDE, int(side)))


def _scale(image: Frame, pixels: NDArray[np.uint8]) -> tuple[float, float]:
    return image.width / pixels.shape[1], image.height / pixels.shape[0]


def _moved(line: Line, scale: NDArray[np.float32]) -> Line:
    words = tuple(Word(word.text, word.confidence, word.polygon * scale) for word in line.words)
    return Line(line.text, line.confidence, line.polygon * scale, words, line.recogniser)
