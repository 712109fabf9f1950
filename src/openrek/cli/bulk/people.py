"""One folder a person: the faces of its images become those of a user."""

from collections.abc import Iterable, Sequence
from typing import Any

from openrek.cli.bulk.external_ids import user_id
from openrek.cli.bulk.indexing import IndexedImage

_FACES_AT_ONCE = 100
"""Of one AssociateFaces request, and of one user."""


class People:
    """Makes users and associates faces with them.

    Args:
        client: A Rekognition client.
        collection: The collection.
    """

    def __init__(self, client: Any, collection: str) -> None:
        self._client, self._collection = client, collection

    def associate(self, person: str, results: Iterable[IndexedImage]) -> dict[int, str]:
        """Associate the faces of one folder with the user of its name, who is created if new.

        Images with one face come first. Of an image with several, the largest is associated, and only if it resembles
        the user enough; the others stay faces without a user.

        Args:
            person: Name of the folder.
            results: Of its images.

        Returns:
            By the position of an image among the results: why its face was not associated.
        """
        from botocore.exceptions import ClientError

        images = list(results)
        with_faces = [position for position, result in enumerate(images) if result.faces]
        if not with_faces:
            return {}
        user = user_id(person)
        try:
            self._create(user)
        except ClientError as error:
            return dict.fromkeys(with_faces, f"user {user}: {error.response['Error']['Message']}")
        # A person's portraits make the vector that group photos are then compared with.
        with_faces.sort(key=lambda position: len(images[position].faces) > 1)
        missing = {
            images[position].faces[0].face_id: position
            for position in with_faces
            if all(face.user_id is None for face in images[position].faces)
        }
        reasons: dict[int, str] = {}
        portraits = [face for face, position in missing.items() if len(images[position].faces) == 1]
        groups = [face for face, position in missing.items() if len(images[position].faces) > 1]
        for faces in (portraits, groups):
            for first in range(0, len(faces), _FACES_AT_ONCE):
                for face, reason in self._associate(user, faces[first : first + _FACES_AT_ONCE]).items():
                    reasons[missing[face]] = reason
        return reasons

    def _create(self, user: str) -> None:
        try:
            self._client.create_user(CollectionId=self._collection, UserId=user)
        except self._client.exceptions.ConflictException:
            return  # an earlier run made it

    def _associate(self, user: str, faces: Sequence[str]) -> dict[str, str]:
        """By face: why it was not associated."""
        from botocore.exceptions import ClientError

        try:
            response = self._client.associate_faces(
                CollectionId=self._collection, UserId=user, FaceIds=list(faces), UserMatchThreshold=75
            )
        except ClientError as error:
            if len(faces) > 1 and error.response["Error"]["Code"] == "ServiceQuotaExceededException":
                # As many as there is room for.
                half = len(faces) // 2
                return self._associate(user, faces[:half]) | self._associate(user, faces[half:])
            return dict.fromkeys(faces, f"user {user}: {error.response['Error']['Message']}")
        return {
            failure["FaceId"]: f"not associated with user {user}: {_words(failure)}"
            for failure in response["UnsuccessfulFaceAssociations"]
        }


def _words(failure: dict[str, Any]) -> str:
    reasons = ", ".join(failure["Reasons"])
    if "Confidence" in failure:
        return f"{reasons} (similarity {failure['Confidence']:.1f})"
    return f"{reasons} ({failure['UserId']})" if "UserId" in failure else reasons
