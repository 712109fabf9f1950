"""One request of the AWS wire and its answer, without the transport.

awsJson1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from openrek.errors import (
    InternalError,
    OpenrekError,
    SerializationError,
    UnknownOperationError,
)
from openrek.protocol.contract import Contract, load_contract
from openrek.protocol.decode import decode
from openrek.protocol.encode import encode
from openrek.protocol.error_codes import error_code

CONTENT_TYPE = "application/x-amz-json-1.1"

Dispatch = Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class WireResponse:
    """What goes back to the client."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    error_code: str | None = None
    error_message: str | None = None


def answer(
    headers: Mapping[str, str],
    body: bytes,
    dispatch: Dispatch,
    request_id: str,
    contract: Contract | None = None,
) -> WireResponse:
    """Decodes the request, has it dispatched, encodes the response; every failure becomes an AWS error.

    Args:
        headers: With lower-case names.
        body: JSON.
        dispatch: (operation, decoded request) → response; checks both against the contract.
        request_id: Sent back as x-amzn-RequestId.
        contract: Rekognition's by default.
    """
    contract = contract or load_contract()
    try:
        operation = _operation(contract, headers)
        response = dispatch(operation, _request(contract, operation, body))
        return WireResponse(200, _headers(request_id), _body(contract, operation, response))
    except OpenrekError as error:
        return answer_error(error, request_id)
    except Exception as error:  # no traceback reaches a client
        return answer_error(InternalError(), request_id, cause=repr(error)[:500])


def answer_error(error: OpenrekError, request_id: str, cause: str | None = None) -> WireResponse:
    """The error as AWS answers it: `__type` and `Message`, status by fault."""
    status, code = error_code(error)
    return answer_api_error(status, code, error.message, request_id, cause)


def answer_api_error(status: int, code: str, message: str, request_id: str, cause: str | None = None) -> WireResponse:
    """Likewise, for what was refused before it came to an operation."""
    body = {"__type": code, "Message": message, "message": message}
    headers = _headers(request_id) | {"x-amzn-ErrorType": code}
    return WireResponse(status, headers, orjson.dumps(body), code, cause or message)


def _headers(request_id: str) -> dict[str, str]:
    return {"content-type": CONTENT_TYPE, "x-amzn-RequestId": request_id}


def _operation(contract: Contract, headers: Mapping[str, str]) -> str:
    target = headers.get("x-amz-target", "")
    if not target:
        raise UnknownOperationError("The request has no X-Amz-Target header that names an operation.")
    prefix, _, operation = target.rpartition(".")
    if prefix != contract.target_prefix or operation not in contract.operations:
        raise UnknownOperationError(f"{contract.service_id} has no operation {target[:120]!r}.")
    kind = headers.get("content-type", CONTENT_TYPE).partition(";")[0].strip().lower()
    if kind not in (CONTENT_TYPE, "application/json"):
        raise SerializationError(f"Content-Type is {kind[:80]!r}; it must be {CONTENT_TYPE}.")
    return operation


def _request(contract: Contract, operation: str, body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise SerializationError(f"The body is not valid JSON: {error}.") from None
    request: dict[str, Any] = decode(contract, contract.operations[operation].input, value)
    return request


def _body(contract: Contract, operation: str, response: dict[str, Any]) -> bytes:
    output = contract.operations[operation].output
    return b"{}" if output is None else orjson.dumps(encode(contract, output, response))
