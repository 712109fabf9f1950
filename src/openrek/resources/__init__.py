"""What Rekognition keeps between requests: collections, galleries of known people, and tags; rows in SQL."""

from openrek.resources.celebrities import Celebrities, Celebrity
from openrek.resources.collections import Collection, Collections
from openrek.resources.resources import Resources
from openrek.resources.tags import Tags

__all__ = ["Celebrities", "Celebrity", "Collection", "Collections", "Resources", "Tags"]
