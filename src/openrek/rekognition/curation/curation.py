"""Corrections of who is who in a collection, for the REST API and the command line, which are the owner's.

Changes that Rekognition has operations for are made by these.
"""

import contextlib
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.errors import InvalidParameterError, QueueFullError, ResourceNotFoundError
from openrek.rekognition.client import Client
from openrek.rekognition.curation.grouping import group_faces
from openrek.rekognition.render.collection_faces import face_member
from openrek.rekognition.render.geometry import percent
from openrek.rekognition.services import Services
from openrek.state.users import MAX_FACES_OF_USER

MAX_GROUPED = 50_000
"""Faces that `groups` compares at once, at most: time grows with the square, 20,000 take some seconds."""


class Curation:
    """Reads and corrects collections.

    Args:
        services: Of operations.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._client = Client(services)
        self._grouping = threading.Lock()

    def collections(self, limit: int, after: str) -> dict[str, Any]:
        """A page of collections by name, with the numbers of their faces and users."""
        found = self._services.resources.collections.page(after, limit + 1)
        page = [
            {
                "collection_id": collection.name,
                "face_model": collection.model,
                "faces": collection.face_count,
                "users": collection.user_count,
                "created_at": collection.created_at.isoformat(),
            }
            for collection in found[:limit]
        ]
        return {"collections": page, "next": found[limit - 1].name if len(found) > limit else None}

    def faces(
        self, collection: str, limit: int, after: int, *, user: str | None = None, unknown: bool = False
    ) -> dict[str, Any]:
        """A page of faces in the order of insertion: all, those of a user, or those without one.

        Raises:
            ResourceNotFoundError: The collection or the user does not exist.
        """
        resources = self._services.resources
        known = resources.collections.get(collection)
        if user is not None:
            resources.users.get(known, user)
        if unknown:
            found = resources.curation.unknown(known, after, limit + 1)
        else:
            found = resources.faces.page(known, after, limit + 1, user_id=user)
        page = [face_member(face) for face in found[:limit]]
        return {"faces": page, "next": str(found[limit - 1].number) if len(found) > limit else None}

    def users(self, collection: str, limit: int, after: int) -> dict[str, Any]:
        """A page of users in the order of creation, with their faces.

        Raises:
            ResourceNotFoundError: The collection does not exist.
        """
        resources = self._services.resources
        found = resources.curation.users(resources.collections.get(collection), after, limit + 1)
        page = [{"user_id": user.user_id, "face_ids": user.face_ids} for user in found[:limit]]
        return {"users": page, "next": str(found[limit - 1].number) if len(found) > limit else None}

    def groups(self, collection: str, limit: int, min_similarity: float) -> dict[str, Any]:
        """Faces without a user, grouped by person.

        Args:
            collection: Its name.
            limit: So many of the newest faces are compared, at most MAX_GROUPED.
            min_similarity: Above 0, up to 100: faces of a group are at least this similar, on average.

        Raises:
            QueueFullError: Other faces are being grouped.
            ResourceNotFoundError: The collection does not exist.
        """
        if not self._grouping.acquire(blocking=False):
            raise QueueFullError("Other faces are being grouped. Try again in a moment.")
        try:
            return self._groups(collection, limit, min_similarity)
        finally:
            self._grouping.release()

    def _groups(self, collection: str, limit: int, min_similarity: float) -> dict[str, Any]:
        resources, engine = self._services.resources, self._services.engine
        known = resources.collections.get(collection)
        ids, vectors = resources.curation.unknown_vectors(known, limit + 1)
        more, ids, vectors = len(ids) > limit, ids[:limit], vectors[:limit]
        groups = [
            {"face_ids": [ids[index] for index in members], "similarity": self._mean_similarity(vectors[members])}
            for members in group_faces(vectors, engine.min_cosine(min_similarity / 100))
        ]
        return {"groups": groups, "faces": len(ids), "more": more}

    def name(self, collection: str, user: str, face_ids: Sequence[str]) -> dict[str, Any]:
        """Associate faces with a user, who is created if new. Their similarity does not matter: a person decided.

        Raises:
            ClientError: Of CreateUser or AssociateFaces.
        """
        created = False
        with contextlib.suppress(self._client.exceptions.ConflictException):
            self._client.create_user(CollectionId=collection, UserId=user)
            created = True
        try:
            response = self._client.associate_faces(
                CollectionId=collection, UserId=user, FaceIds=list(face_ids), UserMatchThreshold=0.0
            )
        except Exception:
            if created:
                self._client.delete_user(CollectionId=collection, UserId=user)
            raise
        associated = [face["FaceId"] for face in response["AssociatedFaces"]]
        if created and not associated:
            self._client.delete_user(CollectionId=collection, UserId=user)
        unsuccessful = [
            {"face_id": failure["FaceId"], "reasons": failure["Reasons"]}
            | ({"user_id": failure["UserId"]} if "UserId" in failure else {})
            for failure in response["UnsuccessfulFaceAssociations"]
        ]
        return {"user_id": user, "associated": associated, "unsuccessful": unsuccessful}

    def disassociate(self, collection: str, user: str, face_ids: Sequence[str]) -> None:
        """These faces are not the user's. They stay in the collection.

        Raises:
            ClientError: Of DisassociateFaces.
            ResourceNotFoundError: A face does not exist, or is another user's.
        """
        response = self._client.disassociate_faces(CollectionId=collection, UserId=user, FaceIds=list(face_ids))
        if failures := response["UnsuccessfulFaceDisassociations"]:
            names = ", ".join(failure["FaceId"] for failure in failures)
            raise ResourceNotFoundError(f"User {user!r} does not have the face {names}.")

    def merge(self, collection: str, user: str, other: str) -> dict[str, Any]:
        """Another user is the same person: its faces are moved to the user, and it is deleted, in one transaction.

        Raises:
            InvalidParameterError: Both are the same user.
            QuotaExceededError: Together they have more than 100 faces; nothing is changed.
            ResourceNotFoundError: The collection or a user does not exist.
        """
        resources = self._services.resources
        known = resources.collections.get(collection)
        merged = resources.curation.merge(known, user, other, self._services.engine.similarity)
        return {"user_id": merged.user_id, "face_ids": merged.face_ids}

    def match(self, collection: str, one: str, other: str) -> dict[str, Any]:
        """Why two faces match: how similar they are, and where they are in their images.

        Raises:
            InvalidParameterError: Different models embedded them.
            ResourceNotFoundError: The collection or a face does not exist.
        """
        resources, engine = self._services.resources, self._services.engine
        pair = resources.curation.with_vectors(resources.collections.get(collection), (one, other))
        (first, vector), (second, other_vector) = pair
        if first.model != second.model or first.model != engine.face_model:
            raise InvalidParameterError(
                f"The faces were embedded by {first.model} and {second.model}, this service compares vectors of "
                f"{engine.face_model}. Embed them anew with `openrek collections reindex`."
            )
        similarity = float(engine.similarity(vector, other_vector[None])[0])
        return {
            "similarity": percent(similarity),
            "cosine": float(vector @ other_vector),
            "face_model": first.model,
            "faces": [{"face": face_member(face), "has_crop": self._has_crop(collection, face.id)} for face, _ in pair],
        }

    def crop(self, collection: str, face_id: str) -> bytes:
        """The kept crop of a face, a JPEG.

        Raises:
            ResourceNotFoundError: There is none.
        """
        self._services.resources.collections.get(collection)
        crop = None if self._services.crops is None else self._services.crops.get(collection, face_id)
        if crop is None:
            raise ResourceNotFoundError(
                f"No crop of the face {face_id[:80]!r} is kept. Crops are kept of faces that are indexed while "
                "`openrek serve --keep-faces` runs."
            )
        return crop

    def _has_crop(self, collection: str, face_id: str) -> bool:
        return self._services.crops is not None and self._services.crops.has(collection, face_id)

    def _mean_similarity(self, vectors: NDArray[np.float32]) -> float:
        """Of the pairs, 0 to 100."""
        pairs = np.triu_indices(min(len(vectors), MAX_FACES_OF_USER), 1)
        cosines = (vectors[:MAX_FACES_OF_USER] @ vectors[:MAX_FACES_OF_USER].T)[pairs]
        one = np.ones(1, np.float32)
        return percent(float(self._services.engine.similarity(one, cosines[:, None]).mean()))
