"""Vectors of faces in memory: searched exactly, derived from rows, never the only copy."""

from openrek.vectors.exact import ExactIndex
from openrek.vectors.index import Neighbours, VectorIndex
from openrek.vectors.replica import ChangeFeed, Changes, VectorReplica

__all__ = ["ChangeFeed", "Changes", "ExactIndex", "Neighbours", "VectorIndex", "VectorReplica"]
