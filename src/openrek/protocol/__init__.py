"""AWS JSON 1.1 by contract: decode, validate, encode. Knows shapes, nothing of behaviour."""

from openrek.protocol.conform import check_response, single_precision
from openrek.protocol.contract import Contract, Operation, load_contract, load_definition, service_model
from openrek.protocol.error_codes import ERROR_CODES, error_code
from openrek.protocol.validate import check_request
from openrek.protocol.wire import WireResponse, answer, answer_api_error, answer_error

__all__ = [
    "ERROR_CODES",
    "Contract",
    "Operation",
    "WireResponse",
    "answer",
    "answer_api_error",
    "answer_error",
    "check_request",
    "check_response",
    "error_code",
    "load_contract",
    "load_definition",
    "service_model",
    "single_precision",
]
