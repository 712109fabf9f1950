"""The REST API's OpenAPI document. The shapes of findings are read from Rekognition's contract, not written here."""

from functools import cache
from typing import Any

from openrek.protocol import Contract, load_contract
from openrek.version import __version__

_FINDINGS = {
    "labels": ("DetectLabels", "Labels"),
    "faces": ("DetectFaces", "FaceDetails"),
    "text": ("DetectText", "TextDetections"),
    "moderation": ("DetectModerationLabels", "ModerationLabels"),
}
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
def openapi_document() -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    contract = load_contract()
    schemas: dict[str, Any] = {}
    findings = {}
    for name, (operation, member) in _FINDINGS.items():
        output = contract.shapes[contract.operations[operation].output or ""]
        findings[name] = _schema(contract, output["members"][member]["shape"], schemas)
    schemas |= _own_schemas(findings)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "openrek",
            "version": __version__,
            "summary": "Picture in, everything it shows out.",
            "description": "Beside this API, `POST /` speaks Amazon Rekognition's own protocol: point "
            "`AWS_ENDPOINT_URL_REKOGNITION` at this address and use any AWS SDK.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The file `token` in the data folder.",
                },
                "session": {"type": "apiKey", "in": "cookie", "name": "openrek_session"},
            },
        },
    }


def _paths() -> dict[str, Any]:
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    picture = {"schema": {"type": "string", "contentMediaType": "image/*"}}
    form = {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
    }
    return {
        "/v1/analyses": {
            "post": {
                "summary": "Analyse a picture and keep the outcome",
                "operationId": "createAnalysis",
                "requestBody": {
                    "required": True,
                    "content": {
                        "image/jpeg": picture,
                        "image/png": picture,
                        "application/octet-stream": picture,
                        "multipart/form-data": form,
                        "application/json": {"schema": _object(key={"type": "string"})},
                    },
                },
                "responses": {
                    "201": _answer("The analysis", "Analysis"),
                    **_problems(400, 401, 404, 413, 415, 429),
                },
            },
            "get": {
                "summary": "Analyses kept, newest first",
                "operationId": "listAnalyses",
                "parameters": [
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 24}),
                    _query("after", {"type": "string", "description": "`next` of the page before"}),
                ],
                "responses": {"200": _answer("A page", "AnalysisPage"), **_problems(400, 401)},
            },
        },
        "/v1/uploads": {
            "post": {
                "summary": "A place to put a picture of up to 15 MiB; then create its analysis by the key",
                "operationId": "createUpload",
                "responses": {"201": _answer("Where to put it", "Upload"), **_problems(401)},
            }
        },
        "/v1/analyses/{id}": {
            "parameters": [identifier],
            "get": {
                "summary": "One analysis, with fresh links to its objects",
                "operationId": "readAnalysis",
                "responses": {"200": _answer("The analysis", "Analysis"), **_problems(401, 404, 409)},
            },
            "delete": {
                "summary": "Delete an analysis and its objects",
                "operationId": "deleteAnalysis",
                "responses": {"204": {"description": "Deleted"}, **_problems(401, 404)},
            },
        },
        "/v1/logs": {
            "get": {
                "summary": "Log records: the newest, or those after a position",
                "operationId": "readLogs",
                "parameters": [
                    _query("request_id", {"type": "string"}),
                    _query("analysis_id", {"type": "string"}),
                    _query("after", {"type": "integer", "minimum": 0}),
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
                ],
                "responses": {"200": _answer("Records, oldest first", "LogPage"), **_problems(400, 401)},
            }
        },
        "/health": {
            "get": {
                "summary": "Whether the service answers, its models warm",
                "operationId": "health",
                "security": [],
                "responses": {"200": {"description": "It does", "content": {"application/json": {}}}},
            }
        },
    }


def _own_schemas(findings: dict[str, Any]) -> dict[str, Any]:
    text, number, whole = {"type": "string"}, {"type": "number"}, {"type": "integer"}
    image = _object(width=whole, height=whole, format=text, bytes=whole)
    stored = _object(bucket=text, key=text, url={"type": "string", "format": "uri"})
    roles = ("original", "result", "annotated", "thumbnail")
    return {
        "StoredObject": stored,
        "Analysis": _object(
            id=text,
            created_at={"type": "string", "format": "date-time"},
            image=image,
            **findings,
            models={"type": "object", "additionalProperties": text},
            objects=_object(**{role: {"$ref": "#/components/schemas/StoredObject"} for role in roles}),
            timings_ms={"type": "object", "additionalProperties": number},
        ),
        "AnalysisPage": _object(
            analyses={
                "type": "array",
                "items": _object(
                    id=text,
                    created_at={"type": "string", "format": "date-time"},
                    image={"anyOf": [image, {"type": "null"}]},
                    labels={"type": "array", "items": text},
                    faces=whole,
                    text=whole,
                    moderation={"type": "array", "items": text},
                    thumbnail_url={"type": ["string", "null"], "format": "uri"},
                    optional={"damaged": {"type": "string", "description": "Why its result cannot be read"}},
                ),
            },
            next={"type": ["string", "null"]},
        ),
        "Upload": _object(
            key=text,
            method=text,
            url={"type": "string", "format": "uri"},
            headers={"type": "object", "additionalProperties": text},
            expires_at={"type": "string", "format": "date-time"},
            max_bytes=whole,
        ),
        "LogPage": _object(events={"type": "array", "items": {"type": "object"}}, next=whole),
        "ApiError": _object(error=_object(code=text, message=text, request_id=text)),
    }


def _object(*, optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties | (optional or {})}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _answer(description: str, schema: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _problems(*statuses: int) -> dict[str, Any]:
    return {str(status): _answer("What is wrong, in plain words", "ApiError") for status in statuses}


def _schema(contract: Contract, name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of a shape of the contract; structures go to `schemas` under their own names."""
    shape = contract.shapes[name]
    kind = shape["type"]
    if kind == "list":
        return {"type": "array", "items": _schema(contract, shape["member"]["shape"], schemas)}
    if kind == "map":
        return {"type": "object", "additionalProperties": _schema(contract, shape["value"]["shape"], schemas)}
    if kind == "structure":
        if name not in schemas:
            schemas[name] = {"type": "object", "properties": {}}
            schemas[name]["properties"] = {
                member: _schema(contract, reference["shape"], schemas) for member, reference in shape["members"].items()
            }
        return {"$ref": f"#/components/schemas/{name}"}
    scalar = dict(_SCALARS[kind])
    if "enum" in shape:
        scalar["enum"] = shape["enum"]
    return scalar
