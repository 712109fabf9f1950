"""The models of the packs, loaded when they are first needed and evicted when others need their memory."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

from openrek.vision.pack import ModelDescriptor, ModelPack
from openrek.vision.runtime.options import RuntimeOptions
from openrek.vision.runtime.session import DEFAULT_OPTIONS, Array, OnnxSession
from openrek.vision.tasks.task import check_choice

MEMORY_FACTOR = 4
"""Bytes of memory for a byte of a model's file. Of the default pack's 16 models 3.0 to 4.6 were measured, 3.4 of all:
weights of 16 bits become 32, and ONNX Runtime keeps them a second time in the order in which its kernels read them."""
_ONNX = ".onnx"


class CachedSession:
    """A model of the cache. Loaded for its first run, and never evicted while one is under way."""

    def __init__(self, cache: "SessionCache", descriptor: ModelDescriptor) -> None:
        self._cache = cache
        self.descriptor = descriptor
        self.memory_bytes = MEMORY_FACTOR * descriptor.bytes
        """Estimated, once loaded."""
        self.session: OnnxSession | None = None
        self.loading = threading.Lock()
        self.leases = 0
        self.pinned = False
        self.used = 0

    @property
    def inputs(self) -> tuple[str, ...]:
        """See ModelSession.inputs."""
        with self._cache.lease(self.descriptor.name) as session:
            return session.inputs

    @property
    def metadata(self) -> Mapping[str, str]:
        """See ModelSession.metadata."""
        with self._cache.lease(self.descriptor.name) as session:
            return session.metadata

    def run(self, inputs: Sequence[Array]) -> Mapping[str, Array]:
        """See Session.run."""
        with self._cache.lease(self.descriptor.name) as session:
            return session.run(inputs)


class SessionCache:
    """A session for each ONNX model of the packs; of equal names the last pack's. Safe to share between threads.

    A model is loaded when it is first leased. Over the memory limit, the model that was used longest ago is evicted,
    but none that is leased or pinned: these may exceed the limit together.
    """

    def __init__(
        self,
        packs: Iterable[ModelPack],
        options: RuntimeOptions = DEFAULT_OPTIONS,
        use: Mapping[str, str] | None = None,
    ) -> None:
        """
        Args:
            packs: All packs.
            options: How models run.
            use: The name of the model chosen for a task, by task. The other models of that task are left out, but for
                those whose features a model of the packs takes.

        Raises:
            LookupError: a model is chosen for a task that it is not for.
            ValueError: the execution provider is not available.
        """
        self._options = options
        _ = options.providers  # an unavailable one is an error at the start, not in the first request
        self._use = dict(use or {})
        models = {model.name: model.in_int8 if options.int8 else model for pack in packs for model in pack.models}
        for task, name in self._use.items():
            check_choice(task, models.get(name), name)
        kept = {model.input.get("model") for model in models.values()}
        self.models: Mapping[str, ModelDescriptor] = {
            name: model
            for name, model in models.items()
            if model.file.suffix != _ONNX or self._use.get(model.task, name) == name or name in kept
        }
        self._lock = threading.Lock()
        self._clock = count(1)
        self._cached = {
            name: CachedSession(self, model) for name, model in self.models.items() if model.file.suffix == _ONNX
        }

    def __getitem__(self, name: str) -> CachedSession:
        try:
            return self._cached[name]
        except KeyError:
            raise LookupError(f"no installed pack has the model {name}; install packs/default") from None

    def chosen(self, task: str) -> CachedSession | None:
        """The model chosen for a task; None where it is the default pack's."""
        return self[self._use[task]] if task in self._use else None

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the loaded models, in the order of the packs."""
        return tuple(name for name, cached in self._cached.items() if cached.session is not None)

    @property
    def memory_bytes(self) -> int:
        """Estimated memory of the loaded models."""
        return sum(self[name].memory_bytes for name in self.loaded)

    def verify(self) -> None:
        """Returns if the files of all models are those that their packs describe.

        Raises:
            LookupError: one is missing or damaged.
        """
        for model in self.models.values():
            model.verify()

    def pin(self) -> None:
        """Loads the models, in the order of the packs and as far as they fit into the memory limit, for good.

        Raises:
            LookupError: a model is missing or damaged.
        """
        fitting, memory = [], 0
        for cached in self._cached.values():
            memory += cached.memory_bytes
            if not self._options.memory_bytes or memory <= self._options.memory_bytes:
                cached.pinned = True
                fitting.append(cached.descriptor.name)
        with ThreadPoolExecutor(self._options.workers, "loading") as executor:
            for _ in executor.map(self._load, fitting):
                pass

    @contextmanager
    def lease(self, name: str) -> Iterator[OnnxSession]:
        """The loaded model, which is not evicted within the context.

        Raises:
            LookupError: it is in no pack, missing or damaged.
        """
        cached = self[name]
        with self._lock:
            cached.leases += 1
        try:
            yield self._session(cached)
        finally:
            with self._lock:
                cached.leases -= 1
                cached.used = next(self._clock)
                self._evict()

    def _load(self, name: str) -> None:
        with self.lease(name):
            pass

    def _session(self, cached: CachedSession) -> OnnxSession:
        if (session := cached.session) is not None:
            return session
        with cached.loading:
            if cached.session is None:
                with self._lock:
                    self._evict()
                cached.session = OnnxSession(cached.descriptor, self._options)
            return cached.session

    def _evict(self) -> None:
        """Drops the models used longest ago until the rest fits, or none is left that may go."""
        if not self._options.memory_bytes:
            return
        resident = [cached for cached in self._cached.values() if cached.session or cached.loading.locked()]
        memory = sum(cached.memory_bytes for cached in resident)
        for cached in sorted(resident, key=lambda cached: cached.used):
            if memory <= self._options.memory_bytes:
                return
            if not cached.leases and not cached.pinned:
                cached.session = None
                memory -= cached.memory_bytes
