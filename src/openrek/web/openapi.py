"""The REST API's OpenAPI document: `openapi.json` beside this file, completed by the shapes of Rekognition's contract.

A `$ref` in the file to a schema that it does not define names a shape of the contract, as `Label` or `FaceDetail`.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from openrek.protocol import Contract, load_contract
from openrek.version import __version__

_SCHEMAS = "#/components/schemas/"
_SCALARS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "timestamp": {"type": "number"},
    "blob": {"type": "string", "format": "byte"},
}


@cache
def openapi_document(routes: frozenset[str] | None = None) -> dict[str, Any]:
    """The document, OpenAPI 3.1.

    Args:
        routes: Route keys, as "GET /v1/analyses"; others are left out. All by default.
    """
    document: dict[str, Any] = orjson.loads((files("openrek.web") / "openapi.json").read_bytes())
    document["info"]["version"] = __version__
    if routes is not None:
        document["paths"] = {
            path: kept for path, operations in document["paths"].items() if (kept := _served(path, operations, routes))
        }
    contract = load_contract()
    schemas = document["components"]["schemas"]
    for name in set(_references(document)) - schemas.keys():
        _schema(contract, name, schemas)
    return document


def _served(path: str, operations: dict[str, Any], routes: frozenset[str]) -> dict[str, Any]:
    """The operations of a path that have a route, with what they share; nothing if none has."""
    served = {method: facts for method, facts in operations.items() if f"{method.upper()} {path}" in routes}
    shared = {name: facts for name, facts in operations.items() if name == "parameters"}
    return shared | served if served else {}


def _references(node: Any) -> Iterator[str]:
    """Names of the schemas that a part of the document refers to."""
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.removeprefix(_SCHEMAS)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _schema(contract: Contract, name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of a shape of the contract; structures go to `schemas` under their own names."""
    shape = contract.shapes[name]
    shape_type = shape["type"]
    if shape_type == "list":
        return {"type": "array", "items": _schema(contract, shape["member"]["shape"], schemas)}
    if shape_type == "map":
        return {"type": "object", "additionalProperties": _schema(contract, shape["value"]["shape"], schemas)}
    if shape_type == "structure":
        if name not in schemas:
            schemas[name] = {"type": "object", "properties": {}}
            schemas[name]["properties"] = {
                member: _schema(contract, reference["shape"], schemas) for member, reference in shape["members"].items()
            }
        return {"$ref": f"{_SCHEMAS}{name}"}
    scalar = dict(_SCALARS[shape_type])
    if "enum" in shape:
        scalar["enum"] = shape["enum"]
    return scalar
