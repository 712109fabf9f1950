"""How right the groups of unknown faces are, by the similarity from which faces are grouped.

    python benchmarks/face_groups.py [--shared ../shared] [--sizes 2000,20000]

LFW is real and small: most of its people have one image. Larger collections are drawn as face_vectors.py describes,
with four images a person. Beside each is the simplest way to group: faces that are alike enough are linked, and
whatever hangs together is a group (single linkage).
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from face_vectors import FaceDistribution, Floats, real_vectors
from openrek.rekognition.curation.grouping import group_faces
from openrek.vision import Engine, RuntimeOptions, load_packs

SIMILARITIES = (0.90, 0.95, 0.97, 0.99)
IMAGES = 4
_BLOCK = 512
Groups = list[NDArray[np.intp]]


def linked(vectors: Floats, min_cosine: float) -> Groups:
    """Single linkage."""
    parents = np.arange(len(vectors))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = int(parents[index])
        return index

    for first in range(0, len(vectors), _BLOCK):
        near = np.argwhere(vectors[first : first + _BLOCK] @ vectors.T >= min_cosine)
        for one, other in near[near[:, 0] + first < near[:, 1]]:
            parents[root(int(one) + first)] = root(int(other))
    roots = np.array([root(index) for index in range(len(vectors))])
    return [members for value in np.unique(roots) if len(members := np.flatnonzero(roots == value)) > 1]


def row(name: str, similarity: float, groups: Groups, people: NDArray[np.intp], seconds: float) -> str:
    """One line of the table."""
    pure = sum(len(set(people[group].tolist())) == 1 for group in groups)
    together = sum(size * (size - 1) // 2 for size in map(len, groups))
    right = sum(_pairs(people[group].tolist()) for group in groups)
    share = f"{pure / max(len(groups), 1):.3f}"
    pairs = f"{right / max(together, 1):.3f} | {right / max(_pairs(people.tolist()), 1):.3f}"
    return f"| {name} | {100 * similarity:.0f} | {len(groups):,} | {share} | {pairs} | {seconds:.1f} s |"


def _pairs(people: Sequence[int]) -> int:
    """Pairs of images of one person."""
    return sum(count * (count - 1) // 2 for count in Counter(people).values())


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder of the labelled data")
    parser.add_argument("--sizes", default="2000,20000", help="numbers of faces, separated by commas")
    arguments = parser.parse_args()
    with Engine(load_packs(), RuntimeOptions(2)) as engine:
        vectors, names = real_vectors(engine, arguments.shared / "data" / "lfw_gray_pairs")
        bounds = {similarity: engine.min_cosine(similarity) for similarity in SIMILARITIES}
    distribution = FaceDistribution.of(vectors, names)
    collections = {"LFW": (vectors, np.unique(np.array(names), return_inverse=True)[1])}
    for size in map(int, arguments.sizes.split(",")):
        drawn = np.concatenate(list(distribution.draw(size // IMAGES, IMAGES, np.random.default_rng(size))))
        collections[f"{size:,} drawn"] = (drawn, np.repeat(np.arange(size // IMAGES), IMAGES))
    print("| faces | similarity | groups | of one person | pairs right | pairs found | time |")
    print("|---|---|---|---|---|---|---|")
    for name, (known, people) in collections.items():
        for similarity, min_cosine in bounds.items():
            for method, group in (("", group_faces), (", single linkage", linked)):
                if method and len(known) > 5_000:
                    continue  # it takes too long, and has one group already
                started = time.perf_counter()
                groups = group(known, min_cosine)
                print(row(name + method, similarity, groups, people, time.perf_counter() - started), flush=True)


if __name__ == "__main__":
    main()
