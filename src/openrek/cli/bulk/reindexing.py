"""The faces of a collection embedded anew, from the images or the crops that they were indexed from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from openrek.cli.bulk.images import BulkImage, ImageSource
from openrek.cli.bulk.session import local_source
from openrek.config import usable_cores
from openrek.errors import InvalidParameterError, RequestError
from openrek.rekognition.image_id import image_id
from openrek.rekognition.request_image import STORED
from openrek.rekognition.transfer.boxes import match_boxes
from openrek.state.face_rows import Face
from openrek.vision import EncodedFrame, Engine

if TYPE_CHECKING:
    from openrek.compose import System

Halves = NDArray[np.float16]
_FACES = 100
_AT_ONCE = 64
_NAMED = 10
Item = TypeVar("Item")


class Reindexer:
    """Finds faces again in images and embeds them by the engine's model.

    Args:
        engine: Detects and embeds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def from_images(
        self, source: ImageSource, images: Iterable[BulkImage], faces: Mapping[str, Sequence[Face]]
    ) -> Iterator[dict[int, Halves]]:
        """Vectors by the number of the face, image by image; nothing of an image that cannot be read.

        Args:
            source: Reads the images.
            images: All that may have faces of the collection.
            faces: Faces by their ImageId.
        """

        def embed(image: BulkImage) -> dict[int, Halves]:
            from botocore.exceptions import ClientError

            try:
                frame = EncodedFrame.open(source.read(image), STORED)
                own = faces.get(image_id(frame), ())
                return self._embed(frame, own) if own else {}
            except (ClientError, OSError, RequestError):
                return {}

        yield from _side_by_side(embed, images)

    def from_crops(self, crop: Callable[[str], bytes | None], faces: Iterable[Face]) -> Iterator[dict[int, Halves]]:
        """Vectors by the number of the face, face by face; nothing of a face without a kept crop.

        Args:
            crop: The crop of a FaceId.
            faces: The faces.
        """

        def embed(face: Face) -> dict[int, Halves]:
            data = crop(face.id)
            if data is None:
                return {}
            try:
                analysis = self._engine.analysis(EncodedFrame.open(data, STORED))
                largest = analysis.faces.largest(1)
                return {face.number: _halves(analysis.embeddings(largest)[0])} if len(largest) else {}
            except RequestError:
                return {}

        yield from _side_by_side(embed, faces)

    def _embed(self, frame: EncodedFrame, faces: Sequence[Face]) -> dict[int, Halves]:
        analysis = self._engine.analysis(frame)
        detected = analysis.faces.largest(_FACES)
        sides = np.array([frame.width, frame.height], np.float32)
        corners = detected.xyxy / np.tile(sides, 2)
        boxes = [(left, top, right - left, bottom - top) for left, top, right, bottom in corners.tolist()]
        pairs = match_boxes([face.box for face in faces], boxes)
        if not pairs:
            return {}
        vectors = analysis.embeddings(detected.take(np.array(list(pairs.values()), np.intp)))
        return {faces[index].number: _halves(vector) for index, vector in zip(pairs, vectors, strict=True)}


def _halves(vector: NDArray[np.float32]) -> Halves:
    return vector.astype(np.float16)


def _side_by_side(run: Callable[[Item], dict[int, Halves]], items: Iterable[Item]) -> Iterator[dict[int, Halves]]:
    """The results, with as many items under way as keep the cores busy."""
    remaining = iter(items)
    with ThreadPoolExecutor(usable_cores() + 1, "reindex") as executor:
        while batch := list(islice(remaining, _AT_ONCE)):
            yield from executor.map(run, batch)


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What became of a collection."""

    faces: int
    deleted: int
    model: str
    """That embeds the faces now."""


def reindex_collection(
    system: "System", name: str, source: str | None, progress: Callable[[int], None], *, delete_missing: bool
) -> Reindexed:
    """Embed a collection's faces by the engine's model: all or none.

    Args:
        system: Of the collection.
        name: Its name.
        source: A folder or "s3://BUCKET/PREFIX" with the images; without it, or for faces that are not found in it, the
            kept crops are used.
        progress: Called with the number of faces embedded so far.
        delete_missing: Delete faces that are found nowhere.

    Raises:
        ConflictError: The collection changed meanwhile.
        InvalidParameterError: Faces are found nowhere and are not to be deleted, or the model is the same.
        ResourceNotFoundError: The collection does not exist.
    """
    resources, model = system.repositories, system.engine.face_model
    collection = resources.collections.get(name)
    if collection.model == model:
        raise InvalidParameterError(f"The faces of {name!r} are embedded by {model} already.")
    faces = [face for face, _ in resources.faces.all(collection)]
    reindexer = Reindexer(system.engine)
    vectors: dict[int, Halves] = {}
    if source is not None:
        images = local_source(system, source)
        by_image: dict[str, list[Face]] = defaultdict(list)
        for face in faces:
            by_image[face.image_id].append(face)
        for found in reindexer.from_images(images, images.images(), by_image):
            vectors |= found
            progress(len(vectors))
    crops = system.crops
    if crops is not None:
        remaining = (face for face in faces if face.number not in vectors)
        for found in reindexer.from_crops(partial(crops.get, name), remaining):
            vectors |= found
            progress(len(vectors))
    missing = [face for face in faces if face.number not in vectors]
    if missing and not delete_missing:
        names = ", ".join(face.external_image_id or face.id for face in missing[:_NAMED])
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        raise InvalidParameterError(
            f"{len(missing):,} of {len(faces):,} faces were not found in any image: {names}{more}. Give the folder or "
            "bucket that they were indexed from, or delete them with --delete-missing. Nothing was changed."
        )
    resources.transfers.replace_vectors(collection, model, vectors, {face.number for face in missing})
    if crops is not None:
        crops.delete(name, [face.id for face in missing])
    return Reindexed(len(vectors), len(missing), model)
