"""The engine: the models of the packs, ready to analyse frames."""

from collections.abc import Iterable, Mapping
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from openrek.imaging.decoders import start_decoders
from openrek.vision.faces.attribute_results import ATTRIBUTES
from openrek.vision.faces.attributes import FaceAttributes
from openrek.vision.faces.embedding import FaceEmbedder
from openrek.vision.faces.finder import FaceDetector
from openrek.vision.faces.head_covers import HeadCoverClassifier
from openrek.vision.faces.mesh import FaceMesher
from openrek.vision.frame import ArrayFrame, Frame
from openrek.vision.frame_analysis import FrameAnalysis, FrameModels
from openrek.vision.pack import ModelDescriptor, ModelPack
from openrek.vision.results import Faces
from openrek.vision.runtime.options import RuntimeOptions
from openrek.vision.runtime.pool import InferencePool
from openrek.vision.runtime.session_cache import SessionCache
from openrek.vision.tasks.labels import ImageClassifier
from openrek.vision.tasks.moderation import Moderator
from openrek.vision.tasks.objects import ObjectDetector
from openrek.vision.text.recognition import TextRecognizer

_ANY_FACE = Faces(
    np.array([[280, 170, 360, 270]], np.float32),
    np.ones(1, np.float32),
    np.array([[[300, 200], [340, 200], [320, 225], [305, 245], [335, 245]]], np.float32),
    np.zeros((1, 3), np.float32),
    np.zeros(1, np.float32),
    np.zeros(1, np.float32),
)


class Engine:
    """The models of the packs behind one inference pool. Safe to share between threads.

    Models are loaded when they are first needed, or by `pin`. The engine itself admits any number of frames: whoever
    serves requests bounds how many are analysed at a time.
    """

    def __init__(
        self, packs: Iterable[ModelPack], options: RuntimeOptions, use: Mapping[str, str] | None = None
    ) -> None:
        """
        Args:
            packs: All packs.
            options: How models run.
            use: The name of the model to use for a task, by task, in place of the default pack's.

        Raises:
            LookupError: a model is missing or damaged.
            ValueError: the execution provider is not available.
        """
        packs = tuple(packs)
        self._pool = pool = InferencePool(options.workers)
        self.sessions = sessions = SessionCache(packs, options, use)
        sessions.verify()  # a damaged model is an error at the start, not in the first request that needs it
        """The models, as far as they are loaded."""
        self.models: tuple[ModelDescriptor, ...] = tuple(sessions.models.values())
        self.version = "-".join(f"{pack.name}-{pack.version}" for pack in packs)
        """Names the models, as "default-1.0"."""
        objects = ObjectDetector(sessions, pool)
        self._models = FrameModels(
            pool,
            objects,
            ImageClassifier(sessions, pool, objects),
            FaceDetector(sessions, pool),
            FaceMesher(sessions, pool),
            FaceAttributes(sessions, pool),
            FaceEmbedder(sessions, pool),
            HeadCoverClassifier(sessions, pool),
            TextRecognizer(sessions, pool),
            Moderator(sessions, pool),
        )
        self.face_model = self._models.embedding.version
        """Names the model that embeds faces; vectors of different models cannot be compared."""
        self.text_version = "+".join([self.version, *self._models.text.recognisers])
        """Names the models that read text, as "default-1.0+ppocr+tesseract-vie"; each line names its own."""

    @property
    def object_names(self) -> tuple[str, ...]:
        """Names of the object classes, by class id."""
        return self._models.objects.names

    def analysis(self, frame: Frame) -> FrameAnalysis:
        """What the models see in a frame. Nothing is computed until it is needed."""
        return FrameAnalysis(self._models, frame)

    def similarity(self, one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely the face of vector (D,) and those of (N, D) are the same person's, (N,), 0 to 1.

        Of the default pack, 0.80 is exceeded by 1 % of the pairs of different people, 0.99 by 0.01 %.
        """
        return self._models.embedding.similarity(one, others)

    def min_cosine(self, similarity: float) -> float:
        """The cosine of two vectors from which their faces are at least this similar, see `similarity`."""
        return self._models.embedding.min_cosine(similarity)

    def pin(self) -> None:
        """Loads every model for good, runs it once, and starts the decoders: the first image is as fast as the next.

        Raises:
            LookupError: one is damaged.
        """
        start_decoders()
        self.sessions.pin()
        analysis = self.analysis(ArrayFrame(np.full((480, 640, 3), 127, np.uint8)))
        analysis.start("labels", "faces", "text", "moderation")
        _ = analysis.labels, analysis.faces, analysis.text, analysis.moderation
        analysis.attributes(_ANY_FACE, ATTRIBUTES)
        analysis.embeddings(_ANY_FACE)
        self._models.text.warm()

    def close(self) -> None:
        """Ends the pool's threads."""
        self._pool.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
