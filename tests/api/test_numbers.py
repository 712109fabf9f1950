"""Numbers of answers: what programs that keep them in DynamoDB or as decimals need of them."""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from openrek.protocol import load_contract, single_precision
from openrek.rekognition.operations.videos.kinds import KINDS
from tests.conftest import RunningService, encode
from tests.images import page

SERIALIZER = TypeSerializer()
IN_COLLECTION = {"CollectionId": "made-for-numbers"}
FACE, OTHER_FACE = (f"{digit * 8}-2222-3333-4444-555555555555" for digit in "12")


def numbers(value: Any) -> Iterator[int | float]:
    """All numbers in an answer."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def check_numbers(answer: Any) -> None:
    """Return if all numbers in an answer are decimals for boto3's serializer, and 32-bit floats."""
    for number in numbers(answer):
        SERIALIZER.serialize(Decimal(number))
        SERIALIZER.serialize(Decimal(str(number)))
        assert float(np.float32(number)) == number
    assert orjson.loads(orjson.dumps(answer)) == answer


@pytest.fixture(scope="module")
def portrait(astronaut: bytes) -> bytes:
    """Of a size whose ratios have no short binary fraction."""
    import io

    from PIL import Image

    return encode(np.asarray(Image.open(io.BytesIO(astronaut)).resize((487, 451))))


@pytest.fixture(scope="module")
def known(server: RunningService, portrait: bytes) -> Iterator[None]:
    """The person of the portrait is a celebrity."""
    from openrek.compose import compose
    from openrek.config import Settings

    with compose(Settings(server.data_dir)) as system:
        celebrities = system.repositories.celebrities
        vector = np.ones(128, np.float32) / math.sqrt(128)
        celebrities.add("Someone else", system.engine.face_model, [vector])
        yield
        celebrities.remove("Someone else")


@pytest.fixture(scope="module")
def collection(server: RunningService, portrait: bytes) -> Iterator[None]:
    """A collection with the face of the portrait, which is a user, and another face, which is not alike."""
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.state import NewFace
    from openrek.vision import EncodedFrame

    name = IN_COLLECTION["CollectionId"]
    with compose(Settings(server.data_dir)) as system:
        repositories, engine = system.repositories, system.engine
        analysis = engine.analysis(EncodedFrame.open(portrait))
        (vector,) = analysis.embeddings(analysis.faces)
        repositories.collections.create(name, engine.face_model)
        box = (1 / 3, 1 / 7, 0.1, 0.2)
        faces = [NewFace(FACE, FACE, None, box, 1 / 3, vector), NewFace(OTHER_FACE, FACE, None, box, 1 / 3, -vector)]
        repositories.faces.add(name, engine.face_model, faces)
        repositories.users.create(name, "lan")
        repositories.users.associate(name, "lan", [FACE], engine.similarity, 0)
        yield
        repositories.collections.delete(name)


def calls(portrait: bytes) -> dict[str, dict[str, Any]]:
    image = {"Bytes": portrait}
    return {
        "DetectFaces": {"Image": image, "Attributes": ["ALL"]},
        "DetectLabels": {"Image": image, "MinConfidence": 1.0, "Features": ["GENERAL_LABELS", "IMAGE_PROPERTIES"]},
        "DetectText": {"Image": {"Bytes": page("Open every day")}},
        "DetectModerationLabels": {"Image": image, "MinConfidence": 1.0},
        "DetectProtectiveEquipment": {
            "Image": image,
            "SummarizationAttributes": {"MinConfidence": 50, "RequiredEquipmentTypes": ["FACE_COVER"]},
        },
        "CompareFaces": {"SourceImage": image, "TargetImage": image, "SimilarityThreshold": 0},
        "RecognizeCelebrities": {"Image": image},
        "IndexFaces": IN_COLLECTION | {"Image": image},
        "ListFaces": IN_COLLECTION,
        "SearchFaces": IN_COLLECTION | {"FaceId": FACE},
        "SearchFacesByImage": IN_COLLECTION | {"Image": image},
        "SearchUsers": IN_COLLECTION | {"FaceId": FACE},
        "SearchUsersByImage": IN_COLLECTION | {"Image": image},
        "AssociateFaces": IN_COLLECTION | {"UserId": "lan", "FaceIds": [OTHER_FACE]},
    }


@pytest.mark.usefixtures("known", "collection")
@pytest.mark.parametrize("operation", calls(b""))
def test_every_number_is_a_decimal_for_boto3s_serializer(client: Any, operation: str, portrait: bytes) -> None:
    answer = getattr(client, xform_name(operation))(**calls(portrait)[operation])
    answer.pop("ResponseMetadata")
    if operation != "DetectModerationLabels":  # which has nothing to report here
        assert any(isinstance(number, float) for number in numbers(answer))
    check_numbers(answer)


def test_the_operations_above_are_all_that_answer_with_floats() -> None:
    from openrek.rekognition import OPERATIONS

    contract = load_contract()

    def has_float(name: str | None, above: tuple[str, ...] = ()) -> bool:
        if name is None or name in above:
            return False
        shape = contract.shapes[name]
        inner = [reference["shape"] for reference in shape.get("members", {}).values()]
        inner += [shape[part]["shape"] for part in ("member", "value") if part in shape]
        return shape["type"] == "float" or any(has_float(each, (*above, name)) for each in inner)

    present = {name for name, operation in OPERATIONS.items() if not operation.not_yet}
    of_videos = {f"Get{kind}" for kind in KINDS}  # their numbers are checked where videos are analyzed
    with_floats = {name for name in present if has_float(contract.operations[name].output)}
    assert with_floats == {*calls(b""), *of_videos}


@given(st.floats(-3.4e38, 3.4e38))
def test_a_number_becomes_the_nearest_32_bit_float(value: float) -> None:
    found = single_precision(value)
    assert float(np.float32(found)) == found
    assert abs(found - value) <= max(abs(value) * 2**-24, 2**-37)
    if abs(value) < 1e30:  # DynamoDB's own limit of 38 digits; no number of an answer comes near
        SERIALIZER.serialize(Decimal(found))


@pytest.mark.parametrize(("value", "expected"), [(1e39, math.inf), (-1e39, -math.inf), (0.0, 0.0), (7, 7.0)])
def test_numbers_beyond_and_whole_numbers(value: float, expected: float) -> None:
    assert single_precision(value) == expected
    assert isinstance(single_precision(value), float)


def test_what_is_no_number_stays_so() -> None:
    assert math.isnan(single_precision(math.nan))
