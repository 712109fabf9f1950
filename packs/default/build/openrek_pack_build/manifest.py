"""`models.toml`, which people write, to `pack.toml`, which is written here with sizes and hashes."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openrek_pack_build.fetch import AnalysisStore

_HEADING = "# Written by packs/default/build/build_pack.py from models.toml there; change that file, not this one."


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pack is made of."""

    pack: dict[str, Any]
    archives: dict[str, AnalysisStore]
    models: list[dict[str, Any]]
    """As in `models.toml`: `archive` and `member` stand for `source` where the model is another's work, and nothing is
    measured of the file yet."""


def read_plan(path: Path) -> Plan:
    """The plan in `models.toml`."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    archives = {entry["name"]: AnalysisStore(**entry) for entry in content["archive"]}
    return Plan(content["pack"], archives, content["model"])


def pack_toml(plan: Plan, folder: Path) -> str:
    """The text of `pack.toml` for the files in the folder."""
    parts = [_HEADING, "", "[pack]", *_lines(plan.pack)]
    for model in plan.models:
        data = (folder / model["file"]).read_bytes()
        described = {key: value for key, value in model.items() if not isinstance(value, dict | list)}
        source = described.pop("source", None) or _source(
            plan.archives[described.pop("archive")], described.pop("member")
        )
        described |= {
            **_identity(data),
            "source": source,
            "labels": model["labels"],
        }
        parts += ["", "[[model]]", *_lines(described)]
        for table in ("input", "outputs"):
            parts += ["", f"[model.{table}]", *_lines(model[table])]
        for metric in model["metrics"]:
            parts += ["", "[[model.metrics]]", *_lines(metric)]
        if "int8" in model:
            file = {**model["int8"]}
            metrics = file.pop("metrics")
            parts += ["", "[model.int8]", *_lines(file | _identity((folder / file["file"]).read_bytes()))]
            for metric in metrics:
                parts += ["", "[[model.int8.metrics]]", *_lines(metric)]
    return "\n".join(parts) + "\n"


def _identity(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _source(archive: AnalysisStore, member: str) -> str:
    return f"{archive.registry} {archive.requirement} (SHA-256 {archive.sha256}): {member}"


def _lines(table: dict[str, Any]) -> list[str]:
    # JSON's strings, numbers and lists are TOML's too.
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
