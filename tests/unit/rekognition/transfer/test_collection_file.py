"""Exported collections are read back as they were written; damaged files are rejected by line."""

import io
from uuid import uuid4

import numpy as np
import pytest

from openrek.rekognition.transfer.collection_file import (
    CollectionFile,
    CollectionFileError,
    FaceRecord,
    Header,
    UserRecord,
    footer_line,
)

HEADER = Header("staff", "dlib-1", "2026-01-02T03:04:05+00:00", "2026-02-03T04:05:06+00:00")


def face(user: str | None = None, external_id: str | None = None) -> FaceRecord:
    vector = np.array([0.5, -0.5, 0.5, 0.5], np.float16)
    return FaceRecord(str(uuid4()), str(uuid4()), external_id, (0.1, 0.2, 0.3, 0.4), 0.995, "dlib-1", user, vector)


def text(*lines: bytes) -> CollectionFile:
    return CollectionFile(io.BytesIO(b"".join(lines)))


def test_a_collection_is_read_as_it_was_written() -> None:
    faces = [face("anh", "anh:1.jpg"), face()]
    file = text(HEADER.as_line(), UserRecord("anh").as_line(), *(f.as_line() for f in faces), footer_line(2, 1))
    assert file.header == HEADER
    user, *read = list(file.records())
    assert user == UserRecord("anh")
    assert [record.as_line() for record in read] == [record.as_line() for record in faces]
    assert isinstance(read[0], FaceRecord)
    assert read[0].vector.tobytes() == faces[0].vector.tobytes()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([b""], "Line 1 is not the header"),
        ([b"{}\n"], "Line 1 is not the header"),
        ([b"[1]\n"], "Line 1 is not a JSON object"),
        ([b"PAR1 \xff\n"], "Line 1 is not valid JSON"),
        ([HEADER.as_line().replace(b'"version":1', b'"version":2')], "Upgrade openrek"),
        ([HEADER.as_line(), b'{"face_id"'], "Line 2 is not valid JSON"),
        ([HEADER.as_line(), b'{"name": 1}\n'], "Line 2 has no 'user_id'"),
        ([HEADER.as_line(), face().as_line()], "ends after 1 faces"),
        ([HEADER.as_line(), face().as_line(), footer_line(2, 0)], "counts 2 faces, the file has 1"),
        ([HEADER.as_line(), face().as_line().replace(b"ADg", b"!!!")], "Line 2 is not valid"),
        ([HEADER.as_line(), face().as_line().replace(b'"dlib-1"', b'"sface-2"')], "embedded by 'sface-2'"),
    ],
)
def test_a_damaged_file_is_rejected_by_line(lines: list[bytes], message: str) -> None:
    with pytest.raises(CollectionFileError, match=message):
        list(text(*lines).records())


@pytest.mark.parametrize(
    "vector", [np.zeros(4), np.full(4, 3.0), np.full(5, 5**-0.5), np.array([np.nan, 0, 0, 0])], ids=str
)
def test_a_vector_that_is_not_of_the_model_is_rejected(vector: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    record = face()
    line = FaceRecord(
        record.face_id, record.image_id, None, record.box, 0.99, "dlib-1", None, vector.astype(np.float16)
    ).as_line()
    with pytest.raises(CollectionFileError, match="the vector has"):
        list(text(HEADER.as_line(), record.as_line(), line, footer_line(2, 0)).records())
