"""The faces of known people in memory, in an index like those of collections."""

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openrek.state import Repositories

if TYPE_CHECKING:
    from openrek.state import Celebrity
    from openrek.vectors import VectorIndex

_CHECK_SECONDS = 0.5
"""On PostgreSQL, people who were added elsewhere are known after at most so long."""


class CelebrityGallery:
    """Follows the rows: they are read again once they have changed, and none is read otherwise."""

    def __init__(self, resources: Repositories) -> None:
        self._resources = resources
        self._lock = threading.Lock()
        self._model = ""
        self._version: object = None
        self._fingerprint: object = None
        self._people: list[Celebrity] = []
        self._index: VectorIndex | None = None

    def is_empty(self, model: str) -> bool:
        """Whether nobody is known by a face that this model embedded."""
        with self._lock:
            self._bring_up_to_date(model)
            return self._index is None

    def nearest(self, vector: NDArray[Any], model: str) -> "tuple[Celebrity, float] | None":
        """Who is most like a face, and the cosine; None if nobody is known.

        Args:
            vector: (D,), of length 1.
            model: Version of the model that made it. Faces of other models are not compared.
        """
        with self._lock:
            self._bring_up_to_date(model)
            people, index = self._people, self._index
        if index is None:
            return None
        found = index.search(np.asarray(vector, np.float32), 1)
        return people[int(found.numbers[0])], float(found.cosines[0])

    def _bring_up_to_date(self, model: str) -> None:
        celebrities = self._resources.celebrities
        version = celebrities.data_version()
        if version is None:
            version = int(time.monotonic() / _CHECK_SECONDS)
        if (model, version) == (self._model, self._version):
            return
        fingerprint = celebrities.fingerprint()
        if (model, fingerprint) != (self._model, self._fingerprint):
            self._read(model)
        self._model, self._version, self._fingerprint = model, version, fingerprint

    def _read(self, model: str) -> None:
        from openrek.vectors import ExactIndex

        people, vectors = self._resources.celebrities.faces(model)
        index = ExactIndex(vectors.shape[1]) if people else None
        if index is not None:
            index.put(np.arange(len(people), dtype=np.int64), vectors)
        self._people, self._index = people, index
