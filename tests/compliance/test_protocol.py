"""The wire, held against botocore's own cases of AWS JSON 1.1: each side reads what the other writes."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from openrek.errors import RequestError
from openrek.protocol import ERROR_CODES, Contract, WireResponse, answer, check_request, check_response
from openrek.protocol.error_codes import ErrorCode

CASES = Path(__file__).parent / "vectors" / "protocol"
# Rekognition's contract has no operation whose requests may be compressed.
COMPRESSED = "requestcompression"


def cases(file: str) -> list[Any]:
    path = CASES / file
    return [
        pytest.param(suite, case, id=case["id"])
        for suite in json.loads(path.read_text(encoding="utf-8"))
        for case in suite["cases"]
        if COMPRESSED not in case["given"]
    ]


def contract_of(suite: dict[str, Any], case: dict[str, Any]) -> Contract:
    given = case["given"]
    metadata = {"serviceId": "JSON", "apiVersion": "", "targetPrefix": "", **suite["metadata"]}
    return Contract.from_model({"metadata": metadata, "operations": {given["name"]: given}, "shapes": suite["shapes"]})


def as_given(contract: Contract, shape_name: str, value: Any) -> Any:
    """A decoded value in the notation of the cases: blobs as text, times as seconds."""
    shape = contract.shapes[shape_name]
    kind = shape["type"]
    if isinstance(value, dict) and kind == "structure" and not shape.get("document"):
        return {name: as_given(contract, shape["members"][name]["shape"], item) for name, item in value.items()}
    if kind == "map":
        return {name: as_given(contract, shape["value"]["shape"], item) for name, item in value.items()}
    if kind == "list":
        return [as_given(contract, shape["member"]["shape"], item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).replace("nan", "NaN").replace("inf", "Infinity")
    return value


def as_python(contract: Contract, shape_name: str, value: Any) -> Any:
    """The other way: what an operation would return."""
    shape = contract.shapes[shape_name]
    kind = shape["type"]
    if kind == "structure" and not shape.get("document"):
        return {name: as_python(contract, shape["members"][name]["shape"], item) for name, item in value.items()}
    if kind == "map":
        return {name: as_python(contract, shape["value"]["shape"], item) for name, item in value.items()}
    if kind == "list":
        return [as_python(contract, shape["member"]["shape"], item) for item in value]
    if kind == "blob":
        return value.encode()
    if kind == "timestamp":
        return datetime.fromtimestamp(value, UTC)
    return float(value) if kind in ("float", "double") else value


def without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nothing(item) for name, item in value.items() if item is not None}
    return [without_nothing(item) for item in value] if isinstance(value, list) else value


def lowered(response: WireResponse) -> dict[str, str]:
    """botocore's headers know no case."""
    return {name.lower(): value for name, value in response.headers.items()}


@pytest.mark.parametrize(("suite", "case"), cases("input-json.json"))
def test_what_clients_send_is_what_the_operation_gets(suite: dict[str, Any], case: dict[str, Any]) -> None:
    contract = contract_of(suite, case)
    serialized = case["serialized"]
    got: list[tuple[str, Any]] = []

    def dispatch(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        check_request(contract, contract.operations[operation].input, request)
        got.append((operation, request))
        return {}

    headers = {name.lower(): value for name, value in serialized["headers"].items()}
    response = answer(headers, serialized.get("body", "").encode(), dispatch, "id", contract)
    assert (response.status, response.error_message) == (200, None)
    ((operation, request),) = got
    assert operation == case["given"]["name"]
    shape = contract.operations[operation].input
    assert as_given(contract, shape, request) == without_nothing(case["params"])


@pytest.mark.parametrize(
    ("suite", "case"),
    [each for each in cases("output-json.json") if "result" in each.values[1] and "output" in each.values[1]["given"]],
)
def test_what_operations_return_is_what_clients_get(suite: dict[str, Any], case: dict[str, Any]) -> None:
    from botocore.model import ServiceModel
    from botocore.parsers import JSONParser

    contract = contract_of(suite, case)
    operation = case["given"]["name"]
    output = contract.operations[operation].output
    assert output is not None
    result = as_python(contract, output, case["result"])
    check_response(contract, output, result)
    target = f"{contract.target_prefix}.{operation}"
    response = answer({"x-amz-target": target}, b"{}", lambda *_: result, "id", contract)
    model = ServiceModel(
        {"metadata": suite["metadata"], "operations": {operation: case["given"]}, "shapes": suite["shapes"]}
    )
    parsed = JSONParser().parse(
        {"status_code": 200, "headers": lowered(response), "body": response.body},
        model.operation_model(operation).output_shape,
    )
    parsed.pop("ResponseMetadata")
    assert as_given(contract, output, parsed) == case["result"]


@pytest.mark.parametrize(
    ("suite", "case"), [each for each in cases("output-json.json") if "errorCode" in each.values[1]]
)
def test_errors_are_what_clients_understand(
    suite: dict[str, Any], case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.parsers import JSONParser

    code, message = case["errorCode"], case.get("errorMessage", "what went wrong")
    error = type(code, (RequestError,), {"__doc__": message})(message)
    monkeypatch.setitem(cast(dict[Any, Any], ERROR_CODES), type(error), ErrorCode(400, code))
    contract = contract_of(suite, case)

    def error_response(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        raise error

    target = f"{contract.target_prefix}.{case['given']['name']}"
    response = answer({"x-amz-target": target}, b"{}", error_response, "id", contract)
    parsed = JSONParser().parse(
        {"status_code": response.status, "headers": lowered(response), "body": response.body}, None
    )
    assert parsed["Error"] == {"Code": code, "Message": message}
    assert parsed["ResponseMetadata"]["RequestId"] == "id"
