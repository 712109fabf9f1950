"""Facts of the local store's objects, read with an object's info and replaced on their own."""

from openrek.s3.facts import Facts
from openrek.s3.local import LocalObjectStore
from openrek.s3.storage import ObjectInfo


class ObjectFacts:
    """Facts by bucket and object."""

    def __init__(self, store: LocalObjectStore) -> None:
        self._store = store

    def write(self, bucket: str, info: ObjectInfo, facts: Facts) -> None:
        """Replaces the facts of the object."""
        self._store.set_facts(bucket, info.key, lambda _: facts)

    def read(self, bucket: str, info: ObjectInfo) -> Facts:
        """The facts that were read with the object."""
        return info.facts

    def remove(self, bucket: str, key: str) -> None:
        """Nothing: facts go with their object."""
