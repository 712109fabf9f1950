"""How often collections name the right person: rank-1, strangers by collection size, and the thresholds to use.

    python benchmarks/face_identification.py [--shared ../shared] [--json]

Data: the gray subset of Labeled Faces in the Wild beside the checkout (`../shared/data/lfw_gray_pairs`), one face an
image. Every image is indexed with IndexFaces; each is then searched for with SearchFaces, which leaves the face itself
out, and the first match is compared with who it is. Beside it the bare model: the nearest of the same vectors, as the
model gave them, in 32 bits. A user is made of all images of a person; the one that is searched for is taken out first.

False matches come from all pairs of faces of different people, and from all faces against users of three or more
images of another person. Beyond what so many pairs can show, the tail is extrapolated: excesses over the cosine that
one pair in a thousand (of users, in a hundred) exceeds get a generalized Pareto distribution (Pickands 1975), fitted by
moments. Such figures are marked with `~`. The threshold of each size is the one at which a search for somebody who is
not in the collection shows 0.1 strangers.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrek.compose import compose
from openrek.config import Settings
from openrek.vision import EncodedFrame, Engine, similarity_of

Floats = NDArray[np.float32]
COLLECTION = "lfw"
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
THRESHOLDS = (80.0, 95.0, 99.0)
EXPECTED_STRANGERS = 0.1
"""Of a search with the recommended threshold: one search in ten shows somebody else."""
_TAIL_OF_FACES, _TAIL_OF_USERS = 1e-3, 1e-2
_MIN_PAIRS = 20
"""A rate is measured if at least so many pairs have it."""
_MANY = 3
"""Other images that a person of the comparison with users has, at least."""


@dataclass(frozen=True, slots=True)
class Identification:
    """Shares of searches whose first match is the right person."""

    of: str
    searches: int
    openrek: float
    bare: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The threshold to use at a size."""

    threshold: float
    """Similarity at which 0.1 strangers are expected."""
    is_measured: bool
    """Whether it follows from pairs that were seen, and not from the extrapolated tail."""
    found: float
    """Share of images that reach it: compared with another image, or with the user, of the same person."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A search in a collection of so many faces, or users, of other people."""

    size: int
    strangers: Mapping[str, float]
    """Expected strangers among the matches of faces, by FaceMatchThreshold."""
    faces: Bar
    users: Bar


