"""What Rekognition keeps between requests: collections, galleries of known people, and tags; rows in SQL.

The function on AWS has no database: modules that need one are loaded on demand.
"""

from typing import TYPE_CHECKING, Any

from openrek.state.repositories import Repositories

if TYPE_CHECKING:
    from openrek.state.celebrities import Celebrities, Celebrity
    from openrek.state.collections import Collection, Collections
    from openrek.state.tags import Tags

__all__ = ["Celebrities", "Celebrity", "Collection", "Collections", "Repositories", "Tags"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(name)
    module = {"Celebrity": "celebrities", "Collection": "collections"}.get(name, name.lower())
    return getattr(import_module(f"openrek.state.{module}"), name)
