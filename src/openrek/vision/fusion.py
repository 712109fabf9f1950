"""Weighted box fusion: two detectors' boxes of the same thing become one, placed by confidence.

Solovyev, Wang, Gabruseva: Weighted boxes fusion (2021), https://arxiv.org/abs/1910.13302. What is left of boxes that
overlap loses confidence: Bodla, Singh, Chellappa, Davis: Soft-NMS (2017), https://arxiv.org/abs/1704.04503.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openrek.vision.boxes import iou, overlaps
from openrek.vision.results import Detections

IOU_THRESHOLD = 0.65
"""Boxes of one class that overlap more than this are one."""
CROWDED = 0.4
"""Boxes of one class that overlap more than this may be of one thing."""

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


def fuse(
    found: Sequence[Detections], detector_weights: Sequence[float], minimum: float = 0.0, maximum: int = 100
) -> Detections:
    """The detectors' boxes as one set, most confident first.

    The paper averages confidences, so that a box only one detector sees counts half. Here each detector's confidence,
    times the trust in it, is taken as the chance that it is right, independently of the other: confidences of boxes
    seen twice come out high, and of boxes seen once not lower than the trust. Ranked so, mAP is higher, too.

    Args:
        found: One set a detector, coordinates of the same image.
        detector_weights: Weight of each detector, 0 to 1.
        minimum: Boxes below this confidence are left out beforehand.
        maximum: Boxes returned at the most.
    """
    xyxy = np.concatenate([each.xyxy for each in found])
    confidence = np.concatenate([each.confidence for each in found])
    class_id = np.concatenate([each.class_id for each in found])
    detector = np.repeat(np.arange(len(found)), [len(each) for each in found])
    kept = np.flatnonzero((confidence >= minimum) & (confidence > 0))
    order = kept[np.lexsort((-confidence[kept], class_id[kept]))]
    xyxy, confidence, class_id, detector = xyxy[order], confidence[order], class_id[order], detector[order]
    weights = np.array(detector_weights, np.float64)
    boxes, scores = xyxy.copy(), weights[detector] * confidence
    leads = np.ones(len(order), np.bool_)
    # Most boxes overlap none of their class so much. A class in which no two do needs no clusters.
    paired = ((overlaps(xyxy) > IOU_THRESHOLD) & (class_id[:, None] == class_id)).sum(axis=1) > 1
    for kind in np.unique(class_id[paired]):
        for members in _cluster(xyxy, confidence, np.flatnonzero(class_id == kind), paired):
            if len(members) > 1:
                boxes[members[0]] = np.average(xyxy[members], axis=0, weights=confidence[members])
                doubt = 1.0
                for index, weight in enumerate(detector_weights):
                    doubt *= 1 - weight * float(confidence[members][detector[members] == index].max(initial=0))
                scores[members[0]] = 1 - doubt
                leads[members[1:]] = False
    boxes, scores, class_id = boxes[leads], scores[leads], class_id[leads]
    best = np.argsort(-scores, kind="stable")[:maximum]
    return Detections(boxes[best], scores[best].astype(np.float32), class_id[best])


def soften(found: Detections) -> Detections:
    """The same boxes, most confident first, less sure where a surer one of their class overlaps them.

    Averaging all that overlap into one box would blur things that stand side by side, and dropping the less sure ones
    would lose them. A box keeps of its confidence the share that does not overlap.
    """
    confidence = found.confidence.copy()
    shared = overlaps(found.xyxy)
    crowded = (shared > CROWDED) & (found.class_id[:, None] == found.class_id)
    np.fill_diagonal(crowded, False)
    places = np.flatnonzero(crowded.any(axis=1))
    rest = np.where(crowded, 1 - shared, 1)[np.ix_(places, places)]
    waiting, among = np.ones(len(places), np.bool_), confidence[places]
    for _ in places:
        top = int(np.argmax(np.where(waiting, among, -1)))
        waiting[top] = False
        rest[:, top] = 1  # a box that had its turn stays as it is
        among *= rest[top]
    confidence[places] = among
    order = np.argsort(-confidence, kind="stable")
    return Detections(found.xyxy[order], confidence[order], found.class_id[order])


def _cluster(xyxy: Floats, confidence: Floats, indices: Indices, paired: NDArray[np.bool_]) -> list[list[int]]:
    """Boxes of one class, most confident first, that are one: in clusters, each in the order of the boxes.

    Args:
        xyxy: (N, 4)
        confidence: (N,)
        indices: Those of the class.
        paired: (N,): whether a box overlaps another of its class as much. One that does not can only be of a cluster
            of several, whose mean lies elsewhere than each of them.
    """
    clusters: list[list[int]] = []
    fused = np.empty((len(indices), 4), np.float32)
    several: list[int] = []
    for index in indices.tolist():
        compared = list(range(len(clusters))) if paired[index] else several
        if compared:
            shared = iou(xyxy[index], fused[compared])
            best = int(np.argmax(shared))
            if shared[best] > IOU_THRESHOLD:
                cluster = compared[best]
                if len(clusters[cluster]) == 1:
                    several.append(cluster)
                clusters[cluster].append(index)
                weight = confidence[clusters[cluster]]
                fused[cluster] = (xyxy[clusters[cluster]] * weight[:, None]).sum(axis=0) / weight.sum()
                continue
        fused[len(clusters)] = xyxy[index]
        clusters.append([index])
    return clusters
