"""Pulled packs: models that are downloaded on request, verified, kept in the data folder and selected by task.

The engine knows packs as folders and nothing of where they come from; this room knows where they come from.
"""

from openrek.model_store.catalogue import DEFAULT, CatalogueEntry, CatalogueModel, read_catalogue, read_entry
from openrek.model_store.download import PullError
from openrek.model_store.library import Library
from openrek.model_store.pull import ProgressCallback, Pulled, TrustPolicy, pull
from openrek.model_store.status import PackStatus, listed

__all__ = [
    "DEFAULT",
    "CatalogueEntry",
    "CatalogueModel",
    "Library",
    "PackStatus",
    "ProgressCallback",
    "PullError",
    "Pulled",
    "TrustPolicy",
    "listed",
    "pull",
    "read_catalogue",
    "read_entry",
]
