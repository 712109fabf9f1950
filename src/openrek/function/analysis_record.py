"""The record of one analysis, `result.json`: read with care, because anything may have happened to the file."""

from collections.abc import Mapping
from typing import Any

import orjson

from openrek.ids import moment_of

MAX_RECORD_BYTES = 64 * 1024 * 1024
"""No result of one image comes near it."""
ROLES = ("original", "result", "annotated", "thumbnail")
_LISTS = ("labels", "faces", "text", "moderation")


class AnalysisDamagedError(Exception):
    """The record of an analysis is not what was written."""

    def __init__(self, identifier: str, damage: str) -> None:
        super().__init__(f"The result of analysis {identifier} is damaged: {damage}. Delete the analysis.")
        self.identifier = identifier
        self.damage = damage


def decode_record(identifier: str, data: bytes) -> dict[str, Any]:
    """The record of these bytes.

    Raises:
        AnalysisDamagedError: they are not a JSON object with this identifier.
    """
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError:
        damage = f"result.json has {len(data):,} bytes, which are not JSON" if data else "result.json is empty"
        raise AnalysisDamagedError(identifier, damage) from None
    if not isinstance(record, dict):
        raise AnalysisDamagedError(identifier, "result.json is not a JSON object")
    if record.get("id") != identifier:
        raise AnalysisDamagedError(identifier, "result.json does not have its identifier")
    return record


def damaged_record(error: AnalysisDamagedError) -> dict[str, Any]:
    """What stands in a list for a damaged record: `id`, `created_at` from the identifier, and `damaged`, the reason."""
    created = moment_of(error.identifier).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"id": error.identifier, "created_at": created, "damaged": error.damage}


def check_record(record: Mapping[str, Any]) -> None:
    """Returns if all that summaries and links are made of is there.

    Raises:
        AnalysisDamagedError: something is missing, or has another type.
    """
    if damage := str(record.get("damaged") or _damage(record)):
        raise AnalysisDamagedError(str(record["id"]), damage)


def _damage(record: Mapping[str, Any]) -> str:
    if not isinstance(record.get("created_at"), str):
        return "`created_at` is missing or not a string"
    image = record.get("image")
    if not isinstance(image, dict) or not all(isinstance(image.get(side), int) for side in ("width", "height")):
        return "`image` is missing or has no width and height"
    for name in _LISTS:
        if not isinstance(record.get(name), list) or not all(isinstance(each, dict) for each in record[name]):
            return f"`{name}` is missing or not a list of objects"
    if not all(_is_label(label) for label in (*record["labels"], *record["moderation"])):
        return "a label has no name"
    if not all(isinstance(text.get("Type"), str) for text in record["text"]):
        return "a text detection has no type"
    objects = record.get("objects")
    if not isinstance(objects, dict) or not all(_is_place(objects.get(role)) for role in (*ROLES, *objects)):
        return "`objects` is missing or does not name the objects"
    return ""


def _is_label(label: Mapping[str, Any]) -> bool:
    parents = label.get("Parents", [])
    return (
        isinstance(label.get("Name"), str)
        and isinstance(parents, list)
        and all(isinstance(parent, dict) and isinstance(parent.get("Name"), str) for parent in parents)
    )


def _is_place(location: Any) -> bool:
    return isinstance(location, dict) and all(isinstance(location.get(name), str) for name in ("bucket", "key"))
