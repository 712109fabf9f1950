"""How sure labels are, by what the classifier and the detectors say of one image."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from openrek.rekognition.render.taxonomy import entry, label_of
from openrek.vision import Labels
from openrek.vision.calibration import bounded_logit

_PERSON, _SWIMWEAR = "Person", "Swimwear"
_BATHING = ("Water", "Sea", "Beach", "Surfboard", "Scuba Diver", "Snorkel")
"""What bears out that somebody wears swimwear."""
_THERE = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a label that the classifier names, or for an ancestor of some."""

    share: float
    """Of the classifier's whole, 0 to 1."""
    support: float
    """By the detectors, see `openrek.vision.calibration.bounded_logit`; 0 where they know nothing of such things."""


def weigh(labels: Labels) -> dict[str, float]:
    """Confidence, 0 to 1, of each label and of its ancestors, never less sure than what descends from them."""
    present = _present(labels)
    seen = {name: labels.curve.of(found.share, found.support) for name, found in gather(labels).items()}
    if present.get(_PERSON, 0.0) >= _THERE:
        seen = _borne_out(seen, present | dict(labels.scenery))
    for name, confidence in (*seen.items(), *present.items(), *labels.scenery):
        for each in (name, *entry(name).parents):
            seen[each] = max(seen.get(each, 0.0), confidence)
    return seen


def gather(labels: Labels) -> dict[str, Evidence]:
    """For each label that the classifier names, and for each ancestor of one.

    Labels that exclude each other add up in what they descend from, and so does what the detectors say of them. Of
    others, the highest confidence counts.
    """
    present = _present(labels)
    detectable = frozenset(map(label_of, labels.detectable))
    shares: dict[str, float] = {}
    supports: dict[str, float] = {}
    for word, share in labels.shares:
        name = label_of(word)
        lineage = (name, *entry(name).parents)
        support = _support(lineage, detectable, present)
        for each in lineage:
            if labels.exclusive:
                shares[each] = shares.get(each, 0.0) + share
                supports[each] = supports.get(each, 0.0) + share * support
            elif share > shares.get(each, 0.0):
                shares[each], supports[each] = share, share * support
    return {name: Evidence(min(share, 1.0), supports[name] / share) for name, share in shares.items() if share > 0}


def _present(labels: Labels) -> dict[str, float]:
    present: dict[str, float] = {}
    for word, confidence in labels.present:
        present[label_of(word)] = max(present.get(label_of(word), 0.0), confidence)
    return present


def _borne_out(seen: Mapping[str, float], others: Mapping[str, float]) -> dict[str, float]:
    """The same confidences, of swimwear no higher than that of water, a beach or what is used there.

    An evening dress looks like a swimsuit to the classifier. Garments on their own are left as they are.
    """
    limit = max(max(seen.get(name, 0.0), others.get(name, 0.0)) for name in _BATHING)
    return {
        name: min(confidence, limit) if _SWIMWEAR in (name, *entry(name).parents) else confidence
        for name, confidence in seen.items()
    }


def _support(lineage: Collection[str], detectable: Collection[str], present: Mapping[str, float]) -> float:
    """What the detectors say of a label by its name and ancestors; 0 where they look for none of these."""
    known = [present.get(name, 0.0) for name in lineage if name in detectable]
    return bounded_logit(max(known)) if known else 0.0
