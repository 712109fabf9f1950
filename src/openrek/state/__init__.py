"""What Rekognition keeps between requests: collections, galleries of known people, tags and jobs; rows in SQL.

The function on AWS has no database: modules that need one are loaded on demand.
"""

from typing import TYPE_CHECKING, Any

from openrek.state.repositories import Repositories

if TYPE_CHECKING:
    from openrek.state.celebrities import Celebrities, Celebrity
    from openrek.state.collections import Collection, Collections
    from openrek.state.jobs import Job, Jobs
    from openrek.state.notifications import Notification, Notifications
    from openrek.state.tags import Tags
    from openrek.state.workers import Worker, Workers

__all__ = [
    "Celebrities",
    "Celebrity",
    "Collection",
    "Collections",
    "Job",
    "Jobs",
    "Notification",
    "Notifications",
    "Repositories",
    "Tags",
    "Worker",
    "Workers",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(name)
    module = "celebrities" if name == "Celebrity" else f"{name.lower().removesuffix('s')}s"
    return getattr(import_module(f"openrek.state.{module}"), name)
