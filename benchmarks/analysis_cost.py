"""What analyses cost, counted in this process: runs of models, decodes by scale, reads of objects."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from openrek.app import App
from openrek.function import processed_image
from openrek.imaging.decoders import decode_image
from openrek.imaging.pixels import read_pixels
from openrek.s3 import LocalObjectStore
from openrek.vision import frame
from openrek.vision.runtime.session import Array, OnnxSession


@dataclass
class Cost:
    """What was done."""

    runs: Counter[str] = field(default_factory=Counter)
    """Of each model, by name."""
    decodes: Counter[int] = field(default_factory=Counter)
    """Of each scale, as how many times smaller on a side."""
    reads: Counter[str] = field(default_factory=Counter)
    """Of each object of the local store, by key."""


@contextmanager
def counted() -> Iterator[Cost]:
    """Counts what this process does meanwhile."""
    cost, lock = Cost(), threading.Lock()
    run, get = OnnxSession.run, LocalObjectStore.get

    def counting_run(session: OnnxSession, inputs: Sequence[Array]) -> Mapping[str, Array]:
        with lock:
            cost.runs[session.descriptor.name] += 1
        return run(session, inputs)

    def counting_read(header: Any, scale: int) -> Any:
        with lock:
            cost.decodes[scale] += 1
        return read_pixels(header, scale)

    def counting_decode(structure: Any, scale: int) -> Any:
        with lock:
            cost.decodes[scale] += 1
        return decode_image(structure, scale)

    def counting_get(store: LocalObjectStore, bucket: str, key: str, *version: Any, **options: Any) -> Any:
        with lock:
            cost.reads[key] += 1
        return get(store, bucket, key, *version, **options)

    with ExitStack() as stack:
        stack.enter_context(patch.object(OnnxSession, "run", counting_run))
        stack.enter_context(patch.object(frame, "read_pixels", counting_read))
        stack.enter_context(patch.object(processed_image, "decode_image", counting_decode))
        stack.enter_context(patch.object(LocalObjectStore, "get", counting_get))
        yield cost


@contextmanager
def served(app: App) -> Iterator[str]:
    """The service on a port of this process, so that it can be counted; its address."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.asgi, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
