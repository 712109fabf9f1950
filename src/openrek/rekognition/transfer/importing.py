"""Import of a collection from a file."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from openrek.errors import InvalidParameterError, ResourceExistsError
from openrek.rekognition.transfer.collection_file import CollectionSource, FaceRecord, UserRecord
from openrek.state.face_rows import NewFace

if TYPE_CHECKING:
    from openrek.state import Repositories

_BATCH = 1000


@dataclass(slots=True)
class Imported:
    """What was imported."""

    faces: int = 0
    """Faces of the file, those that the collection had before among them."""
    users: int = 0
    rejected: int = 0
    """Faces that another user of the collection had already."""


def import_collection(
    resources: "Repositories", file: CollectionSource, name: str, progress: Callable[[int], None] = lambda _: None
) -> Imported:
    """Add the users and faces of a file to a collection, which is created if it does not exist.

    Faces keep their FaceIds; those that the collection has already are left as they are, so an import that was
    interrupted is repeated. Each batch of faces and their users is one transaction.

    Args:
        resources: Repositories of the collection.
        file: The file.
        name: The collection's.
        progress: Called with the number of faces read so far.

    Raises:
        CollectionFileError: The file is damaged; the batches before the damage are imported.
        InvalidParameterError: The collection's faces were embedded by another model.
    """
    model = file.header.face_model
    try:
        resources.collections.create(name, model)
    except ResourceExistsError:
        existing = resources.collections.get(name)
        if existing.model != model:
            raise InvalidParameterError(
                f"Faces of collection {name!r} are embedded by {existing.model}, those of the file by {model}; vectors "
                "of different models cannot be compared. Import into another collection."
            ) from None
    imported = Imported()
    records = file.records()
    while batch := list(islice(records, _BATCH)):
        users = [record for record in batch if isinstance(record, UserRecord)]
        faces = [record for record in batch if isinstance(record, FaceRecord)]
        imported.users += sum(resources.transfers.create_user(name, user.user_id) for user in users)
        owners = {face.face_id: face.user_id for face in faces if face.user_id is not None}
        imported.rejected += len(resources.transfers.add(name, model, [_new(face) for face in faces], owners))
        imported.faces += len(faces)
        progress(imported.faces)
    return imported


def _new(face: FaceRecord) -> NewFace:
    return NewFace(face.face_id, face.image_id, face.external_image_id, face.box, face.confidence, face.vector)
