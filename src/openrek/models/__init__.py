"""Pulled packs: models that are downloaded when somebody asks for them, checked, kept in the data folder and chosen.

The engine knows packs as folders and nothing of where they come from; this room knows where they come from.
"""

from openrek.models.download import PullError
from openrek.models.library import Library
from openrek.models.listing import Listed, listed
from openrek.models.offer import DEFAULT, Offer, OfferedModel, read_catalogue, read_offer
from openrek.models.pull import Pulled, Told, Trust, pull

__all__ = [
    "DEFAULT",
    "Library",
    "Listed",
    "Offer",
    "OfferedModel",
    "PullError",
    "Pulled",
    "Told",
    "Trust",
    "listed",
    "pull",
    "read_catalogue",
    "read_offer",
]
