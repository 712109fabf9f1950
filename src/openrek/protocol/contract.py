"""The contract: botocore's model of Rekognition, read as data."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

_FOLDER = "data/rekognition/2016-06-27"

NO_MEMBERS = "openrek#NoMembers"
"""Name of the shape of requests that carry nothing."""

Shape = Mapping[str, Any]
"""A shape as the model writes it: `type`, `members`, `required`, `min`, `max`, `enum`, `pattern`, …"""


@dataclass(frozen=True, slots=True)
class Operation:
    """One API call of the contract."""

    name: str
    input: str
    """Name of the request's shape."""
    output: str | None
    errors: tuple[str, ...]
    """Names of the exceptions that the operation models."""


@dataclass(frozen=True, slots=True, eq=False)  # what follows from a contract is cached by it
class Contract:
    """Operations and shapes of a service that speaks AWS JSON 1.1."""

    service_id: str
    target_prefix: str
    """What stands before the operation in X-Amz-Target."""
    api_version: str
    operations: Mapping[str, Operation]
    shapes: Mapping[str, Shape]

    @classmethod
    def from_model(cls, model: Mapping[str, Any]) -> "Contract":
        """The contract that a `service-2.json` states."""
        metadata = model["metadata"]
        return cls(
            service_id=metadata["serviceId"],
            target_prefix=metadata["targetPrefix"],
            api_version=metadata["apiVersion"],
            operations={
                name: Operation(
                    name,
                    operation.get("input", {}).get("shape", NO_MEMBERS),
                    operation.get("output", {}).get("shape"),
                    tuple(error["shape"] for error in operation.get("errors", ())),
                )
                for name, operation in model["operations"].items()
            },
            shapes={NO_MEMBERS: {"type": "structure", "members": {}}, **model["shapes"]},
        )

    @property
    def errors(self) -> dict[str, Shape]:
        """The modelled exceptions."""
        return {name: shape for name, shape in self.shapes.items() if shape.get("exception")}


@cache
def load_contract() -> Contract:
    """Rekognition's contract, from the installed botocore.

    Raises:
        LookupError: this botocore has no Rekognition.
    """
    return Contract.from_model(load_definition("service-2"))


@cache
def load_definition(name: str) -> Mapping[str, Any]:
    """One of the files in which botocore describes Rekognition: "service-2", "paginators-1", "waiters-2".

    Raises:
        LookupError: this botocore has no Rekognition.
    """
    folder = files("botocore") / _FOLDER
    plain, packed = folder / f"{name}.json", folder / f"{name}.json.gz"
    if packed.is_file():
        text = gzip.decompress(packed.read_bytes())
    elif plain.is_file():
        text = plain.read_bytes()
    else:
        raise LookupError("the installed botocore carries no model of Rekognition")
    definition: Mapping[str, Any] = orjson.loads(text)
    return definition


@cache
def service_model() -> Any:
    """The contract as botocore's own `ServiceModel`, for what botocore does on the client's side."""
    from botocore.model import ServiceModel

    return ServiceModel(load_definition("service-2"), "rekognition")
