"""The official examples of Rekognition's model: their requests are valid here, their answers in shape."""

import gzip
from importlib.resources import files
from typing import Any

import orjson
import pytest

from openrek.protocol import answer, check_request, check_response, load_contract
from openrek.protocol.decode import decode

CONTRACT = load_contract()


def examples() -> list[Any]:
    folder = files("botocore") / "data" / "rekognition" / "2016-06-27"
    packed, plain = folder / "examples-1.json.gz", folder / "examples-1.json"
    model = orjson.loads(gzip.decompress(packed.read_bytes()) if packed.is_file() else plain.read_bytes())
    return [
        pytest.param(operation, example, id=example["id"])
        for operation, found in model["examples"].items()
        for example in found
    ]


@pytest.mark.parametrize(("operation", "example"), examples())
def test_an_official_request_and_its_answer_pass(operation: str, example: dict[str, Any]) -> None:
    shape = CONTRACT.operations[operation]
    assert shape.output is not None
    output = decode(CONTRACT, shape.output, example.get("output") or {})
    requested: list[dict[str, Any]] = []

    def dispatch(name: str, request: dict[str, Any]) -> dict[str, Any]:
        assert name == operation
        check_request(CONTRACT, shape.input, request)
        requested.append(request)
        check_response(CONTRACT, shape.output, output)
        return output  # type: ignore[no-any-return]

    headers = {"x-amz-target": f"{CONTRACT.target_prefix}.{operation}"}
    response = answer(headers, orjson.dumps(example["input"]), dispatch, "id")
    assert (response.status, response.error_message) == (200, None)
    assert requested == [decode(CONTRACT, shape.input, example["input"])]
    assert decode(CONTRACT, shape.output, orjson.loads(response.body)) == output


def test_there_are_examples() -> None:
    assert len(examples()) >= 10
