"""How good the served face attributes and face comparison are: parts of accuracy.py."""

import csv
import json
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openrek.rekognition.operations.images.protective_equipment import persons_of, summary
from openrek.vision import ArrayFrame, EncodedFrame, Engine, FaceAttributesResult, Faces, Frame, Limits, similarity
from openrek.vision.architectures.dlib_age_gender import DlibAge, DlibGender
from openrek.vision.architectures.facemesh import FaceMesh
from openrek.vision.architectures.faceres import FaceRes, Judgement
from openrek.vision.boxes import iou
from openrek.vision.quarter_turns import turned_boxes
from openrek.vision.runtime.session_cache import SessionCache
from peer_figures import EMBEDDING, Beside, Comparison

Row = tuple[str, str, str]
_WANTED = frozenset({"age", "eye_direction", "gender", "smile", "mesh"})
_FOLDS = 10
# From which CompareFaces calls two faces one person's, and up to which face_recognition's compare_faces does.
_DEFAULT_SIMILARITY = 0.8
_DEFAULT_DISTANCE = 0.6
_NAMES = Path(__file__).with_name("first_names.toml")
_GAZES = Path(__file__).with_name("gaze_judged.toml")
Pair = tuple[str, str, int]
"""The names of two images, and whether they show one person."""
Vector = NDArray[np.float32] | NDArray[np.float64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The largest face of an image, and what is said of it."""

    image: Frame
    face: Faces
    served: FaceAttributesResult
    faceres: Judgement
    dlib_years: float
    dlib_man: float

    @property
    def years(self) -> float:
        """The middle of the served range."""
        assert self.served.age is not None
        return sum(self.served.age) / 2


def attributes(engine: Engine, sessions: SessionCache, data: Path, beside: Beside) -> Iterator[Row]:
    """Gender, age, smile, mesh; what the probes reached when they were trained."""
    folder = data / "lfw_gray_pairs"
    portraits = _portraits(engine, sessions, folder)
    yield from _genders(portraits, beside)
    yield from _ages(portraits, json.loads((folder / "pairs.json").read_text(encoding="utf-8")))
    yield from _smiles(portraits, folder / "emotion_legend.csv")
    yield _gazes(portraits)
    for metric in sessions.models["face_probes"].metrics:
        yield metric.name, f"{metric.value:.3f}", f"{metric.data_set}, {metric.size} images"
    laid = np.mean([portrait.served.mesh is not None for portrait in portraits.values()])
    yield "mesh laid over a face", f"{laid:.3f}", f"LFW, gray, {len(portraits)} faces"
    nobody = without_people(data / "coco128_val2017")
    mesh = FaceMesh(sessions["facemesh"])
    laid = np.mean([mesh.lay(*_middle(_open(file).pixels()))[1] >= 0.5 for file in nobody])
    source = f"COCO val2017 subset, middle squares of {len(nobody)} images without people"
    yield "mesh laid where no face is", f"{laid:.3f}", source


def _portraits(engine: Engine, sessions: SessionCache, folder: Path) -> dict[str, Portrait]:
    faceres = FaceRes(sessions["faceres"])
    age, gender = DlibAge(sessions["age"]), DlibGender(sessions["gender"])
    portraits = {}
    for file in sorted(folder.glob("*.jpg")):
        image = _open(file)
        face = engine.analysis(image).faces.largest(1)
        if len(face):
            (served,) = engine.analysis(image).attributes(face, _WANTED)
            box, marks, pixels = face.xyxy[0], face.landmarks[0], image.pixels()
            judged = faceres.judge(pixels, box), age.estimate(pixels, marks), gender.man(pixels, marks)
            portraits[file.name] = Portrait(image, face, served, *judged)
    return portraits


def _genders(portraits: Mapping[str, Portrait], beside: Beside) -> Iterator[Row]:
    names = {kind: set(words.split()) for kind, words in tomllib.loads(_NAMES.read_text(encoding="utf-8")).items()}
    # Of several images of a person the first.
    people = {name.rsplit("_", 1)[0]: portraits[name] for name in sorted(portraits, reverse=True)}
    named = {person: shown for person, shown in people.items() if person.split("_")[0] in names["men"] | names["women"]}
    men = np.array([person.split("_")[0] in names["men"] for person in named])
    source = f"LFW, gray, {len(men)} people by first name, {(~men).sum()} women"
    says = {
        "gender": [shown.served.man or 0.0 for shown in named.values()],
        "gender, faceres alone": [shown.faceres.man for shown in named.values()],
        "gender, dlib alone": [shown.dlib_man for shown in named.values()],
    }
    shares = {}
    for name, probability in says.items():
        right = (np.array(probability) >= 0.5) == men
        shares[name.removeprefix("gender, ")] = float(right.mean())
        value = f"accuracy {right.mean():.3f}, of women {right[~men].mean():.3f}, of men {right[men].mean():.3f}"
        yield name, value, source
    beside.keep(Comparison("accuracy of gender", source, shares.pop("gender"), shares))


def _ages(portraits: Mapping[str, Portrait], pairs: list[tuple[str, str, int]]) -> Iterator[Row]:
    years = np.arange(1, 101)
    says = {
        "age": {name: shown.years for name, shown in portraits.items()},
        "age, faceres alone": {name: float(shown.faceres.years @ years) for name, shown in portraits.items()},
        "age, dlib alone": {name: shown.dlib_years for name, shown in portraits.items()},
    }
    for name, of in says.items():
        one, two = (np.mean([abs(of[a] - of[b]) for a, b, same in pairs if same == kind]) for kind in (1, 0))
        value = f"{one:.1f} years between two images of a person, {two:.1f} of two people"
        yield name, value, f"LFW, gray, {len(pairs)} pairs"
    ranges = {name: shown.served.age or (0.0, 0.0) for name, shown in portraits.items()}
    both = [(a, b) for one, two, same in pairs if same for a, b in ((one, two), (two, one))]
    held = np.mean([ranges[a][0] <= says["age"][b] <= ranges[a][1] for a, b in both])
    width = np.mean([to - start for start, to in ranges.values()])
    value = f"{width:.0f} years wide; holds the middle of another image's in {held:.3f}"
    yield "age range", value, f"LFW, gray, {len(both) // 2} pairs of one person"


def _smiles(portraits: Mapping[str, Portrait], legend: Path) -> Iterator[Row]:
    with legend.open(encoding="utf-8") as stream:
        labels = {row["image"]: row["emotion"].lower() for row in csv.DictReader(stream)}
    names = [name for name in portraits if labels.get(name) not in {None, "contempt"}]
    happy = np.array([labels[name] == "happiness" for name in names])
    smile = np.array([portraits[name].served.traits["smile"] for name in names])
    value = f"AUC {auc(smile, happy):.3f}, accuracy {((smile >= 0.5) == happy).mean():.3f}"
    yield "smile against the label happiness", value, f"LFW, gray, {len(names)} faces, {happy.sum()} happy"


def _gazes(portraits: Mapping[str, Portrait]) -> Row:
    judged = {side: names.split() for side, names in tomllib.loads(_GAZES.read_text(encoding="utf-8")).items()}
    right = [
        (gaze[0] > 0) == (side == "right")
        for side, names in judged.items()
        for gaze in (portraits[f"{name}.jpg"].served.eye_direction for name in names)
        if gaze is not None
    ]
    source = f"LFW, gray, {len(right)} faces that look aside by 12 degrees or more, judged by eye"
    return "side of the camera that a face looks to", f"{np.mean(right):.3f}", source


def lying(engine: Engine, data: Path) -> Iterator[Row]:
    """Faces of images turned by quarters, of those found in the upright ones; time on images as they are and turned."""
    sets = {
        "portraits and groups": sorted((data / "faces_misc").glob("*.jpg")),
        "LFW crops, gray": sorted((data / "lfw_gray_pairs").glob("*.jpg"))[5::36],
        "photos with face masks": sorted((data / "face_mask" / "with_mask").iterdir())[1::6],
        "photos without face masks": sorted((data / "face_mask" / "without_mask").iterdir())[1::6],
        "COCO val2017 subset with people": sorted(
            {*(data / "coco128_val2017" / "images").iterdir()} - {*without_people(data / "coco128_val2017")}
        ),
        "COCO val2017 subset without people": without_people(data / "coco128_val2017"),
    }
    for name, files in sets.items():
        counts, right, seconds = [0] * 4, [0] * 4, [0.0] * 4
        for file in files:
            pixels = _open(file).pixels()
            standing = engine.analysis(ArrayFrame(pixels)).faces
            for quarters in range(4):
                frame = ArrayFrame(np.ascontiguousarray(np.rot90(pixels, quarters)))
                started = time.process_time()
                faces = engine.analysis(frame).faces
                seconds[quarters] += time.process_time() - started
                counts[quarters] += len(faces)
                right[quarters] += _found_again(standing, faces, frame, quarters)
        source = f"{name}, {len(files)} images, turned by 90, 180 and 270 degrees counter-clockwise"
        found = ", ".join(map(str, right[1:]))
        yield "lying faces found with their roll, of those found upright", f"{found} of {counts[0]}", source
        yield "lying images, faces found in all", ", ".join(map(str, counts[1:])), source
        times = [f"{1000 * each / len(files):.0f}" for each in seconds]
        yield "faces, CPU time", f"{times[0]} ms upright, {', '.join(times[1:])} ms turned", source


def _found_again(standing: Faces, lying: Faces, frame: ArrayFrame, quarters: int) -> int:
    """How many of the faces are found in the turned frame, with a roll within 20 degrees of what it should be."""
    boxes = turned_boxes(lying.xyxy, frame.width, frame.height, -quarters)
    found = 0
    for box, pose in zip(standing.xyxy, standing.pose, strict=True):
        overlap = iou(box, boxes)
        if len(overlap) and overlap.max() >= 0.3:
            roll = lying.pose[int(overlap.argmax()), 0] - (pose[0] - 90 * quarters)
            found += abs((roll + 180) % 360 - 180) <= 20
    return found


def covers(engine: Engine, data: Path) -> Iterator[Row]:
    """Whether the summary of DetectProtectiveEquipment tells who wears a mask."""
    files = {kind: sorted((data / "face_mask" / kind).iterdir()) for kind in ("with_mask", "without_mask")}
    found = {
        kind: [persons_of(engine.analysis(_open(file)), engine.object_names) for file in each]
        for kind, each in files.items()
    }
    counts = [len(each) for each in files.values()]
    for minimum in (50, 70, 80, 90):
        shares = []
        for kind, group in (("with_mask", "With"), ("without_mask", "Without")):
            groups = [summary(persons, {"FACE_COVER"}, minimum) for persons in found[kind]]
            told = {
                name: np.mean([len(each[f"Persons{name}RequiredEquipment"]) > 0 for each in groups])
                for name in ("With", "Without")
            }
            right, (false,) = told.pop(group), told.values()
            shares.append(f"{right:.3f} right, {false:.3f} wrong")
        name = f"face covers reported (DetectProtectiveEquipment), with / without masks, MinConfidence {minimum}"
        yield name, " / ".join(shares), f"photos with and without face masks, {counts[0]} and {counts[1]} images"


def comparing(engine: Engine, data: Path, beside: Beside) -> Iterator[Row]:
    """Verification of pairs, and false matches among all images of different people."""
    folder = data / "lfw_gray_pairs"
    files = sorted(folder.glob("*.jpg"))
    vectors = {}
    for file in files:
        image = _open(file)
        face = engine.analysis(image).faces.largest(1)
        if len(face):
            vectors[file.name] = engine.analysis(image).embeddings(face)[0]
    pairs: list[Pair] = json.loads((folder / "pairs.json").read_text(encoding="utf-8"))
    usable = _usable(pairs, vectors)
    same = np.array([bool(kind) for _, _, kind in usable])
    accuracy, found = _verification(usable, vectors)
    source = f"LFW, gray, {len(usable)} pairs, {same.sum()} of one person"
    yield "same person or not, 10-fold best threshold", f"accuracy {accuracy:.3f}", source
    yield "same person found at 1 % false matches", f"{found:.3f}", source
    yield from _compared_by_peers(files, pairs, vectors, beside)
    served = _similarities(usable, vectors)
    value = f"accuracy {((served >= _DEFAULT_SIMILARITY) == same).mean():.3f}"
    yield "same person or not, at CompareFaces' default threshold", value, source
    people = {name: name.rsplit("_", 1)[0] for name in vectors}
    strangers = [(one, two) for one, two in combinations(vectors, 2) if people[one] != people[two]]
    matrix = np.stack(list(vectors.values()))
    places = {name: place for place, name in enumerate(vectors)}
    rows = np.stack([similarity(vector, matrix) for vector in matrix])
    likeness = np.array([rows[places[one], places[two]] for one, two in strangers])
    for bar in (0.8, 0.99):
        value = f"{(served[same] >= bar).mean():.3f} found, {(likeness >= bar).mean():.5f} false"
        yield f"similarity {100 * bar:.0f}", value, f"{source}; {len(strangers)} pairs of different people"


def _compared_by_peers(
    files: Sequence[Path], pairs: Sequence[Pair], vectors: Mapping[str, Vector], beside: Beside
) -> Iterator[Row]:
    """Peers find fewer faces, so each is compared on the pairs of which it finds both."""
    for peer, name in beside.peers.among(EMBEDDING).items():
        answers = beside.peers.ask_all(peer, (file.read_bytes() for file in files))
        theirs = {
            file.name: np.array(answer["vector"])
            for file, answer in zip(files, answers, strict=True)
            if answer["vector"] is not None
        }
        shares = [len(_usable(pairs, found)) / len(pairs) for found in (vectors, theirs)]
        figure, source = "pairs in which both faces are found", f"LFW, gray, {len(pairs)} pairs"
        yield from beside.rows(Comparison(figure, source, shares[0], {name: shares[1]}))
        both = _usable(_usable(pairs, vectors), theirs)
        source = f"LFW, gray, {len(both)} pairs in which {name} finds both faces"
        source += f", {sum(kind for *_, kind in both)} of one person"
        figures = ("same person or not, 10-fold best threshold", "same person found at 1 % false matches")
        values = zip(figures, _verification(both, vectors), _verification(both, theirs), strict=True)
        for figure, served, other in values:
            yield from beside.rows(Comparison(figure, source, served, {name: other}))
        same = np.array([bool(kind) for *_, kind in both])
        distances = np.array([np.linalg.norm(theirs[one] - theirs[two]) for one, two, _ in both])
        served, other = (
            float((said == same).mean())
            for said in (_similarities(both, vectors) >= _DEFAULT_SIMILARITY, distances <= _DEFAULT_DISTANCE)
        )
        yield from beside.rows(Comparison("same person or not, by default", source, served, {name: other}))


def _similarities(pairs: Sequence[Pair], vectors: Mapping[str, Vector]) -> Floats:
    """As they are served, 0 to 1."""
    both = ((np.asarray(vectors[each], np.float32) for each in pair[:2]) for pair in pairs)
    return np.array([float(similarity(one, two[None])[0]) for one, two in both])


def _usable(pairs: Sequence[Pair], vectors: Mapping[str, Vector]) -> list[Pair]:
    """The pairs of which both images have a vector."""
    return [pair for pair in pairs if pair[0] in vectors and pair[1] in vectors]


def _verification(pairs: Sequence[Pair], vectors: Mapping[str, Vector]) -> tuple[float, float]:
    """Accuracy at the best threshold, and the share of equal pairs found at 1 % false matches, by distance."""
    same = np.array([bool(kind) for _, _, kind in pairs])
    alike = np.array([-float(np.linalg.norm(vectors[one] - vectors[two])) for one, two, _ in pairs])
    others = np.sort(alike[~same])[::-1]
    return _verified(alike, same), float((alike[same] > others[int(0.01 * len(others))]).mean())


def _verified(alike: Floats, same: Bools) -> float:
    fold = np.arange(len(same)) % _FOLDS
    right = 0
    for held in (fold == number for number in range(_FOLDS)):
        bars = np.unique(alike[~held])
        best = bars[int(np.argmax([((alike[~held] >= bar) == same[~held]).mean() for bar in bars]))]
        right += int(((alike[held] >= best) == same[held]).sum())
    return right / len(same)


def auc(scores: Floats, seen: Bools) -> float:
    """Area under the ROC curve: how often a positive scores above a negative."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positives = int(seen.sum())
    return float((ranks[seen].sum() - positives * (positives + 1) / 2) / (positives * (~seen).sum()))


def without_people(folder: Path) -> list[Path]:
    """COCO's images in which no person is marked."""
    truth = json.loads((folder / "instances.json").read_text(encoding="utf-8"))
    person = next(category["id"] for category in truth["categories"] if category["name"] == "person")
    peopled = {found["image_id"] for found in truth["annotations"] if found["category_id"] == person}
    return [folder / "images" / image["file_name"] for image in truth["images"] if image["id"] not in peopled]


def _open(file: Path) -> EncodedFrame:
    return EncodedFrame.open(file.read_bytes(), Limits(max_bytes=1 << 30, min_side=0))


def _middle(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """The image, and the box and landmarks of a level face that would fill its middle square with the mesh's crop."""
    height, width = pixels.shape[:2]
    half = min(height, width) / 3
    box = np.array([width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half], np.float32)
    return pixels, box, np.array([[0, 0], [1, 0], [0, 0], [0, 0], [0, 0]], np.float32)
