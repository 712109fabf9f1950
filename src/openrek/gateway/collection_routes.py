"""REST routes that correct who is who in a collection. They call operations as the owner of the token."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import Response

from openrek.gateway.context import RequestContext
from openrek.gateway.routes import Handler, Route, RunsOn
from openrek.gateway.services import GatewayServices
from openrek.rekognition.curation.curation import MAX_GROUPED, Curation
from openrek.web.api_error import ApiError
from openrek.web.query import printable, whole_number

_PAGE_LIMIT = 1000
_PAGE_DEFAULT = 100
_MAX_NUMBER = 2**63 - 1
_COLLECTION = "/v1/collections/{collection}"
_DEFAULT_GROUPED = 20_000

Answer = Callable[[RequestContext, Curation], Response]


def collection_routes() -> list[Route]:
    """All of them."""
    face, user = f"{_COLLECTION}/faces/{{face}}", f"{_COLLECTION}/users/{{user}}"
    table: list[tuple[str, str, Answer]] = [
        ("GET", "/v1/collections", _collections),
        ("GET", f"{_COLLECTION}/faces", _faces),
        ("GET", f"{_COLLECTION}/groups", _groups),
        ("GET", f"{face}/crop", _crop),
        ("GET", f"{face}/matches/{{other}}", _match),
        ("GET", f"{_COLLECTION}/users", _users),
        ("POST", f"{user}/faces", _name),
        ("DELETE", f"{user}/faces/{{face}}", _disassociate),
        ("POST", f"{user}/merge", _merge),
    ]
    return [Route(method, path, _handler(answer), RunsOn.THREAD) for method, path, answer in table]


def _handler(answer: Answer) -> Handler:
    def handle(context: RequestContext, services: GatewayServices) -> Response:
        return answer(context, services.curation)

    return handle


def _collections(context: RequestContext, curation: Curation) -> Response:
    """GET /v1/collections: by name."""
    after = printable(context.request.query_params.get("after"), "after", 255)
    return _json(curation.collections(_limit(context), after or ""))


def _faces(context: RequestContext, curation: Curation) -> Response:
    """GET …/faces: of the collection, of a user, or those without a user."""
    limit, after = _page(context)
    query = context.request.query_params
    user, unknown = printable(query.get("user"), "user"), _flag(query.get("unknown"), "unknown")
    if user is not None and unknown:
        raise ApiError(400, "InvalidParameterException", "user and unknown cannot be used together.")
    return _json(curation.faces(_collection(context), limit, after, user=user, unknown=unknown))


def _groups(context: RequestContext, curation: Curation) -> Response:
    """GET …/groups: faces without a user, grouped by person."""
    query = context.request.query_params
    min_similarity = whole_number(query.get("min_similarity"), "min_similarity", 1, 100, 99)
    faces = whole_number(query.get("faces"), "faces", 2, MAX_GROUPED, _DEFAULT_GROUPED)
    return _json(curation.groups(_collection(context), faces, min_similarity))


def _crop(context: RequestContext, curation: Curation) -> Response:
    """GET …/faces/{face}/crop: the kept crop."""
    crop = curation.crop(_collection(context), _parameter(context, "face"))
    return Response(crop, media_type="image/jpeg", headers={"cache-control": "private, no-store"})


def _match(context: RequestContext, curation: Curation) -> Response:
    """GET …/faces/{face}/matches/{other}: why two faces match."""
    collection = _collection(context)
    match = curation.match(collection, _parameter(context, "face"), _parameter(context, "other"))
    for face in match["faces"]:
        kept = face.pop("has_crop")
        face["crop_url"] = f"/v1/collections/{collection}/faces/{face['face']['FaceId']}/crop" if kept else None
    return _json(match)


def _users(context: RequestContext, curation: Curation) -> Response:
    """GET …/users: with their faces."""
    limit, after = _page(context)
    return _json(curation.users(_collection(context), limit, after))


def _name(context: RequestContext, curation: Curation) -> Response:
    """POST …/users/{user}/faces: these faces are this user's."""
    faces = _member(context, "face_ids", list)
    if not faces or not all(isinstance(face, str) for face in faces):
        raise ApiError(400, "InvalidParameterException", "face_ids must be a list of one or more FaceIds.")
    return _json(curation.name(_collection(context), _parameter(context, "user"), faces))


def _disassociate(context: RequestContext, curation: Curation) -> Response:
    """DELETE …/users/{user}/faces/{face}: this is not the user."""
    curation.disassociate(_collection(context), _parameter(context, "user"), [_parameter(context, "face")])
    return Response(status_code=204)


def _merge(context: RequestContext, curation: Curation) -> Response:
    """POST …/users/{user}/merge: another user is the same person."""
    other = _member(context, "user_id", str)
    return _json(curation.merge(_collection(context), _parameter(context, "user"), other))


def _limit(context: RequestContext) -> int:
    return whole_number(context.request.query_params.get("limit"), "limit", 1, _PAGE_LIMIT, _PAGE_DEFAULT)


def _page(context: RequestContext) -> tuple[int, int]:
    """Limit and position."""
    after = whole_number(context.request.query_params.get("after"), "after", 0, _MAX_NUMBER, 0)
    return _limit(context), after


def _flag(text: str | None, name: str) -> bool:
    if text not in (None, "true", "false"):
        raise ApiError(400, "InvalidParameterException", f"{name} must be true or false.")
    return text == "true"


def _collection(context: RequestContext) -> str:
    return _parameter(context, "collection")


def _parameter(context: RequestContext, name: str) -> str:
    value: str = context.request.path_params[name]
    return value


def _member(context: RequestContext, name: str, kind: type) -> Any:
    """A member of the body, which is a JSON object."""
    try:
        value = orjson.loads(context.body).get(name)
    except (orjson.JSONDecodeError, AttributeError):
        raise ApiError(400, "InvalidParameterException", "The body must be a JSON object.") from None
    if not isinstance(value, kind):
        raise ApiError(400, "InvalidParameterException", f"The body must have {name}.")
    return value


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body, default=str), media_type="application/json")
