"""The handler: events of the API's routes, of the inbox and of finished videos."""

import threading
from collections.abc import Callable
from typing import Any

import orjson

from openrek.function.analysis_record import AnalysisDamagedError, check_record, damaged_record
from openrek.function.findings import leading
from openrek.function.inbox import Inbox
from openrek.function.pipeline import run
from openrek.function.recognition import SourceImage
from openrek.function.services import FunctionServices
from openrek.function.uploads import Uploads
from openrek.function.videos import Videos
from openrek.ids import is_identifier
from openrek.web.api_error import ApiError, api_error_of
from openrek.web.lambda_event import Event, kind_of, normalised, origin_of
from openrek.web.query import whole_number
from openrek.web.uploaded_image import uploaded_image

Response = dict[str, Any]

RECOGNISING = frozenset({"POST /v1/analyses"})
"""Route keys of requests that ask recognition, and so take their time."""
PAGE_LIMIT = 100
_PAGE_DEFAULT = 24
_SUMMARY_LABELS = 3


class Function:
    """`function(event, context)` answers one event: of an API Gateway (HTTP API or REST API), of a bucket, of a topic.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    def __init__(self, services: FunctionServices) -> None:
        self._services = services
        self._uploads = Uploads(services)
        self._videos = Videos(services)
        self._inbox = Inbox(services, self._videos)
        self._routes: dict[str, Callable[[Event, str], Response]] = {
            "POST /v1/uploads": self._offer,
            "POST /v1/analyses": self._create,
            "GET /v1/analyses": self._list,
            "GET /v1/analyses/{id}": self._read,
            "DELETE /v1/analyses/{id}": self._delete,
        }

    def sweep(self, stopping: threading.Event | None = None) -> int:
        """Removes abandoned uploads: see Uploads.sweep."""
        return self._uploads.sweep(stopping)

    @property
    def routes(self) -> tuple[str, ...]:
        """The route keys that the gateway connects to this function."""
        return tuple(self._routes)

    def __call__(self, event: Event, context: Any) -> Response:
        """The response in Lambda's proxy format; for events of AWS's own, what was done.

        A request that fails is logged and answered as JSON; an event of AWS's own that fails through no fault of the
        image raises, so that Lambda delivers it again.
        """
        kind = kind_of(event)
        if kind == "bucket":
            return self._inbox.take(event, context.aws_request_id)
        if kind == "topic":
            return self._videos.finish(event, context.aws_request_id)
        event = normalised(event)
        request_id = event.get("requestContext", {}).get("requestId") or context.aws_request_id
        try:
            route = self._routes.get(event.get("routeKey", ""))
            if route is None:
                raise ApiError(404, "NotFound", f"there is no route {str(event.get('routeKey', ''))[:200]!r}")
            return route(event, request_id)
        except Exception as error:
            return self.error_response(error, event, request_id)

    def error_response(self, error: Exception, event: Event, request_id: str) -> Response:
        """The answer to a request that failed, which is logged."""
        problem = api_error_of(error)
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
        answer = _json(problem.status, problem.as_dict(request_id))
        answer["headers"].update(problem.headers)
        return answer

    def _offer(self, event: Event, request_id: str) -> Response:
        return _json(201, self._uploads.offer(origin_of(event)))

    def _create(self, event: Event, request_id: str) -> Response:
        services = self._services
        content_type = event.get("headers", {}).get("content-type", "")
        if content_type.partition(";")[0].strip().lower() == "application/json":
            with self._uploads.taken(event) as image:
                result = run(services, image, request_id)
        else:
            image = SourceImage(uploaded_image(event, services.max_image_bytes), content_type=content_type or None)
            result = run(services, image, request_id)
        response = _json(201, self._with_links(result, event))
        response["headers"]["location"] = f"/v1/analyses/{image.identifier}"
        return response

    def _list(self, event: Event, request_id: str) -> Response:
        query = event.get("queryStringParameters") or {}
        limit = whole_number(query.get("limit"), "limit", 1, PAGE_LIMIT, _PAGE_DEFAULT)
        results, following = self._services.archive.page(limit, _after(query.get("after")))
        origin = origin_of(event)
        return _json(200, {"analyses": [self._summary(result, origin) for result in results], "next": following})

    def _summary(self, result: dict[str, Any], origin: str) -> dict[str, Any]:
        try:
            check_record(result)
        except AnalysisDamagedError as error:
            nothing: dict[str, Any] = {
                "image": None,
                "labels": [],
                "faces": 0,
                "text": 0,
                "moderation": [],
                "thumbnail_url": None,
            }
            return damaged_record(error) | nothing
        thumbnail = result["objects"]["thumbnail"]
        return {
            "id": result["id"],
            "created_at": result["created_at"],
            "image": result["image"],
            "labels": [label["Name"] for label in leading(result["labels"], _SUMMARY_LABELS)],
            "faces": len(result["faces"]),
            "text": sum(text["Type"] == "LINE" for text in result["text"]),
            "moderation": [label["Name"] for label in result["moderation"]],
            "thumbnail_url": self._services.share(origin, thumbnail["bucket"], thumbnail["key"]),
        }

    def _read(self, event: Event, request_id: str) -> Response:
        try:
            result = self._services.archive.load(event["pathParameters"]["id"])
            check_record(result)
        except AnalysisDamagedError as error:
            raise ApiError(409, "AnalysisDamaged", str(error)) from None
        return _json(200, self._with_links(result, event))

    def _delete(self, event: Event, request_id: str) -> Response:
        identifier = event["pathParameters"]["id"]
        self._services.archive.delete(identifier)
        self._services.log.emit("deleted", request_id=request_id, analysis_id=identifier)
        return {"statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": False}

    def _with_links(self, result: dict[str, Any], event: Event) -> dict[str, Any]:
        share, origin = self._services.share, origin_of(event)
        objects = {
            role: location | {"url": share(origin, location["bucket"], location["key"])}
            for role, location in result["objects"].items()
        }
        return result | {"objects": objects}


def _after(raw: str | None) -> str | None:
    if not raw:
        return None
    if not is_identifier(raw):
        raise ApiError(
            400,
            "InvalidParameterException",
            f"after is {raw[:40]!r}; it must be the `next` of the page before.",
        )
    return raw


def _json(status: int, body: Any) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": orjson.dumps(body).decode(),
        "isBase64Encoded": False,
    }
