"""An operation of the contract: its handler, and the facts that other parts of the service act on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from openrek.protocol import Contract
from openrek.rekognition.services import Services
from openrek.state import Repositories

Request = dict[str, Any]
"""A decoded request: blobs are bytes, timestamps are datetimes."""
Response = dict[str, Any]
Handler = Callable[[Request, Services], Response]
Runs = Literal["engine", "database", "quick"]

ANY = "*"
"""The resource of an operation that names none."""

_MAX_BODY_BYTES = 256 * 1024
# Base64 of the two largest images that a request may carry is 14 MB. The rest is room to read an image that is too
# large and answer ImageTooLargeException, as Amazon Rekognition does, instead of a bare 413.
_MAX_BODY_BYTES_WITH_BLOB = 24 * 1024 * 1024

ONLY_CONSTRAINTS: Mapping[str, str] = {
    "InvalidParameterException": "the contract's constraints, which are ValidationException, are the only rules",
}
"""For `cannot_occur`: of an operation whose request is valid if it satisfies the contract."""

_EVERYWHERE: Mapping[str, str] = {
    "ProvisionedThroughputExceededException": "throughput is not provisioned: a full queue is ThrottlingException",
}
_WITHOUT_ENGINE: Mapping[str, str] = {
    "ThrottlingException": "the operation does not use the engine, and nothing else has a queue that can fill up",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One API call and its facts."""

    name: str
    """In the contract, for example "DetectLabels"."""
    handler: Handler
    runs: Runs
    """Where it runs, and therefore what admits it.

    "engine": needs the models, and takes a place in the bounded image queue. "database": reads or writes rows, on a
    worker thread. "quick": reads a row or two, on the event loop: handing it to a thread would cost more than it does.
    """
    max_body: int
    """Bytes of the largest request body."""
    resource: str = ANY
    """Template of the ARN that IAM decides on: "collection/{CollectionId}", "{ResourceArn}", or "*"."""
    differs: str = ""
    """How the operation differs from Amazon Rekognition's, Markdown."""
    impossible: Mapping[str, str] = field(default_factory=dict)
    """Errors that the contract models for this operation and that it never raises, with the reason."""
    not_yet: str = ""
    """Why openrek does not have it yet; empty for an operation that it has."""

    @property
    def action(self) -> str:
        """The IAM action, for example "rekognition:DetectLabels"."""
        return f"rekognition:{self.name}"

    @property
    def cannot_occur(self) -> Mapping[str, str]:
        """Every modelled error that is never raised, with the reason: the operation's own and those of its kind."""
        return {**_EVERYWHERE, **(_WITHOUT_ENGINE if self.runs != "engine" else {}), **self.impossible}

    def resource_arn(self, request: Request, resources: Repositories) -> str:
        """The ARN of the resource that the request names; "*" if it names none."""
        kind, brace, member = self.resource.partition("{")
        value = request.get(member[:-1]) if brace else None
        if not value:
            return ANY
        return resources.arn(kind[:-1], str(value)) if kind else str(value)


def default_max_body(contract: Contract, name: str) -> int:
    """Bytes of the largest body by the contract: 256 KiB, and more where the request carries an image."""
    return _MAX_BODY_BYTES_WITH_BLOB if _has_blob(contract, contract.operations[name].input) else _MAX_BODY_BYTES


def _has_blob(contract: Contract, shape_name: str) -> bool:
    shape = contract.shapes[shape_name]
    if shape["type"] == "structure":
        return any(_has_blob(contract, member["shape"]) for member in shape["members"].values())
    if shape["type"] == "list":
        return _has_blob(contract, shape["member"]["shape"])
    return bool(shape["type"] == "blob")