class Tail:
    """How many pairs of strangers exceed a cosine.

    Args:
        cosines: Of pairs of different people.
        share: The largest of them that the tail is fitted to.
    """

    def __init__(self, cosines: Floats, share: float) -> None:
        self._falling = np.sort(cosines)[::-1]
        self._share = share
        self._start = float(self._falling[int(share * len(cosines))])
        excesses = self._falling[self._falling > self._start] - self._start
        ratio = float(excesses.mean() ** 2 / excesses.var())
        self._shape = (1 - ratio) / 2
        self._scale = float(excesses.mean()) * (ratio + 1) / 2

    def is_measured(self, rate: float) -> bool:
        """Whether so many pairs were seen."""
        return rate * len(self._falling) >= _MIN_PAIRS

    def rate(self, cosine: float) -> float:
        """Share of pairs of at least this cosine."""
        seen = float(np.count_nonzero(self._falling >= cosine)) / len(self._falling)
        if self.is_measured(seen):
            return seen
        inner = 1 + self._shape * (cosine - self._start) / self._scale
        return float(self._share * max(inner, 0.0) ** (-1 / self._shape))

    def cosine(self, rate: float) -> float:
        """The cosine that this share of pairs reaches."""
        if self.is_measured(rate):
            return float(self._falling[int(rate * len(self._falling))])
        return float(self._start + self._scale / self._shape * ((rate / self._share) ** -self._shape - 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared")
    parser.add_argument("--json", action="store_true", help="Print JSON.")
    arguments = parser.parse_args()
    files = sorted((arguments.shared / "data" / "lfw_gray_pairs").glob("*.jpg"))
    with tempfile.TemporaryDirectory() as folder, compose(Settings(Path(folder))) as system:
        client, engine = system.client(), system.engine
        vectors = {file.name: _vector(engine, file) for file in files}
        faces = dict(_indexed(client, files))
        identified = list(identifications(client, faces, vectors))
        crowds = crowd_figures(vectors, engine.face_model)
    if arguments.json:
        print(
            json.dumps({"identification": [asdict(row) for row in identified], "crowds": [asdict(c) for c in crowds]})
        )
        return
    print(f"{len(files)} images of {len({person(name) for name in vectors})} people\n")
    print("| first match is the right person | searches | openrek | bare model |\n|---|---|---|---|")
    for row in identified:
        print(f"| {row.of} | {row.searches} | {row.openrek:.3f} | {row.bare:.3f} |")
    names = " | ".join(f"≥ {threshold:g}" for threshold in THRESHOLDS)
    print(f"\n| faces or users | strangers a search: {names} | faces: threshold | found | users: threshold | found |")
    print("|" + "---|" * (len(THRESHOLDS) + 5))
    for crowd in crowds:
        strangers = " | ".join(f"{value:,.2g}" if value < 1 else f"{value:,.0f}" for value in crowd.strangers.values())
        bars = " | ".join(
            f"{'' if bar.is_measured else '~'}{bar.threshold:.2f} | {bar.found:.2f}"
            for bar in (crowd.faces, crowd.users)
        )
        print(f"| {crowd.size:,} | {strangers} | {bars} |")


def person(name: str) -> str:
    """Who an image shows, by its name: "Lan_Anh_0001.jpg"."""
    return name.rsplit("_", 1)[0]


def identifications(client: Any, faces: Mapping[str, str], vectors: Mapping[str, Floats]) -> Iterator[Identification]:
    """Rank-1 by faces of everybody with another image, and by faces and users of people with three or more others.

    Args:
        client: Of Rekognition; its collection holds the faces.
        faces: FaceId by name of the image.
        vectors: (D,) by name of the image, from the bare model.
    """
    images = Counter(person(name) for name in vectors)
    names = {face: name for name, face in faces.items()}

    def searched(name: str) -> str:
        (match,) = client.search_faces(CollectionId=COLLECTION, FaceId=faces[name], FaceMatchThreshold=0, MaxFaces=1)[
            "FaceMatches"
        ]
        return person(names[match["Face"]["FaceId"]])

    bare = bare_nearest(vectors)
    for others, of in ((1, "by faces, people with another image"), (_MANY, "by faces, three or more others")):
        wanted = [name for name in vectors if images[person(name)] > others]
        yield Identification(
            of,
            len(wanted),
            float(np.mean([searched(name) == person(name) for name in wanted])),
            float(np.mean([bare[name] == person(name) for name in wanted])),
        )
    wanted = [name for name in vectors if images[person(name)] > _MANY]
    _make_users(client, faces)
    yield Identification(
        "by users, three or more others",
        len(wanted),
        float(np.mean([_user(client, faces[name], person(name)) == person(name) for name in wanted])),
        float(np.mean([bare_user(vectors, name) == person(name) for name in wanted])),
    )


def bare_nearest(vectors: Mapping[str, Floats]) -> dict[str, str]:
    """Whose image is nearest to each image."""
    names = list(vectors)
    cosines = np.stack(list(vectors.values())) @ np.stack(list(vectors.values())).T
    np.fill_diagonal(cosines, -2)
    return {name: person(names[int(nearest)]) for name, nearest in zip(names, cosines.argmax(axis=1), strict=True)}


def bare_user(vectors: Mapping[str, Floats], name: str) -> str:
    """Whose mean vector, without the image itself, is nearest to the image."""
    means = user_means({other: vector for other, vector in vectors.items() if other != name})
    people = list(means)
    return people[int((np.stack(list(means.values())) @ vectors[name]).argmax())]


def user_means(vectors: Mapping[str, Floats]) -> dict[str, Floats]:
    """The mean of each person's vectors, of length 1."""
    sums: dict[str, Floats] = {}
    for name, vector in vectors.items():
        sums[person(name)] = sums.get(person(name), np.zeros_like(vector)) + vector
    return {who: np.asarray(total / np.linalg.norm(total), np.float32) for who, total in sums.items()}


def crowd_figures(vectors: Mapping[str, Floats], model: str) -> list[Crowd]:
    """Strangers and thresholds by collection size."""
    people = np.array([person(name) for name in vectors])
    all_vectors = np.stack(list(vectors.values()))
    first, second = np.triu_indices(len(people), 1)
    cosines = np.einsum("nd,nd->n", all_vectors[first], all_vectors[second])
    same = people[first] == people[second]
    faces = Tail(cosines[~same], _TAIL_OF_FACES)
    own_user, other_users = _user_cosines(vectors)
    users = Tail(other_users, _TAIL_OF_USERS)
    fine = np.linspace(0.7, 1, 30_001, dtype=np.float32)
    similarities = similarity_of(fine, model) * 100

    def bar(tail: Tail, own: Floats, size: int) -> Bar:
        rate = EXPECTED_STRANGERS / size
        cosine = tail.cosine(rate)
        threshold = float(similarity_of(np.array([cosine], np.float32), model)[0]) * 100
        return Bar(threshold, tail.is_measured(rate), float(np.mean(own >= cosine)))

    def crowd(size: int) -> Crowd:
        bars = {f"{each:g}": float(fine[np.searchsorted(similarities, each)]) for each in THRESHOLDS}
        strangers = {name: size * faces.rate(cosine) for name, cosine in bars.items()}
        return Crowd(size, strangers, bar(faces, cosines[same], size), bar(users, own_user, size))

    return [crowd(size) for size in SIZES]


def _user_cosines(vectors: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Of each image to three or more other images of its person; and of all images to three or more of others."""
    images = Counter(person(name) for name in vectors)
    known = [who for who, count in images.items() if count >= _MANY]
    own, others = [], []
    means = user_means(vectors)
    for name, vector in vectors.items():
        others += [float(means[who] @ vector) for who in known if who != person(name)]
        if images[person(name)] > _MANY:
            rest = {key: value for key, value in vectors.items() if person(key) == person(name) and key != name}
            (mean,) = user_means(rest).values()
            own.append(float(mean @ vector))
    return np.array(own, np.float32), np.array(others, np.float32)


def _vector(engine: Engine, file: Path) -> Floats:
    analysis = engine.analysis(EncodedFrame.open(file.read_bytes()))
    vectors: Floats = analysis.embeddings(analysis.faces.largest(1))
    return np.asarray(vectors[0], np.float32)


def _indexed(client: Any, files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Name of each image and its FaceId."""
    client.create_collection(CollectionId=COLLECTION)
    for file in files:
        answer = client.index_faces(
            CollectionId=COLLECTION,
            Image={"Bytes": file.read_bytes()},
            ExternalImageId="".join(letter if letter.isascii() else "_" for letter in file.name),
            MaxFaces=1,
            QualityFilter="NONE",
        )
        # The largest, as for the bare model; quality decides which of several is kept.
        (record,) = answer["FaceRecords"]
        yield file.name, record["Face"]["FaceId"]


def _make_users(client: Any, faces: Mapping[str, str]) -> None:
    for who in dict.fromkeys(map(person, faces)):
        own = [face for name, face in faces.items() if person(name) == who]
        client.create_user(CollectionId=COLLECTION, UserId=_user_id(who))
        client.associate_faces(CollectionId=COLLECTION, UserId=_user_id(who), FaceIds=own, UserMatchThreshold=0)


def _user(client: Any, face: str, who: str) -> str:
    """The user that a face is most like, without the face itself."""
    of_user = {"CollectionId": COLLECTION, "UserId": _user_id(who), "FaceIds": [face]}
    client.disassociate_faces(**of_user)
    found = client.search_users(CollectionId=COLLECTION, FaceId=face, UserMatchThreshold=0, MaxUsers=1)["UserMatches"]
    client.associate_faces(**of_user, UserMatchThreshold=0)
    user: str = found[0]["User"]["UserId"]
    return who if user == _user_id(who) else user


def _user_id(who: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_.-") else "_" for letter in who)


if __name__ == "__main__":
    main()
