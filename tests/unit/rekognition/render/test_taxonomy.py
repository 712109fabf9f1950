"""The taxonomy covers what the default pack can say, hangs together, and uses Rekognition's categories."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from openrek.rekognition.render import face_labels, taxonomy
from openrek.rekognition.render.scenes import rules
from openrek.rekognition.render.taxonomy import LabelEntry, entries, entry, label_of
from openrek.vision.pack import read_pack

_PACK = Path(__file__).parents[4] / "packs" / "default" / "src" / "openrek_pack_default"
_TABLE = Path(taxonomy.__file__).with_name("labels.toml")
_FILES = ("coco80.txt", "imagenet1000.txt")
_WORDS = sorted({word for file in _FILES for word in (_PACK / file).read_text(encoding="utf-8").splitlines()})
_NAMES = sorted({label_of(word) for word in _WORDS})

# https://docs.aws.amazon.com/rekognition/latest/dg/labels.html
_CATEGORIES = """
Actions; Animals and Pets; Apparel and Accessories; Beauty and Personal Care; Buildings and Architecture;
Colors and Visual Composition; Damage Detection; Education; Events and Attractions; Everyday Objects;
Expressions and Emotions; Food and Beverage; Furniture and Furnishings; Health and Fitness; Hobbies and Interests;
Home and Indoors; Home Appliances; Kitchen and Dining; Materials; Medical; Nature and Outdoors;
Offices and Workspaces; Patterns and Shapes; Performing Arts; Person Description; Plants and Flowers;
Popular Landmarks; Profession; Public Safety; Religion; Sports; Symbols and Flags; Technology and Computing;
Text and Documents; Tools and Machinery; Toys and Gaming; Transport and Logistics; Travel and Adventure;
Vehicles and Automotive; Weapons and Military
"""
# Words of models that mean something else to most people.
_MISLEADING = """
Admiral; Alp; Angora; Ashcan; Balloon; Barrow; Beacon; Bow; Brass; Chest; Chime; Cock; Crane; Cricket; Drake; Drumstick;
Ear; File; Groom; Hamper; Hip; Iron; Lakeside; Liner; Maillot; Monarch; Mortar; Muzzle; Nail; Newfoundland; Nipple;
Organ; Pick; Pickup; Pirate; Pitcher; Plane; Pot; Puck; Racer; Ram; Reel; Remote; Ringlet; Rule; Safe; Slot; Sorrel;
Stole; Swab; Switch; Titi; Tub; Upright; Vacuum; Vault; Walking Stick; Wing; Wreck
"""


def test_every_name_of_the_default_pack_has_an_entry() -> None:
    assert [name for name in _NAMES if name not in entries()] == []


def test_of_the_names_of_the_default_pack_only_person_has_no_parent() -> None:
    assert [name for name in _NAMES if not entry(name).parents] == ["Person"]


def test_every_parent_has_an_entry_of_its_own() -> None:
    assert {parent for known in entries().values() for parent in known.parents} <= set(entries())


def test_no_label_is_its_own_ancestor() -> None:
    assert [name for name, known in entries().items() if name in known.parents] == []


def test_the_ancestors_of_a_parent_are_ancestors_too() -> None:
    for known in entries().values():
        for parent in known.parents:
            assert set(entry(parent).parents) < set(known.parents), known


def test_every_label_has_a_category_and_only_those_of_rekognition() -> None:
    assert [name for name, known in entries().items() if not known.categories] == []
    known_to_aws = {category.strip() for category in _CATEGORIES.split(";")}
    assert len(known_to_aws) == 40
    assert {category for known in entries().values() for category in known.categories} <= known_to_aws


def test_no_label_is_listed_twice() -> None:
    groups = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["group"]
    listed = Counter(name for group in groups for name in group["labels"])
    assert [name for name, times in listed.items() if times > 1] == []


def test_every_listed_label_is_one_the_pack_gives_a_scene_or_an_ancestor_of_one() -> None:
    scenery = {name for model in read_pack(_PACK).models if model.name == "scene_heads" for name in model.labels}
    message = {*_NAMES, *(rule.scene for rule in rules()), *face_labels.NAMES, *scenery}
    given = {*message, *(parent for name in message for parent in entry(name).parents)}
    assert set(entries()) - given == set()


def test_aliases_are_not_labels_and_nothing_but_labels_is_named() -> None:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    assert {*table["aliases"], *table["vietnamese"]} <= set(entries())
    assert {alias for known in entries().values() for alias in known.aliases} & set(entries()) == set()


def test_every_label_is_complete() -> None:
    for known in entries().values():
        assert known.name == known.name.strip() != "", known
        assert known.categories, known
        assert known.vietnamese is not None, known
        assert known.vietnamese == known.vietnamese.strip() != "", known
        assert known.vietnamese[0] == known.vietnamese[0].upper(), known
        assert all(alias.strip() and alias != known.name for alias in known.aliases), known


def test_no_name_differs_from_another_by_capitals_only() -> None:
    assert len({name.casefold() for name in entries()}) == len(entries())


def test_no_two_labels_have_one_vietnamese_name() -> None:
    named: dict[str, set[str]] = {}
    for name, known in entries().items():
        named.setdefault((known.vietnamese or "").casefold(), set()).add(name)
    assert [names for names in named.values() if len(names) > 1] == []


def test_no_two_labels_have_one_alias() -> None:
    aliases = Counter(alias.casefold() for known in entries().values() for alias in known.aliases)
    assert [alias for alias, times in aliases.items() if times > 1] == []


def test_what_models_call_it_is_no_label_and_names_one() -> None:
    names = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["names"]
    assert set(names) <= set(_WORDS)
    assert set(names) & set(entries()) == set()
    assert set(names.values()) <= set(entries())
    assert entry("Mobile Phone").words == ("Cell Phone", "Cellular Telephone")
    assert label_of("Cell Phone") == label_of("Cellular Telephone") == label_of("Mobile Phone") == "Mobile Phone"


def test_no_misleading_word_is_left() -> None:
    words = {word.strip() for word in _MISLEADING.split(";")}
    assert words & set(entries()) == set()
    assert words & {alias for known in entries().values() for alias in known.aliases} == {"Pitcher"}


def test_vietnamese_names_are_vietnamese() -> None:
    ascii_only = [name for name, known in entries().items() if (known.vietnamese or "").isascii()]
    # Words that Vietnamese writes without a mark, or took over as they are.
    assert len(ascii_only) < 0.06 * len(entries())
    assert [name for name in ascii_only if entry(name).vietnamese == name] == []


def test_the_labels_with_boxes_are_those_of_the_detectors_and_of_faces() -> None:
    boxed = {name for name, known in entries().items() if known.has_boxes}
    detected = set(map(label_of, (_PACK / "coco80.txt").read_text(encoding="utf-8").splitlines()))
    assert boxed == detected | face_labels.NAMES


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        ("Woman", ("Adult", "Person", "Female")),
        ("Boy", ("Child", "Person", "Male")),
        ("Smile", ("Face", "Head", "Person")),
        ("Portrait", ("Face", "Head", "Person", "Photography")),
        ("Sunglasses", ("Glasses", "Accessories")),
    ],
)
def test_labels_of_faces_descend_from_person_or_what_is_worn(name: str, parents: tuple[str, ...]) -> None:
    assert entry(name).parents == parents


def test_a_name_in_vietnamese_is_the_english_one_where_the_taxonomy_knows_none() -> None:
    assert taxonomy.vietnamese("Dog") == "Chó"
    assert taxonomy.vietnamese("Ptarmigan") == "Gà gô tuyết"
    assert taxonomy.vietnamese("Sonic Screwdriver") == "Sonic Screwdriver"


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        ("Dog", ("Canine", "Mammal", "Animal", "Pet")),
        ("Beagle", ("Hound", "Dog", "Canine", "Mammal", "Animal", "Pet")),
        ("Tabby Cat", ("Cat", "Feline", "Mammal", "Animal", "Pet")),
        ("Car", ("Vehicle", "Transportation")),
        ("Mobile Phone", ("Phone", "Electronics")),
        ("Banana", ("Fruit", "Produce", "Food", "Plant")),
    ],
)
def test_ancestors_come_nearest_first(name: str, parents: tuple[str, ...]) -> None:
    assert entry(name).parents == parents


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cell Phone", "Cellular Telephone"),
        ("Hair Dryer", "Hand Blower"),
        ("Hot Dog", "Hotdog"),
        ("Keyboard", "Computer Keyboard"),
        ("Remote", "Remote Control"),
        ("Skis", "Ski"),
        ("Sunglass", "Sunglasses"),
        ("TV", "Television"),
        ("Teddy Bear", "Teddy"),
    ],
)
def test_two_words_for_one_thing_are_one_label(one: str, other: str) -> None:
    assert label_of(one) == label_of(other)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("African Elephant", "Elephant"),
        ("Airliner", "Airplane"),
        ("Brown Bear", "Bear"),
        ("Coffee Cup", "Cup"),
        ("Green Apple", "Apple"),
        ("Mountain Bike", "Bicycle"),
        ("Persian Cat", "Cat"),
        ("School Bus", "Bus"),
        ("Soccer Ball", "Sports Ball"),
        ("Sports Car", "Car"),
        ("Wine Bottle", "Bottle"),
    ],
)
def test_a_kind_of_an_object_descends_from_it(narrow: str, wide: str) -> None:
    assert entry(narrow).parents[0] == wide


def test_categories_come_from_the_parent_unless_a_label_has_its_own() -> None:
    assert entry("Pug").categories == ("Animals and Pets",)
    assert entry("Church").categories == ("Buildings and Architecture", "Religion")
    assert entry("Altar").categories == ("Buildings and Architecture", "Religion")


def test_aliases_and_vietnamese_names_are_known() -> None:
    assert entry("Mobile Phone").aliases == ("Cell Phone",)
    assert entry("Dog").vietnamese == "Chó"


def test_an_unknown_name_has_an_entry_of_its_name_only() -> None:
    assert entry("Sonic Screwdriver") == LabelEntry("Sonic Screwdriver", (), (), (), None)
