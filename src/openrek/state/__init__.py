"""What Rekognition keeps between requests: collections of faces and users, known people, and tags; rows in SQL.

The function on AWS has no database: modules that need one are loaded on demand.
"""

from typing import TYPE_CHECKING, Any

from openrek.state.repositories import Repositories

if TYPE_CHECKING:
    from openrek.state.celebrities import Celebrities, Celebrity
    from openrek.state.collections import Collection, Collections
    from openrek.state.face_rows import Face, NewFace
    from openrek.state.faces import Faces
    from openrek.state.request_tokens import RequestTokens, TokenScope
    from openrek.state.tags import Tags
    from openrek.state.users import User, Users

_MODULES = {
    "Celebrity": "celebrities",
    "Collection": "collections",
    "Face": "face_rows",
    "NewFace": "face_rows",
    "RequestTokens": "request_tokens",
    "TokenScope": "request_tokens",
    "User": "users",
}
__all__ = [
    "Celebrities",
    "Celebrity",
    "Collection",
    "Collections",
    "Face",
    "Faces",
    "NewFace",
    "Repositories",
    "RequestTokens",
    "Tags",
    "TokenScope",
    "User",
    "Users",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(name)
    module = _MODULES.get(name, name.lower())
    return getattr(import_module(f"openrek.state.{module}"), name)
