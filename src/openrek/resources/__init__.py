"""What Rekognition keeps between requests: collections, galleries of known people, and tags; rows in SQL.

The function on AWS has no database: what needs one is loaded when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from openrek.resources.resources import Resources

if TYPE_CHECKING:
    from openrek.resources.celebrities import Celebrities, Celebrity
    from openrek.resources.collections import Collection, Collections
    from openrek.resources.tags import Tags

__all__ = ["Celebrities", "Celebrity", "Collection", "Collections", "Resources", "Tags"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(name)
    module = {"Celebrity": "celebrities", "Collection": "collections"}.get(name, name.lower())
    return getattr(import_module(f"openrek.resources.{module}"), name)
