"""One operation: request validated, authorized, handled; response conforms."""

from contextlib import AbstractContextManager, nullcontext

from openrek.errors import UnknownOperationError
from openrek.protocol import check_request, check_response, load_contract
from openrek.rekognition.authorization import authorize
from openrek.rekognition.operation import Operation, Request, Response
from openrek.rekognition.registry import OPERATIONS, find_families
from openrek.rekognition.services import Services

find_families()


def dispatch(operation: str, request: Request, services: Services) -> Response:
    """The response of an operation.

    Args:
        operation: Name in the contract, as "DetectLabels".
        request: Decoded; blobs are bytes.
        services: The world of operations.

    Raises:
        QueueFullError: the operation needs the engine, and the queue is full.
        OpenrekError: modelled by the contract or common to AWS services.
    """
    contract = load_contract()
    found = OPERATIONS.get(operation)
    if found is None:
        raise UnknownOperationError(f"{contract.service_id} has no operation {operation[:120]!r}")
    shape = contract.operations[operation]
    check_request(contract, shape.input, request)
    authorize(found, request, services)
    with _admitted(found, services):
        response: Response = check_response(contract, shape.output, found.handler(request, services))
    return response


def _admitted(operation: Operation, services: Services) -> AbstractContextManager[None]:
    if operation.runs == "engine" and services.admission is not None:
        return services.admission.admitted()
    return nullcontext()
