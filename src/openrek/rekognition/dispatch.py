"""One operation: request checked, answered, answer checked."""

from openrek.errors import AccessDeniedError, UnknownOperationError
from openrek.protocol import check_request, check_response, load_contract
from openrek.rekognition.authorization import authorize
from openrek.rekognition.operations.celebrities import celebrities
from openrek.rekognition.operations.collections import collections
from openrek.rekognition.operations.images import compare_faces as comparing
from openrek.rekognition.operations.images import faces, labels, moderation, protective_equipment, text
from openrek.rekognition.operations.tags import tags
from openrek.rekognition.registry import NOT_YET, OPERATIONS, Request, Response
from openrek.rekognition.services import Services

FAMILIES = (celebrities, collections, comparing, faces, labels, moderation, protective_equipment, tags, text)
"""Importing a family enters its operations into the table."""


def dispatch(operation: str, request: Request, services: Services) -> Response:
    """The response of an operation.

    Args:
        operation: Name in the contract, as "DetectLabels".
        request: Decoded; blobs are bytes.
        services: The world of operations.

    Raises:
        OpenrekError: modelled by the contract or common to AWS services.
    """
    contract = load_contract()
    shape = contract.operations.get(operation)
    if shape is None:
        raise UnknownOperationError(f"{contract.service_id} has no operation {operation[:120]!r}")
    function = OPERATIONS.get(operation)
    if function is None:
        # All 75 operations model this error, SDKs do not retry it, and it stops a program for good, as it should.
        raise AccessDeniedError(f"openrek does not have {operation} yet: {NOT_YET[operation]}")
    check_request(contract, shape.input, request)
    authorize(operation, request, services)
    response = function(request, services)
    check_response(contract, shape.output, response)
    return response
