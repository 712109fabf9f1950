"""The table of operations. Every operation of the contract is here with its facts, whether openrek has it yet or not.

A family of operations is a module anywhere below `openrek.rekognition.operations`: importing it enters its operations.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import walk_packages
from types import MappingProxyType

from openrek.protocol import load_contract
from openrek.rekognition.operation import ANY, Handler, Operation, Request, Response, Runs, default_max_body

__all__ = ["OPERATIONS", "Request", "Response", "find_families", "operation"]

_entered: dict[str, Operation] = {}
OPERATIONS: Mapping[str, Operation] = MappingProxyType(_entered)
"""Operations by name; complete once `find_families` has run, which importing `openrek.rekognition` does."""


def operation(
    name: str,
    *,
    runs: Runs,
    resource: str = ANY,
    differs: str = "",
    cannot_occur: Mapping[str, str] | None = None,
    max_body: int | None = None,
) -> Callable[[Handler], Handler]:
    """Enters a handler into the table, with the facts of its operation.

    Args:
        name: The operation's, in the contract.
        runs: Where it runs: see `Operation.runs`.
        resource: Template of the ARN that IAM decides on: see `Operation.resource`.
        differs: How it differs from Amazon Rekognition's, Markdown, for the coverage page.
        cannot_occur: Modelled errors that it never raises, with the reason. Those that follow from `runs` are added.
        max_body: Bytes of the largest request body. By default what the contract needs.

    Raises:
        ValueError: the table has an operation of this name, or the contract has none.
    """

    def enter(handler: Handler) -> Handler:
        contract = load_contract()
        if name in _entered:
            raise ValueError(f"{name} is in the table already")
        if name not in contract.operations:
            raise ValueError(f"{contract.service_id} has no operation {name}")
        limit = default_max_body(contract, name) if max_body is None else max_body
        _entered[name] = Operation(name, handler, runs, limit, resource, differs, dict(cannot_occur or {}))
        return handler

    return enter


def find_families() -> None:
    """Imports every module below `openrek.rekognition.operations`, then enters what is not there yet."""
    families = import_module("openrek.rekognition.operations")
    for module in walk_packages(families.__path__, f"{families.__name__}."):
        import_module(module.name)
    from openrek.rekognition.not_yet import not_yet_operations

    for absent in not_yet_operations():
        _entered.setdefault(absent.name, absent)
