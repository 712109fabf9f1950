"""A client like boto3's without a socket: the same methods, arguments, results and exceptions, in this process.

botocore's client-side features work as usual: parameter validation, exception classes, paginators, waiters.
"""

import copy
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError

from openrek.errors import InternalError, OpenrekError
from openrek.protocol import error_code, load_contract, load_definition, service_model
from openrek.protocol.contract import Contract
from openrek.rekognition.dispatch import dispatch
from openrek.rekognition.services import Services
from openrek.rekognition.shared_image import SharedImage

if TYPE_CHECKING:
    from botocore.model import ServiceModel
    from botocore.paginate import Paginator
    from botocore.waiter import Waiter


@dataclass(frozen=True, slots=True)
class ClientMeta:
    """The part of boto3's `client.meta` that applies in process. There are no events, because nothing is sent."""

    service_model: "ServiceModel"
    region_name: str
    method_to_api_mapping: Mapping[str, str]
    """The operation's name in the contract, by the method's."""
    endpoint_url: str | None = None
    """Always None."""
    partition: str = "aws"


class Client:
    """`client.detect_labels(Image={"Bytes": …})` and the other 74, by the contract's names in snake case."""

    def __init__(self, services: Services) -> None:
        from botocore.errorfactory import ClientExceptionsFactory
        from botocore.validate import ParamValidator

        self._services = services
        self._contract: Contract = load_contract()
        self._model: Any = service_model()
        self._validator: Any = ParamValidator()
        self._names = {xform_name(name): name for name in self._contract.operations}
        self.exceptions: Any = ClientExceptionsFactory().create_client_exceptions(self._model)
        """Exception classes by name, as `client.exceptions.InvalidImageFormatException`."""

    def sharing(self, image: SharedImage) -> "Client":
        """A client like this one whose operations all look at this image, whatever their requests name."""
        client = copy.copy(self)
        client._services = replace(self._services, image=image)
        return client

    def __getattr__(self, name: str) -> Any:
        operation = self.__dict__.get("_names", {}).get(name)
        if operation is None:
            raise AttributeError(f"the Rekognition client has no method {name}")
        return partial(self._call, operation)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    @property
    def meta(self) -> ClientMeta:
        """Like boto3's `client.meta`."""
        return ClientMeta(self._model, self._services.resources.region, self._names)

    def generate_presigned_url(self, ClientMethod: str, *_: Any, **__: Any) -> str:  # noqa: N803 - boto3's name
        """Not available: a presigned URL needs a service that answers it.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"Cannot presign {ClientMethod}: this client runs in process. "
            "Use boto3 with `openrek serve` for presigned URLs."
        )

    @property
    def waiter_names(self) -> list[str]:
        """Names for `get_waiter`, for example "project_version_running"."""
        return [xform_name(name) for name in load_definition("waiters-2")["waiters"]]

    def can_paginate(self, operation_name: str) -> bool:
        """Whether an operation, given by its method name, is paginated."""
        return self._names.get(operation_name) in load_definition("paginators-1")["pagination"]

    def get_paginator(self, operation_name: str) -> "Paginator":
        """A paginator over the pages of an operation.

        Raises:
            botocore.exceptions.OperationNotPageableError: The operation is not paginated.
        """
        from botocore.exceptions import OperationNotPageableError
        from botocore.paginate import Paginator

        if not self.can_paginate(operation_name):
            raise OperationNotPageableError(operation_name=operation_name)
        operation = self._names[operation_name]
        pages = load_definition("paginators-1")["pagination"][operation]
        return Paginator(getattr(self, operation_name), pages, self._model.operation_model(operation))

    def get_waiter(self, waiter_name: str) -> "Waiter":
        """A waiter: its `wait(…)` returns once a resource has reached a state.

        Raises:
            ValueError: The waiter does not exist.
        """
        from botocore.waiter import NormalizedOperationMethod, Waiter, WaiterModel

        model = WaiterModel(load_definition("waiters-2"))
        names = {xform_name(name): name for name in model.waiter_names}
        if waiter_name not in names:
            raise ValueError(f"Unknown waiter {waiter_name!r}. Available waiters: {', '.join(sorted(names))}.")
        configuration = model.get_waiter(names[waiter_name])
        method = NormalizedOperationMethod(getattr(self, xform_name(configuration.operation)))
        return Waiter(names[waiter_name], configuration, method)

    def close(self) -> None:
        """Do nothing: there is no connection to close."""

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        request_id = str(uuid.uuid4())
        try:
            response = dispatch(operation, self._request(operation, parameters), self._services)
        except OpenrekError as error:
            raise self._client_error(error, operation, request_id) from error
        except BotoCoreError:  # boto3 raises it before anything is sent
            raise
        except Exception as error:  # a client raises ClientError, whatever went wrong behind it
            raise self._client_error(InternalError(), operation, request_id) from error
        return response | {"ResponseMetadata": _metadata(request_id, 200)}

    def _request(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters, checked as boto3 does before it sends them, and blobs read.

        Raises:
            botocore.exceptions.ParamValidationError: one is missing, unknown or of the wrong type.
        """
        from botocore.exceptions import ParamValidationError

        shape = self._model.operation_model(operation).input_shape
        report = self._validator.validate(parameters, shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        request: dict[str, Any] = _read(self._contract, self._contract.operations[operation].input, parameters)
        return request

    def _client_error(self, error: OpenrekError, operation: str, request_id: str) -> Exception:
        status, code = error_code(error)
        response: Any = {
            "Error": {"Code": code, "Message": error.message},
            "ResponseMetadata": _metadata(request_id, status),
        }
        raised: Exception = self.exceptions.from_code(code)(response, operation)
        return raised


def _read(contract: Contract, shape_name: str, value: Any) -> Any:
    """The value with every blob as bytes: boto3 takes text and open files for them, too."""
    shape = contract.shapes[shape_name]
    kind = shape["type"]
    if kind == "structure":
        members = shape["members"]
        return {name: _read(contract, members[name]["shape"], item) for name, item in value.items() if item is not None}
    if kind == "list":
        return [_read(contract, shape["member"]["shape"], item) for item in value]
    if kind == "blob":
        read: Callable[[], bytes] | None = getattr(value, "read", None)
        value = value if read is None else read()
        return value.encode() if isinstance(value, str) else value
    return value


def _metadata(request_id: str, status: int) -> dict[str, Any]:
    return {"RequestId": request_id, "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
