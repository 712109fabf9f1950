"""Synthetic face vectors that are distributed as real ones are: for benchmarks of collections of any size.

People's mean vectors and the deviations of their images are drawn from normal distributions whose mean and covariances
are those of the embeddings of the LFW subset in ../shared (1,088 images of 722 people, 263 of them with two or more).
The deviations are scaled by a log-normal factor an image: some photos are much worse than others.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Engine

Floats = NDArray[np.float32]
_SPREAD = 0.55
"""Standard deviation of the logarithm of an image's squared scale: cosines of one person then vary as the real ones."""
_CHUNK = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class FaceDistribution:
    """Where vectors come from."""

    mean: Floats
    """(D,): of all people."""
    between: Floats
    """(D, D): a square root of the covariance of people's mean vectors."""
    within: Floats
    """(D, D): a square root of the covariance of a person's images."""

    @classmethod
    def of(cls, vectors: Floats, people: list[str]) -> "FaceDistribution":
        """The distribution of real vectors.

        Args:
            vectors: (N, D), of length 1.
            people: Whose each is.
        """
        by_person: dict[str, list[int]] = defaultdict(list)
        for index, person in enumerate(people):
            by_person[person].append(index)
        several = [vectors[indices].astype(np.float64) for indices in by_person.values() if len(indices) > 1]
        deviations = np.concatenate([own - own.mean(axis=0) for own in several])
        within = deviations.T @ deviations / (len(deviations) - len(several))
        between = np.cov(vectors.astype(np.float64).T) - within
        return cls(vectors.mean(axis=0), _square_root(between), _square_root(within))

    def draw(self, people: int, images: int, random: np.random.Generator) -> Iterator[Floats]:
        """Vectors of length 1, person by person, in arrays of at most some 50,000 rows.

        Args:
            people: How many.
            images: Of each person.
            random: The source of chance.
        """
        dimensions = len(self.mean)
        step = max(1, _CHUNK // images)
        for first in range(0, people, step):
            count = min(step, people - first)
            means = self.mean + random.standard_normal((count, dimensions), np.float32) @ self.between.T
            scales = np.exp((_SPREAD * random.standard_normal(count * images) - _SPREAD**2 / 2) / 2)
            noise = random.standard_normal((count * images, dimensions), np.float32) @ self.within.T
            vectors = np.repeat(means, images, axis=0) + scales[:, None].astype(np.float32) * noise
            yield (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def real_vectors(engine: Engine, folder: Path) -> tuple[Floats, list[str]]:
    """Vectors of the largest face of each image, (N, D), and whose they are, by the file's name."""
    vectors, people = [], []
    for path in sorted(folder.glob("*.jpg")):
        analysis = engine.analysis(EncodedFrame.open(path.read_bytes()))
        faces = analysis.faces.largest(1)
        if len(faces):
            vectors.append(analysis.embeddings(faces)[0])
            people.append(path.stem.rpartition("_")[0])
    return np.stack(vectors), people


@dataclass(frozen=True, slots=True)
class Cosines:
    """Mean and standard deviation of the cosines of pairs."""

    same: tuple[float, float]
    different: tuple[float, float]

    def __str__(self) -> str:
        return (
            f"one person {self.same[0]:.3f} ± {self.same[1]:.3f}, "
            f"different people {self.different[0]:.3f} ± {self.different[1]:.3f}"
        )


def cosines(vectors: Floats, people: list[str]) -> Cosines:
    """Of all pairs."""
    names = np.unique(np.array(people), return_inverse=True)[1]
    upper = np.triu_indices(len(vectors), 1)
    values = (vectors @ vectors.T)[upper]
    same = (names[:, None] == names[None, :])[upper]
    return Cosines(
        (float(values[same].mean()), float(values[same].std())),
        (float(values[~same].mean()), float(values[~same].std())),
    )


def _square_root(covariance: NDArray[np.float64]) -> Floats:
    """(D, D) L with L @ L.T = the covariance; directions in which chance made it negative have no variance."""
    values, directions = np.linalg.eigh(covariance)
    return np.asarray(directions * np.sqrt(np.clip(values, 0, None)), np.float32)
