"""CreateUser, DeleteUser and ListUsers.

https://docs.aws.amazon.com/rekognition/latest/dg/create-user.html
"""

from typing import TYPE_CHECKING

from openrek.rekognition.operation import ONLY_CONSTRAINTS, Request, Response
from openrek.rekognition.page_token import issue_number_token, read_number_token
from openrek.rekognition.registry import operation
from openrek.rekognition.render.collection_faces import user_member
from openrek.rekognition.repeated_request import once
from openrek.rekognition.services import Services

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLLECTION = "collection/{CollectionId}"
_PAGE = 500


@operation(
    "CreateUser",
    runs="database",
    resource=_COLLECTION,
    cannot_occur={**ONLY_CONSTRAINTS, "ServiceQuotaExceededException": "the number of users is not limited"},
)
def create_user(request: Request, services: Services) -> Response:
    """A user without faces."""

    def create(connection: "Connection") -> Response:
        services.resources.users.create(request["CollectionId"], request["UserId"], connection)
        return {}

    return once("CreateUser", request, services, create)


@operation(
    "DeleteUser",
    runs="database",
    resource=_COLLECTION,
    cannot_occur={**ONLY_CONSTRAINTS, "ConflictException": "changes of a collection wait for one another"},
)
def delete_user(request: Request, services: Services) -> Response:
    """Deletes a user; its faces stay in the collection."""
    users = services.resources.users

    def delete(connection: "Connection") -> Response:
        users.delete(request["CollectionId"], request["UserId"], connection)
        return {}

    response = once("DeleteUser", request, services, delete)
    users.erase()
    return response


@operation(
    "ListUsers",
    runs="database",
    resource=_COLLECTION,
    differs="In the order in which users were created, 500 a page by default.",
    cannot_occur=ONLY_CONSTRAINTS,
)
def list_users(request: Request, services: Services) -> Response:
    """Users of a collection in pages."""
    collection = services.resources.collections.get(request["CollectionId"])
    scope = ("ListUsers", collection.incarnation)
    after = read_number_token(request.get("NextToken"), *scope)
    limit = request.get("MaxResults", _PAGE)
    found = services.resources.users.page(collection, after, limit + 1)
    response: Response = {"Users": [user_member(user) for user in found[:limit]]}
    if len(found) > limit:
        response["NextToken"] = issue_number_token(found[limit - 1].number, *scope)
    return response
