"""boto3's twin without a socket: the same methods, arguments, results and exceptions, answered in this process."""

import uuid
from functools import partial
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from openrek.errors import InternalServerError, OpenrekError
from openrek.protocol import load_contract
from openrek.rekognition.dispatch import dispatch
from openrek.rekognition.services import Services


class Exceptions:
    """Exception classes by their wire codes, as `client.exceptions` has them in boto3."""

    def __init__(self, names: list[str]) -> None:
        self._classes: dict[str, type[Exception]] = {"ClientError": ClientError}
        for name in names:
            self._classes[name] = type(name, (ClientError,), {})

    def __getattr__(self, name: str) -> type[Exception]:
        if name.startswith("_") or name not in self._classes:
            raise AttributeError(f"Rekognition has no exception {name}")
        return self._classes[name]

    def from_code(self, code: str) -> type[Exception]:
        """The class of a code; plain ClientError for a code that is not modelled, as botocore does."""
        return self._classes.get(code) or self._classes["ClientError"]


class Client:
    """`client.detect_labels(Image={"Bytes": …})` and the other 74, by the contract's names in snake case."""

    def __init__(self, services: Services) -> None:
        contract = load_contract()
        self._services = services
        self._names = {xform_name(name): name for name in contract.operations}
        self.exceptions = Exceptions(sorted(contract.errors))

    def __getattr__(self, name: str) -> Any:
        operation = self.__dict__.get("_names", {}).get(name)
        if operation is None:
            raise AttributeError(f"the Rekognition client has no method {name}")
        return partial(self._call, operation)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        request_id = str(uuid.uuid4())
        try:
            response = dispatch(operation, request, self._services)
        except OpenrekError as error:
            raise self._client_error(error, operation, request_id) from error
        except Exception as error:  # a client raises ClientError, whatever went wrong behind it
            raise self._client_error(InternalServerError(), operation, request_id) from error
        return response | {"ResponseMetadata": _metadata(request_id, 200)}

    def _client_error(self, error: OpenrekError, operation: str, request_id: str) -> Exception:
        response: Any = {
            "Error": {"Code": error.code, "Message": error.message},
            "ResponseMetadata": _metadata(request_id, error.status),
        }
        return self.exceptions.from_code(error.code)(response, operation)


def _metadata(request_id: str, status: int) -> dict[str, Any]:
    return {"RequestId": request_id, "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
