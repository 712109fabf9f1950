"""Trains scene_heads.npz: what stands about in an image, and where it was taken, from EfficientNet-lite0's features.

    python packs/default/build/train_scene_heads.py --data ../shared/data        writes scene_heads.npz beside this file

Needs openrek, the pack's EfficientNet-lite0, and the images of data/breadth (COCO train2017, annotations CC BY 4.0;
photos and wallpapers; garments), whose SOURCES.txt has their terms. Nothing of the images is in the result but the
weights. The confidence curve is fitted to the labels by eye of COCO val2017. build_pack.py copies the file into the
pack. The same images and the same seed give the same bytes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openrek.vision import EncodedFrame, Limits, load_packs
from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.runtime.session_cache import SessionCache
from openrek_pack_build.heads import Head, Schedule, fit_curve, highest_mean, likely_cells, train
from openrek_pack_build.scene_data import Features, Scene, Vocabulary, cell_targets, training_scenes

HERE = Path(__file__).resolve().parent
SEED = 20261128
# Rates, epochs and batches; the decays are those of the highest mean average precision on sources that were left out.
ON_MASKS = Schedule(25, 2e-3, 1.5e-2, 1024)
ON_ALL = Schedule(20, 2e-3, 1.5e-2, 1024)
WHOLE = Schedule(60, 1e-3, 0.5, 128)
ROUNDS = 2
HIGHEST = 1 / 12
MAXIMUM_WEIGHT = 0.3
FLOORS = {"dense": 0.1, "global": 0.05}
POSITIVE_WEIGHT = 2.0
ABSTRACT_WEIGHT = 2.0
"""How much an image in which nothing was seen counts against Outdoors."""
NEVER_JUDGED = frozenset({"Person", "Sand"})
"""Labels of the dense head that only masks show."""
SHIFTS = {"Outdoors": -0.9, "Sea": -0.9, "Indoors": -0.42}
"""Log odds: on sources that were left out these labels were wrong more often than others of the same score."""

Floats = NDArray[np.float64]


def map_features() -> Features:
    """What EfficientNet-lite0 of the pack sees in a file."""
    sessions = SessionCache(load_packs())
    model = EfficientNetLite(sessions["efficientnet_lite0"])

    def features(file: Path) -> Floats:
        frame = EncodedFrame.open(file.read_bytes(), Limits(max_bytes=1 << 30, min_side=0))
        observed = model.observe(frame.pixels()).features
        if observed is None:
            raise LookupError("the pack's EfficientNet-lite0 returns no features; rebuild it")
        return observed.reshape(-1, observed.shape[-1]).astype(np.float64)

    return features


def whole(features: Floats) -> Floats:
    """(2 × channels,): of an image's (cells, channels)."""
    return np.concatenate([features.mean(axis=0), MAXIMUM_WEIGHT * features.max(axis=0)])


def train_dense(scenes: list[Scene], vocabulary: Vocabulary) -> Head:
    """On the cells of masks; then on those of all images, by which of them look most like a label of their image."""
    masked = [scene for scene in scenes if scene.coverage is not None]
    judged = [scene for scene in scenes if scene.coverage is None]
    cells = np.concatenate([scene.features for scene in masked])
    targets, weights = cell_targets(np.concatenate([scene.coverage for scene in masked if scene.coverage is not None]))
    images = np.stack([scene.features for scene in judged])
    others = images.reshape(-1, images.shape[-1])
    head = Head.untrained(np.concatenate([cells, others]), targets, weights, FLOORS["dense"])
    head = train(head, cells, targets, weights, ON_MASKS, SEED)
    names = vocabulary.dense
    present = np.array([[name in (scene.labels or ()) for name in names] for scene in judged])
    counted = np.array(
        [[(name not in scene.not_judged | NEVER_JUDGED) * scene.weight for name in names] for scene in judged]
    )
    for number in range(ROUNDS):
        likely = likely_cells(head.logits(images), present)
        weight = (likely | ~present[:, None]) * counted[:, None]
        head = train(
            head,
            np.concatenate([cells, others]),
            np.concatenate([targets, likely.reshape(-1, len(names)).astype(np.float64)]),
            np.concatenate([weights, weight.reshape(-1, len(names))]),
            ON_ALL,
            SEED + 1 + number,
        )
    return head


