"""Which models exist: installed, pulled and available."""

from collections.abc import Iterable
from dataclasses import dataclass

from openrek.model_store.catalogue import DEFAULT, HELPING, read_catalogue
from openrek.model_store.library import Library
from openrek.vision.pack import ModelPack
from openrek.vision.tasks.task import REPLACEABLE


@dataclass(frozen=True, slots=True)
class PackStatus:
    """A pack."""

    name: str
    state: str
    """installed, pulled, broken or available."""
    tasks: tuple[str, ...]
    """What it can do."""
    used_for: tuple[str, ...]
    """What it is chosen for."""
    bytes: int
    """Of all files; 0 where not known."""
    licences: tuple[str, ...]
    """Of code and weights, each once."""
    description: str


def listed(library: Library, installed: Iterable[ModelPack]) -> list[PackStatus]:
    """All packs: the installed ones, the pulled ones, then those of the catalogue that are not pulled.

    Raises:
        LookupError: the file of the choices is broken.
    """
    choices = library.choices()
    offers = dict(read_catalogue())
    found = []
    for pack in installed:
        left = tuple(task for task in REPLACEABLE if task not in choices)
        found.append(_of_pack(pack, "installed", left if pack.name == DEFAULT else ()))
    for name in library.names():
        offers.pop(name, None)
        used = tuple(task for task, chosen in choices.items() if chosen == name)
        try:
            found.append(_of_pack(library.pack(name), "pulled", used))
        except LookupError as error:
            found.append(PackStatus(name, "broken", (), used, 0, (), str(error)))
    found += [
        PackStatus(offer.name, "available", offer.tasks, (), offer.bytes, offer.licences, offer.description)
        for offer in offers.values()
    ]
    return found


def _of_pack(pack: ModelPack, state: str, used: tuple[str, ...]) -> PackStatus:
    tasks = tuple(dict.fromkeys(model.task for model in pack.models if model.task not in HELPING))
    licences = (licence for model in pack.models for licence in (model.license_code, model.license_weights))
    size = sum(model.bytes for model in pack.models)
    return PackStatus(pack.name, state, tasks, used, size, tuple(dict.fromkeys(licences)), pack.description)
