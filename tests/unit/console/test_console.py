"""The console's files: complete, self-contained, in two languages."""

import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from openrek.console import STATIC

VENDOR = STATIC / "vendor"
OWN = sorted(path for path in STATIC.rglob("*") if path.is_file() and VENDOR not in path.parents)
SCRIPTS = [path for path in OWN if path.suffix == ".js"]
MANIFEST: dict[str, Any] = json.loads((VENDOR / "manifest.json").read_text())

_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\s;{}]+)["']""")
_CSS_IMPORT = re.compile(r"""@import\s+(?:url\()?["']([^"']+)["']""")
# Fetched by a browser, unlike a link that a reader may follow or the name of an XML namespace.
_FETCHED = re.compile(
    r"""(?:fetch|import|url|open)\(\s*["'`]?(?:https?:)?//|(?:from|@import)\s*["'](?:https?:)?//"""
    r"""|(?:src|srcset|action)\s*=\s*["'](?:https?:)?//|<link[^>]+href=["'](?:https?:)?//"""
)
_CDN = re.compile(r"unpkg|jsdelivr|fontawesome\.com/releases|googleapis|gstatic|bunny\.net|cloudflare|cdn\.")


def tables() -> dict[str, dict[str, str]]:
    """The tables of i18n.js, by name."""
    source = (STATIC / "i18n.js").read_text()
    found = re.findall(r"^const (EN|VI) = (\{$.*?^\});$", source, re.MULTILINE | re.DOTALL)
    return {name: json.loads(table, object_pairs_hook=_without_duplicates) for name, table in found}


def _without_duplicates(pairs: list[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "a key is there twice"
    return dict(pairs)


def test_both_languages_have_the_same_keys() -> None:
    assert list(tables()["EN"]) == list(tables()["VI"])


def test_both_languages_fill_the_same_holes() -> None:
    english, vietnamese = tables()["EN"], tables()["VI"]
    for key, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", vietnamese[key])), key


def test_every_text_that_a_script_asks_for_exists() -> None:
    known = set(tables()["EN"])
    for path in SCRIPTS:
        source = path.read_text()
        for key in re.findall(r"""\bt\(\s*"([\w.]+)\"""", source):
            assert key in known, f"{path.name}: {key}"
        for prefix in re.findall(r"""\bcounted\(\s*"([\w.]+)\"""", source):
            assert {f"{prefix}.one", f"{prefix}.other"} <= known, f"{path.name}: {prefix}"


def test_every_text_is_asked_for() -> None:
    source = "\n".join(path.read_text() for path in SCRIPTS if path.name != "i18n.js")
    for key in tables()["EN"]:
        head = key.rpartition(".")[0]
        ways = (f'"{key}"', f"`{head}.${{", f'"{head}"')  # As it is, its end computed, or chosen by a count.
        assert any(way in source for way in ways), f"nothing says {key}"


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in {".js", ".css", ".html", ".svg"}:
            text = path.read_text()
            assert not _FETCHED.search(text), path.name
            assert not _CDN.search(text), path.name


def test_vendored_files_are_those_of_the_manifest() -> None:
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert found == MANIFEST["files"]


def test_every_vendored_package_brings_its_licence() -> None:
    for package in MANIFEST["packages"]:
        assert package["licence"] in {"MIT", "BSD-3-Clause", "ISC"}
        assert "ermission" in (VENDOR / package["licence_file"]).read_text()


def test_vendored_files_stay_below_three_megabytes() -> None:
    assert sum(path.stat().st_size for path in VENDOR.rglob("*") if path.is_file()) < 3_000_000


def test_every_import_leads_to_a_file() -> None:
    for path in STATIC.rglob("*.js"):
        if path.name == "rapidoc-min.js":  # One bundle: what looks like an import there is the text of a sample.
            continue
        for target in _IMPORT.findall(_without_comments(path.read_text())):
            assert target.startswith("."), f"{path.name} imports {target}, which a browser cannot resolve"
            assert (path.parent / target).is_file(), f"{path.name}: {target}"


def test_every_style_sheet_imports_a_file() -> None:
    for path in STATIC.rglob("*.css"):
        for target in _CSS_IMPORT.findall(path.read_text()):
            assert (path.parent / target).is_file(), f"{path.name}: {target}"


def test_every_icon_is_there() -> None:
    source = "\n".join(path.read_text() for path in SCRIPTS)
    names = set(re.findall(r"""<wa-icon[^>]*\sname="([\w-]+)\"""", source))
    names |= set(re.findall(r"""summary\("([\w-]+)\"""", source))
    choices = re.findall(r"""name=\$\{[^}]*\?\s*"([\w-]+)"\s*:\s*"([\w-]+)"\}""", source)
    names |= {name for choice in choices for name in choice}
    assert {"camera", "copy", "check", "shield-check", "link", "moon"} <= names
    for name in names:
        assert (VENDOR / "icons" / f"{name}.svg").is_file(), name


class Page(HTMLParser):
    """Addresses that a page loads, and whether it has script or style of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what one element loads or holds."""
        given = dict(attrs)
        if address := given.get("src") or (given.get("href") if tag == "link" else None):
            self.loads.append(address)
        elif tag in {"script", "style"}:
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("name", ["index.html", "docs.html"])
def test_a_page_loads_only_files_of_the_console_and_has_no_inline_script(name: str) -> None:
    page = Page()
    page.feed((STATIC / name).read_text())
    assert page.inline == []
    assert page.loads
    for address in page.loads:
        assert address.startswith("/console/")
        assert (STATIC / address.removeprefix("/console/")).is_file(), address


def _without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//.*?$", "", source, flags=re.DOTALL | re.MULTILINE)