def train_global(scenes: list[Scene], vocabulary: Vocabulary) -> Head:
    """On mean and maximum of the cells of every image that was judged."""
    judged = [scene for scene in scenes if scene.labels is not None]
    names = vocabulary.labels
    features = np.stack([whole(scene.features) for scene in judged])
    targets = np.array([[float(name in (scene.labels or ())) for name in names] for scene in judged])
    weights = np.array([[(name not in scene.not_judged) * scene.weight for name in names] for scene in judged])
    weights *= np.where(targets > 0, POSITIVE_WEIGHT, 1.0)
    abstract = [index for index, scene in enumerate(judged) if not scene.labels and not scene.not_judged]
    weights[abstract, names.index("Outdoors")] *= ABSTRACT_WEIGHT
    head = Head.untrained(features, targets, weights, FLOORS["global"])
    return train(head, features, targets, weights, WHOLE, SEED)


def scores(dense: Head, of_whole: Head, vocabulary: Vocabulary, features: list[Floats]) -> Floats:
    """(images, labels): the mean of the logits that there are of each label."""
    found = of_whole.logits(np.stack([whole(each) for each in features]))
    cells = highest_mean(dense.logits(np.stack(features)), HIGHEST)
    for column, label in enumerate(vocabulary.labels):
        if (place := vocabulary.dense_column(label)) >= 0:
            found[:, column] = (found[:, column] + cells[:, place]) / 2
    return found


def main() -> None:
    """Trains and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds breadth/ and coco128_val2017/")
    parser.add_argument("--output", type=Path, default=HERE / "scene_heads.npz")
    arguments = parser.parse_args()
    vocabulary, features = Vocabulary.read(HERE / "scene_labels.toml"), map_features()
    scenes = training_scenes(arguments.data / "breadth", vocabulary, features)
    dense, of_whole = train_dense(scenes, vocabulary), train_global(scenes, vocabulary)

    by_eye = arguments.data / "breadth/coco128_val2017_panoptic/by_eye.json"
    judged = {name: labels for name, labels in json.loads(by_eye.read_text()).items() if labels is not None}
    images = [features(arguments.data / "coco128_val2017/images" / name) for name in sorted(judged)]
    found = scores(dense, of_whole, vocabulary, images)
    right = np.array([[label in judged[name] for label in vocabulary.labels] for name in sorted(judged)])
    curve = fit_curve(found.reshape(-1), right.reshape(-1))

    shipped = list(vocabulary.content["shipped"])
    columns = [vocabulary.labels.index(label) for label in shipped]
    dense_of = [vocabulary.dense_column(label) for label in shipped]
    used = sorted({place for place in dense_of if place >= 0})
    np.savez(
        arguments.output,
        dense_weights=dense.weights[:, used].astype(np.float16),
        dense_offsets=dense.offsets[used].astype(np.float32),
        dense_mean=dense.mean.astype(np.float32),
        dense_scale=dense.scale.astype(np.float32),
        dense_of=np.array([used.index(place) if place >= 0 else -1 for place in dense_of], np.int32),
        global_weights=of_whole.weights[:, columns].astype(np.float16),
        global_offsets=of_whole.offsets[columns].astype(np.float32),
        global_mean=of_whole.mean.astype(np.float32),
        global_scale=of_whole.scale.astype(np.float32),
        curve=np.array(curve, np.float32),
        shift=np.array([SHIFTS.get(label, 0.0) for label in shipped], np.float32),
    )
    print(f"{len(scenes)} images; slope {curve[0]:.3f}, offset {curve[1]:.3f}")


if __name__ == "__main__":
    main()
