"""The plan of the house: which rooms there are, and how large a module may be."""

from pathlib import Path

import openrek

_SOURCE = Path(openrek.__file__).parent
_ROOMS = {
    "cli": "one module a command",
    "cloudwatch": "structured logs",
    "console": "web UI, static ES modules",
    "db": "tables, databases, migrations",
    "deploy": "the stack on AWS",
    "function": "Lambda: handler(event, context)",
    "gateway": "API Gateway: the life of a request",
    "iam": "keys, signatures, policies",
    "imaging": "image files to pixels and back",
    "jobs": "durable work",
    "model_store": "packs that are pulled",
    "protocol": "awsJson1.1 by the contract",
    "rekognition": "operations, and arrays as wire shapes",
    "s3": "object storage",
    "state": "repositories",
    "vectors": "vectors of faces, searched",
    "video": "videos to frames, samples, shots, tracks: arrays only",
    "vision": "the engine",
    "web": "what both HTTP edges share",
}
"""Rooms by name. A new one is drawn here and in CONTRIBUTING.md first."""
_MAX_LINES = 400


def test_every_room_is_on_the_plan() -> None:
    rooms = {path.parent.name for path in _SOURCE.glob("*/__init__.py")}
    assert rooms == set(_ROOMS)


def test_contributing_shows_every_room() -> None:
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [room for room in _ROOMS if f"      {room}/" not in text] == []


def test_no_module_is_larger_than_can_be_read_at_once() -> None:
    large = {
        str(path.relative_to(_SOURCE)): lines
        for path in _SOURCE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > _MAX_LINES
    }
    assert large == {}


def test_no_module_is_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "core"}
    assert [path for path in _SOURCE.rglob("*.py") if path.stem in vague or path.parent.name in vague] == []
