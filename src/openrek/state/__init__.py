"""What Rekognition keeps between requests: collections of faces and users, known people, tags and jobs; rows in SQL.

The function on AWS has no database: modules that need one are loaded on demand.
"""

from typing import TYPE_CHECKING, Any

from openrek.state.repositories import Repositories

if TYPE_CHECKING:
    from openrek.state.celebrities import Celebrities, Celebrity
    from openrek.state.collections import Collection, Collections
    from openrek.state.face_rows import Face, NewFace
    from openrek.state.faces import Faces
    from openrek.state.jobs import Job, Jobs
    from openrek.state.notifications import Notification, Notifications
    from openrek.state.request_tokens import RequestTokens, TokenScope
    from openrek.state.tags import Tags
    from openrek.state.users import User, Users
    from openrek.state.workers import Worker, Workers

_MODULES = {
    "Celebrity": "celebrities",
    "Collection": "collections",
    "Face": "face_rows",
    "Job": "jobs",
    "NewFace": "face_rows",
    "Notification": "notifications",
    "RequestTokens": "request_tokens",
    "TokenScope": "request_tokens",
    "User": "users",
    "Worker": "workers",
}
__all__ = [
    "Celebrities",
    "Celebrity",
    "Collection",
    "Collections",
    "Face",
    "Faces",
    "Job",
    "Jobs",
    "NewFace",
    "Notification",
    "Notifications",
    "Repositories",
    "RequestTokens",
    "Tags",
    "TokenScope",
    "User",
    "Users",
    "Worker",
    "Workers",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(name)
    module = _MODULES.get(name, name.lower())
    return getattr(import_module(f"openrek.state.{module}"), name)
