"""Weighted box fusion: two detectors' boxes of the same thing become one, placed by confidence.

Solovyev, Wang, Gabruseva: Weighted boxes fusion (2021), https://arxiv.org/abs/1910.13302. What is left of boxes that
overlap loses confidence: Bodla, Singh, Chellappa, Davis: Soft-NMS (2017), https://arxiv.org/abs/1704.04503.
"""

from collections.abc import Sequence

import numpy as np

from openrek.vision.boxes import iou, overlaps
from openrek.vision.results import Detections

IOU_THRESHOLD = 0.65
"""Boxes of one class that overlap more than this are one."""
CROWDED = 0.4
"""Boxes of one class that overlap more than this may be of one thing."""


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
    detector = np.concatenate([np.full(len(each), index) for index, each in enumerate(found)])
    boxes, scores, classes = [], [], []
    for kind in np.unique(class_id):
        indices = np.flatnonzero((class_id == kind) & (confidence >= minimum) & (confidence > 0))
        indices = indices[np.argsort(-confidence[indices], kind="stable")]
        for members in _cluster(xyxy, confidence, indices):
            classes.append(int(kind))
            if len(members) == 1:  # as most are
                boxes.append(xyxy[members[0]])
                scores.append(detector_weights[detector[members[0]]] * float(confidence[members[0]]))
                continue
            boxes.append(np.average(xyxy[members], axis=0, weights=confidence[members]))
            doubt = 1.0
            for index, detector_weight in enumerate(detector_weights):
                doubt *= 1 - detector_weight * float(confidence[members][detector[members] == index].max(initial=0))
            scores.append(1 - doubt)
    if not boxes:
        return Detections.none()
    order = np.argsort(-np.array(scores), kind="stable")[:maximum]
    return Detections(
        np.array(boxes, np.float32)[order],
        np.array(scores, np.float32)[order],
        np.array(classes, np.int32)[order],
    )


def soften(found: Detections) -> Detections:
    """The same boxes, most confident first, less sure where a surer one of their class overlaps them.

    Averaging all that overlap into one box would blur things that stand side by side, and dropping the less sure ones
    would lose them. A box keeps of its confidence the share that does not overlap.
    """
    confidence = found.confidence.copy()
    shared = overlaps(found.xyxy)
    crowded = (shared > CROWDED) & (found.class_id[:, None] == found.class_id[None])
    waiting = np.flatnonzero(crowded.sum(axis=1) > 1)
    while len(waiting) > 1:
        index = int(np.argmax(confidence[waiting]))
        top, waiting = waiting[index], np.delete(waiting, index)
        beside = waiting[crowded[top, waiting]]
        confidence[beside] *= 1 - shared[top, beside]
    order = np.argsort(-confidence, kind="stable")
    return Detections(found.xyxy[order], confidence[order], found.class_id[order])


def _cluster(
    xyxy: "np.ndarray[tuple[int, int], np.dtype[np.float32]]",
    confidence: "np.ndarray[tuple[int], np.dtype[np.float32]]",
    indices: "np.ndarray[tuple[int], np.dtype[np.intp]]",
) -> list[list[int]]:
    clusters: list[list[int]] = []
    fused = np.empty((len(indices), 4), np.float32)
    for index in indices:
        if clusters:
            shared = iou(xyxy[index], fused[: len(clusters)])
            best = int(np.argmax(shared))
            if shared[best] > IOU_THRESHOLD:
                clusters[best].append(int(index))
                weight = confidence[clusters[best]]
                fused[best] = (xyxy[clusters[best]] * weight[:, None]).sum(axis=0) / weight.sum()
                continue
        fused[len(clusters)] = xyxy[index]
        clusters.append([int(index)])
    return clusters
