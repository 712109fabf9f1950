"""The packs in the data folder, and which of them is used for what."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import tomli_w

from openrek.data_folder import make_private
from openrek.model_store.catalogue import DEFAULT
from openrek.vision.pack import ModelPack, read_pack
from openrek.vision.tasks.task import REPLACEABLE

MANIFEST = "pack.toml"
_HEADING = (
    "# Which pack is used for what. Written by `openrek models use`; what is not here, the default pack does.\n\n"
)
_BUILD = "build"


class Library:
    """Pulled packs of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "packs"
        self._choices = data_dir / "models.toml"

    def names(self) -> tuple[str, ...]:
        """Of all pulled packs, in order."""
        if not self.folder.is_dir():
            return ()
        found = (path for path in self.folder.iterdir() if not path.name.startswith("."))
        return tuple(sorted(path.name for path in found if (path / MANIFEST).is_file()))

    def pack(self, name: str) -> ModelPack:
        """A pulled pack.

        Raises:
            LookupError: it is not there or its description is broken.
        """
        if name not in self.names():
            raise LookupError(f"the pack {name} is not pulled; `openrek models pull {name}` does it")
        try:
            return read_pack(self.folder / name)
        except (ValueError, OSError, TypeError, AttributeError) as error:
            raise LookupError(f"{self.folder / name / MANIFEST} is broken: {error}; pull {name} again") from None

    def choices(self) -> dict[str, str]:
        """The name of the pack used for a task, by task; the default pack's tasks are not in it.

        Raises:
            LookupError: the file of the choices is broken.
        """
        try:
            content = tomllib.loads(self._choices.read_text(encoding="utf-8")).get("use", {})
        except FileNotFoundError:
            return {}
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LookupError(f"{self._choices} is broken: {error}; `openrek models use default` resets it") from None
        if not isinstance(content, dict) or not all(isinstance(name, str) for name in content.values()):
            raise LookupError(f"{self._choices} is broken; `openrek models use default` resets it")
        return content

    def use(self, name: str, task: str | None = None) -> tuple[str, ...]:
        """Uses a pulled pack, or the default one, from the next start on; the tasks that this is about.

        Args:
            name: Of the pack.
            task: Only for this; for all that the pack can do otherwise.

        Raises:
            LookupError: the pack is not there, damaged or cannot do this.
        """
        if name == DEFAULT:
            tasks: tuple[str, ...] = REPLACEABLE if task is None else (task,)
            _check(task, REPLACEABLE, name)
            kept = {} if task is None else {each: pack for each, pack in self.choices().items() if each != task}
        else:
            pack = self.pack(name)
            able = tuple(model.task for model in pack.models if model.task in REPLACEABLE)
            _check(task, able, name)
            tasks = able if task is None else (task,)
            for model in pack.models:
                model.verify()
            kept = self.choices() | dict.fromkeys(tasks, name)
        make_private(self._choices.parent)
        write_at_once(self._choices, _HEADING + tomli_w.dumps({"use": dict(sorted(kept.items()))}))
        return tasks

    def in_use(self) -> tuple[tuple[ModelPack, ...], Mapping[str, str]]:
        """The packs that are used, each with those of its models that are needed; and the model used by task.

        Raises:
            LookupError: one is missing or broken, with what helps.
        """
        choices = self.choices()
        packs: list[ModelPack] = []
        use: dict[str, str] = {}
        for name in sorted(set(choices.values())):
            tasks = {task for task, chosen in choices.items() if chosen == name}
            try:
                pack = self.pack(name)
            except LookupError as error:
                raise LookupError(f"{error}; or `openrek models use default` goes on without it") from None
            helping = {model.task for model in pack.models} - set(REPLACEABLE) - {_BUILD}
            needed = tuple(model for model in pack.models if model.task in tasks | helping)
            found = {model.task: model.name for model in needed if model.task in tasks}
            if lacking := tasks - set(found):
                raise LookupError(
                    f"the pack {name} is used for {min(lacking)} and has no model for it; "
                    f"`openrek models use default --task {min(lacking)}` goes on without it"
                )
            use |= found
            packs.append(replace(pack, models=needed))
        return tuple(packs), use


def write_at_once(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _check(task: str | None, able: Iterable[str], name: str) -> None:
    able = tuple(able)
    if task is not None and task not in able:
        raise LookupError(f"the pack {name} is not for {task}; it is for {', '.join(able)}")
