"""Names of classes, a line each in class order."""

import re

# The 80 categories of COCO in the order of their ids (which skip eleven numbers). https://cocodataset.org
COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag,
tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard,
tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot,
hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, TV, laptop, mouse, remote,
keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair dryer, toothbrush
"""

# The bird and the machine, the dog and the garment, and two swimsuits share their first synonyms; a kite is a toy to
# COCO, and amphibians are animals.
_DISTINCT = {
    21: "kite bird",
    134: "crane bird",
    264: "Cardigan Welsh corgi",
    408: "amphibious vehicle",
    639: "tank suit",
}

_ENTRY = re.compile(r"""(\d+): (?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
_SMALL = {"of", "the", "and", "in", "a", "de"}


def coco() -> list[str]:
    """Display names of the COCO classes."""
    return [display_name(name.strip()) for name in COCO.split(",")]


def imagenet(script: str) -> list[str]:
    """Display names of ImageNet's classes: the first synonym of each, or one that no other class has.

    Args:
        script: `imagenet_classes.js`, a table of class numbers to synonyms.
    """
    found = {int(place): single or double for place, single, double in _ENTRY.findall(script)}
    if sorted(found) != list(range(1000)):
        raise ValueError(f"the table names {len(found)} classes, not 1000")
    first = {place: text.replace("\\'", "'").split(",")[0].strip() for place, text in found.items()}
    return [display_name(name) for _, name in sorted((first | _DISTINCT).items())]


def display_name(name: str) -> str:
    """Capitals at the start of words, but for the small ones between."""
    words = name.split(" ")
    return " ".join(
        word if word[:1].isupper() or (place and word in _SMALL) else word[:1].upper() + word[1:]
        for place, word in enumerate(words)
    )
