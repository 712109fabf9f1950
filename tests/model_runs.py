"""Counting what an analysis costs: runs of models, and decodes by scale."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from openrek.imaging import pixels
from openrek.imaging.header import ImageHeader
from openrek.vision import frame
from openrek.vision.runtime.session import Array, OnnxSession


@dataclass
class Cost:
    """What was done."""

    runs: Counter[str] = field(default_factory=Counter)
    """Of each model, by name."""
    decodes: Counter[int] = field(default_factory=Counter)
    """Of each scale, as how many times smaller."""


@contextmanager
def counted() -> Iterator[Cost]:
    """Counts runs and decodes of this process."""
    cost = Cost()
    run, read = OnnxSession.run, pixels.read_pixels

    def counting_run(session: OnnxSession, inputs: Sequence[Array]) -> Mapping[str, Array]:
        cost.runs[session.descriptor.name] += 1
        return run(session, inputs)

    def counting_read(header: ImageHeader, scale: int) -> Any:
        cost.decodes[scale] += 1
        return read(header, scale)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OnnxSession, "run", counting_run)
        patch.setattr(frame, "read_pixels", counting_read)
        yield cost
