"""The handler: steps 4 to 8 of the system, behind four routes."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from openrek.function.analysis import Findings, analyse, leading
from openrek.function.identifier import new_identifier
from openrek.function.picture import Processed, process
from openrek.function.problem import Problem, problem_of
from openrek.function.services import FunctionServices
from openrek.function.upload import uploaded_picture

Event = Mapping[str, Any]
Response = dict[str, Any]

PAGE_LIMIT = 100
_PAGE_DEFAULT = 24
_SUMMARY_LABELS = 3


class Function:
    """`function(event, context)` answers one API Gateway event (HTTP API, payload format 2.0).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    def __init__(self, services: FunctionServices) -> None:
        self._services = services
        self._routes: dict[str, Callable[[Event, str], Response]] = {
            "POST /v1/analyses": self._create,
            "GET /v1/analyses": self._list,
            "GET /v1/analyses/{id}": self._read,
            "DELETE /v1/analyses/{id}": self._delete,
        }

    @property
    def routes(self) -> tuple[str, ...]:
        """The route keys that the gateway connects to this function."""
        return tuple(self._routes)

    def __call__(self, event: Event, context: Any) -> Response:
        """The response in Lambda's proxy format. Never raises: what fails is logged and answered as JSON."""
        request_id = event.get("requestContext", {}).get("requestId") or context.aws_request_id
        try:
            route = self._routes.get(event.get("routeKey", ""))
            if route is None:
                raise Problem(404, "NotFound", f"there is no route {event.get('routeKey', '')!r}")
            return route(event, request_id)
        except Exception as error:
            problem = problem_of(error)
            self._services.log.emit(
                "failed",
                problem.message,
                level="ERROR" if problem.status >= 500 else "WARNING",
                request_id=request_id,
                status=problem.status,
                code=problem.code,
                route=event.get("routeKey"),
                **({"cause": repr(error)[:500]} if problem.status >= 500 else {}),
            )
            return _json(problem.status, problem.as_dict(request_id))

    def _create(self, event: Event, request_id: str) -> Response:
        started = time.perf_counter()
        services = self._services
        data = uploaded_picture(event, services.max_image_bytes)
        identifier = new_identifier()
        names = {"request_id": request_id, "analysis_id": identifier}
        services.log.emit(
            "received", **names, bytes=len(data), content_type=event.get("headers", {}).get("content-type")
        )
        findings = analyse(services.recognition, data)
        services.log.emit("recognised", **names, **_counts(findings))

        drawing = time.perf_counter()
        processed = process(data, findings.as_dict())
        timings = findings.timings_ms | {"draw": _milliseconds(drawing)}
        result = self._result(identifier, data, processed, findings)
        result["timings_ms"] = timings

        storing = time.perf_counter()
        services.archive.save(
            identifier,
            result,
            {
                f"original.{processed.extension}": data,
                "annotated.jpg": processed.annotated,
                "thumbnail.jpg": processed.thumbnail,
            },
        )
        timings["store"] = _milliseconds(storing)
        timings["total"] = _milliseconds(started)
        services.log.emit("stored", **names, bucket=services.archive.bucket, timings_ms=timings)
        response = _json(201, self._with_links(result, event))
        response["headers"]["location"] = f"/v1/analyses/{identifier}"
        return response

    def _list(self, event: Event, request_id: str) -> Response:
        query = event.get("queryStringParameters") or {}
        results, following = self._services.archive.page(_limit(query.get("limit")), query.get("after"))
        share, origin = self._services.share, _origin(event)
        summaries = [
            {
                "id": result["id"],
                "created_at": result["created_at"],
                "image": result["image"],
                "labels": [label["Name"] for label in leading(result["labels"], _SUMMARY_LABELS)],
                "faces": len(result["faces"]),
                "text": sum(text["Type"] == "LINE" for text in result["text"]),
                "moderation": [label["Name"] for label in result["moderation"]],
                "thumbnail_url": share(
                    origin, result["objects"]["thumbnail"]["bucket"], result["objects"]["thumbnail"]["key"]
                ),
            }
            for result in results
        ]
        return _json(200, {"analyses": summaries, "next": following})

    def _read(self, event: Event, request_id: str) -> Response:
        result = self._services.archive.load(event["pathParameters"]["id"])
        return _json(200, self._with_links(result, event))

    def _delete(self, event: Event, request_id: str) -> Response:
        identifier = event["pathParameters"]["id"]
        self._services.archive.delete(identifier)
        self._services.log.emit("deleted", request_id=request_id, analysis_id=identifier)
        return {"statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": False}

    def _result(self, identifier: str, data: bytes, processed: Processed, findings: Findings) -> dict[str, Any]:
        archive = self._services.archive
        names = {
            "original": f"original.{processed.extension}",
            "result": "result.json",
            "annotated": "annotated.jpg",
            "thumbnail": "thumbnail.jpg",
        }
        return {
            "id": identifier,
            "created_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "image": {
                "width": processed.width,
                "height": processed.height,
                "format": processed.format,
                "bytes": len(data),
            },
            **findings.as_dict(),
            "objects": {
                role: {"bucket": archive.bucket, "key": archive.key(identifier, name)} for role, name in names.items()
            },
        }

    def _with_links(self, result: dict[str, Any], event: Event) -> dict[str, Any]:
        share, origin = self._services.share, _origin(event)
        objects = {
            role: place | {"url": share(origin, place["bucket"], place["key"])}
            for role, place in result["objects"].items()
        }
        return result | {"objects": objects}


def _counts(findings: Findings) -> dict[str, Any]:
    top = [f"{label['Name']} {label['Confidence']:.0f}%" for label in leading(findings.labels, 5)]
    return {
        "labels": len(findings.labels),
        "faces": len(findings.faces),
        "text_lines": sum(text["Type"] == "LINE" for text in findings.text),
        "moderation": [label["Name"] for label in findings.moderation],
        "top_labels": top,
        "timings_ms": findings.timings_ms,
    }


def _limit(raw: str | None) -> int:
    if raw is None:
        return _PAGE_DEFAULT
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:9]) <= PAGE_LIMIT:
        raise Problem(
            400,
            "InvalidParameterException",
            f"limit is {raw[:20]!r}; it must be a whole number from 1 to {PAGE_LIMIT}",
        )
    return int(raw)


def _origin(event: Event) -> str:
    headers = event.get("headers") or {}
    scheme = headers.get("x-forwarded-proto", "https")
    return f"{scheme}://{headers.get('host') or event['requestContext']['domainName']}"


def _json(status: int, body: Any) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": orjson.dumps(body).decode(),
        "isBase64Encoded": False,
    }


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
