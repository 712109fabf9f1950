"""The nodes of a TensorFlow.js topology: protocol buffers' JSON, in the two spellings that its converters wrote."""

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """One operation."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    """References to nodes, with ":1" and so on for values other than the first; control inputs left out."""
    attributes: dict[str, Any]

    def integer(self, name: str) -> int:
        """An integer; zero when it was left out, as protocol buffers do."""
        return int(self.attributes.get(name, {}).get("i", 0))

    def ints(self, name: str, default: list[int] | None = None) -> list[int]:
        """A list of integers."""
        if default is not None and name not in self.attributes:
            return default
        return [int(item) for item in self.attributes[name]["list"]["i"]]

    def flag(self, name: str) -> bool:
        """A boolean; false when it was left out."""
        return bool(self.attributes.get(name, {}).get("b", False))

    def text(self, name: str) -> str:
        """A byte string."""
        return _decode(self.attributes[name]["s"])

    def texts(self, name: str) -> list[str]:
        """A list of byte strings, empty when it was left out."""
        return [_decode(item) for item in self.attributes.get(name, {}).get("list", {}).get("s", [])]


def read_nodes(topology: dict[str, Any]) -> dict[str, Node]:
    """All nodes by name."""
    return {
        node["name"]: Node(
            node["name"],
            node["op"],
            tuple(reference for reference in node.get("input", []) if not reference.startswith("^")),
            node.get("attr", {}),
        )
        for node in topology["node"]
    }


def _decode(value: str | list[int]) -> str:
    """Base64 in newer files, a list of bytes in older ones."""
    return (bytes(value) if isinstance(value, list) else base64.b64decode(value)).decode()
