"""IndexFaces for many images: several at a time, in order, and none twice."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openrek.cli.bulk.external_ids import external_image_id
from openrek.cli.bulk.images import BulkImage, ImageSource
from openrek.cli.bulk.report import Outcome
from openrek.cli.look_ahead import look_ahead

_PAGE = 4096


@dataclass(frozen=True, slots=True)
class IndexedFace:
    """A face of the collection."""

    face_id: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class IndexedImage:
    """What became of one image."""

    image: BulkImage
    outcome: Outcome
    reason: str = ""
    faces: Sequence[IndexedFace] = field(default=())
    """Largest first where the image was indexed now."""


Index = Callable[[BulkImage, bytes, str], dict[str, Any]]
"""(image, its bytes, ExternalImageId) → the response of IndexFaces."""


def path_as_external_id(image: BulkImage) -> str:
    """See `external_image_id`."""
    return external_image_id(image.parts)


class KnownFaces:
    """The faces of a collection by image: which of them another run need not index again.

    Args:
        client: A Rekognition client.
        collection: An existing collection.

    Raises:
        ClientError: The collection cannot be read.
    """

    def __init__(self, client: Any, collection: str) -> None:
        self._faces: dict[bytes, list[IndexedFace]] = defaultdict(list)
        pages = client.get_paginator("list_faces").paginate(CollectionId=collection, MaxResults=_PAGE)
        for face in (face for page in pages for face in page["Faces"]):
            if external_id := face.get("ExternalImageId"):
                key = self._key(external_id, face["ImageId"])
                self._faces[key].append(IndexedFace(face["FaceId"], face.get("UserId")))

    def of(self, external_id: str, image_id: str) -> Sequence[IndexedFace]:
        """Those of an image; none if the path is new, or its file is another one now."""
        return self._faces.get(self._key(external_id, image_id), ())

    @staticmethod
    def _key(external_id: str, image_id: str) -> bytes:
        return hashlib.blake2b(f"{image_id} {external_id}".encode(), digest_size=16).digest()


class BulkIndexer:
    """Indexes images.

    Args:
        source: Reads the images.
        index: Indexes one of them.
        known: Faces that are in the collection already.
        external_id: The ExternalImageId of an image.
    """

    def __init__(
        self, source: ImageSource, index: Index, known: KnownFaces, external_id: Callable[[BulkImage], str]
    ) -> None:
        self._source, self._index, self._known, self._external_id = source, index, known, external_id

    def run(self, images: Sequence[BulkImage]) -> Iterator[IndexedImage]:
        """One result an image, in order; see `look_ahead`."""
        return look_ahead(self._one, images)

    def _one(self, image: BulkImage) -> IndexedImage:
        from botocore.exceptions import BotoCoreError, ClientError

        from openrek.errors import RequestError
        from openrek.rekognition.image_id import image_id
        from openrek.rekognition.request_image import STORED
        from openrek.vision import EncodedFrame

        try:
            data = self._source.read(image)
            external_id = self._external_id(image)
            if before := self._known.of(external_id, image_id(EncodedFrame.open(data, STORED))):
                return IndexedImage(image, Outcome.SKIPPED, "already indexed", before)
            return self._result(image, self._index(image, data, external_id))
        except ClientError as error:
            reason = error.response["Error"]["Message"]
        except RequestError as error:
            reason = error.message
        except BotoCoreError as error:
            reason = str(error)
        except OSError as error:
            reason = error.strerror or str(error)
        return IndexedImage(image, Outcome.FAILED, reason)

    @staticmethod
    def _result(image: BulkImage, response: Mapping[str, Any]) -> IndexedImage:
        faces = [IndexedFace(record["Face"]["FaceId"]) for record in response["FaceRecords"]]
        reasons = sorted({reason for face in response.get("UnindexedFaces", ()) for reason in face["Reasons"]})
        if faces:
            return IndexedImage(image, Outcome.INDEXED, "", faces)
        return IndexedImage(image, Outcome.NO_FACE, ", ".join(reasons) or "no face detected")
