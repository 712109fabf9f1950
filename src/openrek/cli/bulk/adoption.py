"""Taking over a collection from AWS: its images are indexed here, and its faces found among those of the images."""

import contextlib
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from openrek.cli.bulk.external_ids import external_image_id
from openrek.cli.bulk.images import BulkImage
from openrek.cli.bulk.report import Outcome
from openrek.cli.bulk.session import Session
from openrek.rekognition.transfer.aws_faces import AwsFace
from openrek.rekognition.transfer.boxes import Box, match_boxes

_FACES_AT_ONCE = 100
"""Of one AssociateFaces request."""


@dataclass(frozen=True, slots=True)
class AdoptedFace:
    """A face at AWS, and what it is here."""

    face: AwsFace
    face_id: str | None
    """None if it was not found."""
    reason: str = ""


@dataclass(slots=True)
class AdoptionPlan:
    """Which images to index, and which faces of AWS each of them has."""

    images: dict[BulkImage, list[AwsFace]] = field(default_factory=lambda: defaultdict(list))
    lost: list[AdoptedFace] = field(default_factory=list)
    """Faces whose image is not there."""

    @classmethod
    def of(cls, faces: Iterable[AwsFace], images: Sequence[BulkImage]) -> "AdoptionPlan":
        """The image of each face: the one that a manifest names, or whose path its ExternalImageId spells.

        Programs form an ExternalImageId in various ways: the path with another character for "/", the file's name, or
        that without its extension. A spelling that several images share names none of them.
        """
        plan = cls()
        by_path = {image.name: image for image in images} | {image.source: image for image in images}
        by_spelling: dict[str, BulkImage | None] = {}
        for image in images:
            for spelling in _spellings(image):
                by_spelling[spelling] = None if spelling in by_spelling else image
        for face in faces:
            if face.image is not None:
                source, reason = by_path.get(face.image), f"there is no image {face.image}"
            elif face.external_image_id is None:
                source, reason = None, "it has no ExternalImageId; name its image in a manifest"
            else:
                source = by_spelling.get(face.external_image_id)
                several = source is None and face.external_image_id in by_spelling
                reason = f"{'several images are' if several else 'no image is'} named {face.external_image_id}"
            if source is None:
                plan.lost.append(AdoptedFace(face, None, reason))
            else:
                plan.images[source].append(face)
        return plan


def external_id_of(image: BulkImage, faces: Sequence[AwsFace]) -> str:
    """The ExternalImageId under which the image was indexed at AWS; that of its path, if none is known."""
    return next((face.external_image_id for face in faces if face.external_image_id), external_image_id(image.parts))


def matched(faces: Sequence[AwsFace], records: Sequence[dict[str, Any]]) -> Iterator[AdoptedFace]:
    """Each face of an image at AWS with its face here.

    Args:
        faces: Those at AWS.
        records: `Face` of those here.
    """
    if len(faces) == len(records) == 1 and faces[0].box is None:
        yield AdoptedFace(faces[0], records[0]["FaceId"])
        return
    located = [face for face in faces if face.box is not None]
    boxes = [_box(record["BoundingBox"]) for record in records]
    pairs = match_boxes([face.box for face in located if face.box is not None], boxes)
    found = {located[one].face_id: records[other]["FaceId"] for one, other in pairs.items()}
    for face in faces:
        if face.face_id in found:
            yield AdoptedFace(face, found[face.face_id])
        elif face.box is None:
            yield AdoptedFace(face, None, f"the image shows {len(records)} faces, and the list has no BoundingBox")
        else:
            yield AdoptedFace(face, None, "no face was detected where AWS has this one")


def _box(box: dict[str, float]) -> Box:
    return box["Left"], box["Top"], box["Width"], box["Height"]


def _spellings(image: BulkImage) -> set[str]:
    path = PurePosixPath(*image.parts)
    whole = {str(path), str(path.with_suffix("")), external_image_id(image.parts)}
    separated = {name.replace("/", character) for name in whole for character in ":_-."}
    return whole | separated | {path.name, path.stem}


def adopt_all(session: Session, plan: AdoptionPlan) -> Iterator[list[AdoptedFace]]:
    """Index the images of a plan, and find its faces: a list an image.

    Faces that AWS does not have are deleted again, unless the collection had them before.
    """
    faces_of = dict(plan.images)
    indexer = session.indexer(lambda image: external_id_of(image, faces_of[image]))
    for result in indexer.run(list(faces_of)):
        faces = faces_of[result.image]
        if result.outcome is Outcome.FAILED:
            yield [AdoptedFace(face, None, result.reason) for face in faces]
            continue
        records = _members(session, [face.face_id for face in result.faces])
        adopted = list(matched(faces, records))
        if result.outcome is Outcome.INDEXED:
            kept = {face.face_id for face in adopted}
            if others := [record["FaceId"] for record in records if record["FaceId"] not in kept]:
                session.client.delete_faces(CollectionId=session.collection, FaceIds=others)
        yield adopted


def adopt_users(session: Session, adopted: Iterable[AdoptedFace]) -> None:
    """Create the users that faces have at AWS, and associate the faces with them, however similar they are."""
    by_user: dict[str, list[str]] = defaultdict(list)
    for face in adopted:
        if face.face.user_id is not None and face.face_id is not None:
            by_user[face.face.user_id].append(face.face_id)
    client = session.client
    for user, face_ids in by_user.items():
        with contextlib.suppress(client.exceptions.ConflictException):
            client.create_user(CollectionId=session.collection, UserId=user)
        unique = list(dict.fromkeys(face_ids))
        for first in range(0, len(unique), _FACES_AT_ONCE):
            client.associate_faces(
                CollectionId=session.collection,
                UserId=user,
                FaceIds=unique[first : first + _FACES_AT_ONCE],
                UserMatchThreshold=0.0,
            )


def write_map(path: Path, faces: Sequence[AwsFace], adopted: Iterable[AdoptedFace]) -> None:
    """Write the FaceIds, old and new, in the order of the old ones.

    Raises:
        OSError: The file cannot be written.
    """
    found = {face.face.face_id: face for face in adopted}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("old_face_id", "new_face_id", "reason"))
        for face in faces:
            result = found[face.face_id]
            rows.writerow((face.face_id, result.face_id or "", result.reason))


def _members(session: Session, face_ids: Sequence[str]) -> list[dict[str, Any]]:
    """`Face` of each; of an image there are at most 100."""
    if not face_ids:
        return []
    response = session.client.list_faces(CollectionId=session.collection, FaceIds=list(face_ids))
    members: list[dict[str, Any]] = response["Faces"]
    return members
