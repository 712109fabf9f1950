"""Exported collections as Parquet, for programs that read tables. Needs pyarrow, which openrek does not install.

One row a face; `vector` is a list of 32-bit floats, which hold the half floats exactly. The header and the users are in
the schema's metadata, under "openrek" and "users", as JSON.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from openrek.errors import RequestError
from openrek.rekognition.transfer.collection_file import (
    CollectionFile,
    CollectionFileError,
    FaceRecord,
    Header,
    UserRecord,
)

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 10_000
SUFFIX = ".parquet"


class ParquetNotInstalledError(RequestError):
    """Parquet files need pyarrow: pip install pyarrow"""


def require_pyarrow() -> None:
    """Return if pyarrow is installed.

    Raises:
        ParquetNotInstalledError: It is not.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise ParquetNotInstalledError from None


def write_parquet(source: Path, target: Path) -> None:
    """Write the collection of a JSON lines file as Parquet.

    Raises:
        OSError: The file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with source.open("rb") as opened:
        file = CollectionFile(opened)
        users: list[str] = []
        faces: list[FaceRecord] = []
        records = file.records()
        for record in records:
            if isinstance(record, FaceRecord):
                faces.append(record)
                break
            users.append(record.user_id)
        metadata = {b"openrek": file.header.as_line().strip(), b"users": orjson.dumps(users)}
        schema = _schema().with_metadata(metadata)
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            while faces:
                writer.write_table(pa.Table.from_pylist([_row(face) for face in faces], schema))
                faces = [record for record in islice(records, _BATCH) if isinstance(record, FaceRecord)]


class ParquetFile:
    """A Parquet file that `write_parquet` wrote, read in batches.

    Args:
        path: Of the file.

    Raises:
        CollectionFileError: It is not such a file.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            self._file = pq.ParquetFile(path)
            metadata = self._file.schema_arrow.metadata or {}
            self.header = Header.of(orjson.loads(metadata[b"openrek"]))
            self._users = [str(user) for user in orjson.loads(metadata[b"users"])]
        except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise CollectionFileError(f"The Parquet file is not a collection that openrek exported: {error}.") from None

    def records(self) -> Iterator[UserRecord | FaceRecord]:
        """Users, then faces.

        Raises:
            CollectionFileError: A row is not valid.
        """
        yield from map(UserRecord, self._users)
        number = 0
        for batch in self._file.iter_batches(_BATCH):
            for row in batch.to_pylist():
                number += 1
                try:
                    box = row["left"], row["top"], row["width"], row["height"]
                    vector = np.array(row["vector"], np.float16)
                    yield FaceRecord.checked({**row, "box": box}, vector, self.header.face_model)
                except (KeyError, TypeError, ValueError) as error:
                    raise CollectionFileError(f"Row {number} is not valid: {error}.") from None


def _schema() -> "pa.Schema":
    import pyarrow as pa

    texts = ("face_id", "image_id", "external_image_id", "user_id", "face_model")
    numbers = ("left", "top", "width", "height", "confidence")
    fields: list[Any] = [(name, pa.string()) for name in texts] + [(name, pa.float64()) for name in numbers]
    return pa.schema([*fields, ("vector", pa.list_(pa.float32()))])


def _row(face: FaceRecord) -> dict[str, Any]:
    left, top, width, height = face.box
    return {
        "face_id": face.face_id,
        "image_id": face.image_id,
        "external_image_id": face.external_image_id,
        "user_id": face.user_id,
        "face_model": face.face_model,
        "left": left,
        "top": top,
        "width": width,
        "height": height,
        "confidence": face.confidence,
        "vector": face.vector.astype(np.float32),
    }
