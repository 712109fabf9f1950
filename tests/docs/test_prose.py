"""The language of the project: words of `prose.toml` are in no document, comment, message, console text or name."""

import ast
import io
import json
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

TABLE = tomllib.loads(Path(__file__).with_name("prose.toml").read_text(encoding="utf-8"))
RULES = TABLE["rule"]
CONSOLE_TEXTS = ROOT / "src/openrek/console/static/i18n.js"

Text = tuple[int, str]
"""First line and text of one paragraph, comment block, docstring or message."""


def _markdown(source: str) -> Iterator[Text]:
    """Paragraphs without code."""
    without_blocks = re.sub(
        r"^```.*?^```", lambda code: "\n" * code[0].count("\n"), source, flags=re.MULTILINE | re.DOTALL
    )
    without_code = re.sub(r"`[^`\n]+`|<!--.*?-->|\]\([^)]*\)", "``", without_blocks)
    line = 1
    for paragraph in re.split(r"(\n\s*\n)", without_code):
        yield line, paragraph
        line += paragraph.count("\n")


def _python(source: str) -> Iterator[Text]:
    """Comment blocks, docstrings and messages; a string without a space is a name or a key."""
    block: list[str] = []
    first = last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] != last + 1:
            yield first, "\n".join(block)
            block = []
        if not block:
            first = token.start[0]
        block.append(token.string.lstrip("# "))
        last = token.start[0]
    if block:
        yield first, "\n".join(block)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, re.sub(r"`[^`\n]+`", "``", re.sub(r"\n[ \t]+", "\n", node.value))


def _english_of_the_console(source: str) -> Iterator[Text]:
    start = source.index("const EN = ")
    table = source[start + len("const EN = ") : source.index("\n};", start) + 2]
    for key, text in json.loads(table).items():
        yield source[: source.index(json.dumps(key))].count("\n") + 1, text


def _texts() -> Iterator[tuple[Path, str, Iterator[Text]]]:
    """Every file that people read, where its language belongs, and its texts."""
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    for path in sorted(documents):
        yield path, "docs", _markdown(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "src").rglob("*.py")):
        yield path, "code", _python(path.read_text(encoding="utf-8"))
    yield CONSOLE_TEXTS, "console", _english_of_the_console(CONSOLE_TEXTS.read_text(encoding="utf-8"))


def _faults(where: str, texts: Iterator[Text]) -> Iterator[tuple[int, str]]:
    for first, text in texts:
        flowing = text.replace("\n", " ")
        for rule in RULES:
            if where in rule.get("where", [where]):
                for match in re.finditer(rule["pattern"], flowing, re.IGNORECASE):
                    line = first + text.count("\n", 0, match.start())
                    yield line, f"“{match[0]}”: write {rule['instead']}"


def test_documents_docstrings_and_messages_use_the_words_of_the_field() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {fault}"
        for path, where, texts in _texts()
        for line, fault in _faults(where, texts)
    ]
    assert not faults, "\n" + "\n".join(faults)


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def _names(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def test_names_in_code_are_those_of_the_field() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {name}: write {rule['instead']}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for line, name in _names(path.read_text(encoding="utf-8"))
        for rule in TABLE["name"]
        if name not in rule.get("except", ()) and _words(name).intersection(rule["words"])
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize("name", ["told", "is_told", "ToldLines", "_TOLD_LINES", "S3Told"])
def test_words_of_a_name_are_found_in_any_case(name: str) -> None:
    assert "told" in _words(name)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["pattern"])
def test_each_rule_matches_its_example(rule: dict[str, str]) -> None:
    assert re.search(rule["pattern"], rule["bad"], re.IGNORECASE)


@pytest.mark.parametrize(
    ("read", "source", "lines"),
    [
        (_markdown, "One.\n\nIt is\ntold.\n\n```sh\ntold\n```\n`told` and told\n", [4, 9]),
        (_python, '"""Fine."""\n\nx = "told"  # told\ny = f"is told {x}"\n', [3, 4]),
        (_python, 'def f() -> None:\n    """Fine.\n\n    It is told.\n    A full\n    house.\n    """\n', [4, 5]),
        (_english_of_the_console, 'const EN = {\n  "told": "fine",\n  "b": "It was told."\n};\n', [3]),
    ],
)
def test_texts_are_read_and_code_is_not(read, source: str, lines: list[int]) -> None:  # type: ignore[no-untyped-def]
    assert sorted(line for line, _ in _faults("docs", read(source))) == lines
