"""The vectors of collections and of known people in memory, searched exactly."""

import threading
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from openrek.rekognition.celebrity_gallery import CelebrityGallery
from openrek.state import Repositories

if TYPE_CHECKING:
    from openrek.state import Collection
    from openrek.vectors import Neighbours, VectorReplica


class CollectionVectors:
    """Copies of the vectors of faces and of users, each made when it is first searched; they follow the rows.

    Modules are imported at the first use: the function on AWS has no database.
    """

    def __init__(self, resources: Repositories) -> None:
        self._resources = resources
        self.celebrities = CelebrityGallery(resources)
        """Known people."""
        self._replicas: dict[str, VectorReplica] = {}
        self._lock = threading.Lock()

    def search(
        self, kind: Literal["faces", "users"], collection: "Collection", vector: NDArray[Any], limit: int
    ) -> "Neighbours":
        """The faces or users of a collection that are nearest to a vector, by their numbers.

        Args:
            kind: What is searched.
            collection: As it was read for this request: changes until then are taken into account.
            vector: (D,), of length 1.
            limit: At most so many.
        """
        return self._replica(kind).search(collection.incarnation, collection.sequence, vector, limit)

    def follow(self) -> None:
        """Bring the copies up to date: what other processes deleted must not stay in memory until somebody searches."""
        with self._lock:
            replicas = list(self._replicas.values())
        if replicas:
            sequences = self._resources.collections.sequences()
            for replica in replicas:
                replica.follow(sequences)

    def _replica(self, kind: Literal["faces", "users"]) -> "VectorReplica":
        with self._lock:
            if kind not in self._replicas:
                from openrek.vectors import VectorReplica

                self._replicas[kind] = VectorReplica(getattr(self._resources, kind).changes)
            return self._replicas[kind]
