"""Object literals of minified JavaScript, as data. Nothing of the script is run."""

import json
import re
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$]*|![01]|-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[{}\[\]:,]')
_WORDS = {"null", "true", "false"}
_OPENING, _CLOSING = set("{["), set("}]")


def read_export(script: str) -> Any:
    """The string, object or array that a CommonJS module assigns to its exports.

    Raises:
        ValueError: what is assigned is no literal.
    """
    _, _, rest = script.rpartition(".exports=")
    tokens: list[str] = []
    depth = place = 0
    while not tokens or depth:
        match = _TOKEN.match(rest, place)
        if match is None:
            raise ValueError(f"the script exports no literal: {rest[place : place + 40]!r}")
        token = match.group()
        depth += (token in _OPENING) - (token in _CLOSING)
        tokens.append(_json(token))
        place = match.end()
    return json.loads("".join(tokens))


def _json(token: str) -> str:
    """The token as JSON spells it: keys quoted, !0 as true, .5 as 0.5."""
    if token in {"!0", "!1"}:
        return "true" if token == "!0" else "false"
    if token[0].isalpha() or token[0] in "_$":
        return token if token in _WORDS else json.dumps(token)
    if token.startswith((".", "-.")):
        return token.replace(".", "0.", 1)
    return token + "0" if token.endswith(".") else token
