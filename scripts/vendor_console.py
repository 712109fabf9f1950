"""Rebuilds `src/openrek/console/static/vendor/` from npm: `python scripts/vendor_console.py`.

Only what the console imports is kept: the entry files below and all that they import. Bare specifiers
(`lit-html`) become relative paths, because an import map would need an inline script, which the page's
Content-Security-Policy forbids. Addresses that a library would fetch from elsewhere are replaced: the console
works without a network. `manifest.json` holds the packages and every file's SHA-256; a test checks it.
"""

import hashlib
import json
import posixpath
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src" / "openrek" / "console" / "static" / "vendor"

COMPONENTS = (
    "button",
    "callout",
    "details",
    "dialog",
    "icon",
    "input",
    "progress-bar",
    "spinner",
    "switch",
)
STYLES = ("themes/default.css", "native.css", "color/variants.css", "utilities/scroll-lock.css")
ICONS = (
    "braces", "camera", "check", "chevron-down", "chevron-left", "chevron-right", "circle-alert", "circle-x",
    "clock", "copy", "eye", "eye-off", "image-plus", "info", "key-round", "link", "moon", "refresh-cw",
    "scroll-text", "shield-alert", "shield-check", "sun", "trash-2", "triangle-alert", "x",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package, pinned."""

    name: str
    version: str
    sha256: str
    """Of the archive that npm downloads."""
    licence: str
    licence_file: str
    folder: str
    """Where its files go under `vendor/`."""
    root: str
    """The part of the package that is copied."""
    entries: tuple[str, ...]
    """Files that the console uses, relative to `root`."""


PACKAGES = (
    Package(
        "@awesome.me/webawesome", "3.14.0",
        "ffc602ca68be6cb34520d728c2effceee7819559755d3d5aa7ca78f39b0fdf55",
        "MIT", "LICENSE.md", "webawesome", "dist-cdn",
        (*(f"components/{name}/{name}.js" for name in COMPONENTS), *(f"styles/{name}" for name in STYLES)),
    ),
    Package(
        "lit-html", "3.3.3", "ae004138a6327c362fee8e48db2a8ee9619a6ca3014c802857395e6ac447a0eb",
        "BSD-3-Clause", "LICENSE", "lit-html", ".",
        ("lit-html.js", "directives/class-map.js", "directives/repeat.js"),
    ),
    Package(
        "lit-element", "4.2.2", "436004379d2f0ce912435c9cbcf9cabb28a3cfd9fb6823c7a7c6d686124b162e",
        "BSD-3-Clause", "LICENSE", "lit-element", ".", ("lit-element.js",),
    ),
    Package(
        "@lit/reactive-element", "2.1.2", "1fdaf29e5284fc7ffeab352c51edb3c017d73c4e98f0cd3dc53fb8dd555775e5",
        "BSD-3-Clause", "LICENSE", "reactive-element", ".", ("reactive-element.js",),
    ),
    Package(
        "lucide-static", "1.62.0", "386f9080c440d6f5049cefe3456ae8357f7a0c7f76e59670cd1cb83bc7050a44",
        "ISC", "LICENSE", "icons", "icons", tuple(f"{name}.svg" for name in ICONS),
    ),
    Package(
        "rapidoc", "9.3.8", "b04086a71c2002169c43e5b0f25d7f694b20eee7a95ddc233b491cf9a54b3ef0",
        "MIT", "LICENSE.txt", "rapidoc", "dist", ("rapidoc-min.js", "rapidoc-min.js.LICENSE.txt"),
    ),
    # Web Awesome's files hold parts of these two; only their licences are added.
    Package(
        "@shoelace-style/localize", "3.2.3",
        "8dbaf912276e233a1a9ee319cca33924661ce90ec26c239ee819acb7420c464f",
        "MIT", "LICENSE.md", "localize", ".", (),
    ),
    Package(
        "nanoid", "5.1.5", "8291903356805ef5dc1481c8bd3dc426b4021fa1ec40cd683e5f59253a212daf",
        "MIT", "LICENSE", "nanoid", ".", (),
    ),
)  # fmt: skip

# What a bare specifier means, as a path under `vendor/`.
_MODULES = {
    "lit-html": "lit-html/lit-html.js",
    "@lit/reactive-element": "reactive-element/reactive-element.js",
}
# Addresses that would be fetched from elsewhere, and what stands in their place.
_REPLACEMENTS = (
    (r"https://ka-[fp]\.fontawesome\.com/releases[^`]*\$\{folder\}", "/console/vendor/icons"),
    (r"https://fonts\.gstatic\.com/[\w./-]+", "data:font/woff2,"),
    (r"\n?//# sourceMappingURL=\S+", ""),
)
_IMPORT = re.compile(
    r"""(?P<head>(?:\bfrom|\bimport)\s*\(?\s*|@import\s+(?:url\()?)(?P<quote>["'])(?P<target>[^"'\s;{}]+)(?P=quote)"""
)
_FONT_AWESOME = b"""Some components of Web Awesome hold icons of Font Awesome Free, by Fonticons, Inc.
Icons: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/ - see https://fontawesome.com/license/free
The notices inside the files stand as they came.
"""
_ICON_LIBRARY = re.compile(r"export \{[^}]*\bregisterIconLibrary\b")


def main() -> None:
    """Downloads, checks, copies, writes the manifest."""
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch:
        roots = {package.folder: _unpack(package, Path(scratch) / package.folder) for package in PACKAGES}
        for package in PACKAGES:
            files[f"LICENSES/{package.folder}.txt"] = (roots[package.folder] / package.licence_file).read_bytes()
            for entry in package.entries:
                _collect(f"{package.folder}/{entry}", roots, files)
    files["LICENSES/font-awesome.txt"] = _FONT_AWESOME
    files["webawesome/index.js"] = _index(files)
    manifest = {
        "packages": [
            {
                "name": package.name,
                "version": package.version,
                "sha256": package.sha256,
                "licence": package.licence,
                "licence_file": f"LICENSES/{package.folder}.txt",
                "folder": package.folder,
            }
            for package in PACKAGES
        ],
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }
    files["manifest.json"] = (json.dumps(manifest, indent=1) + "\n").encode()
    shutil.rmtree(VENDOR, ignore_errors=True)
    for name, data in files.items():
        path = VENDOR / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(f"{len(files)} files, {sum(map(len, files.values())):,} bytes")


def _unpack(package: Package, folder: Path) -> Path:
    """The unpacked package; refuses an archive of another hash."""
    folder.mkdir()
    command = [
        "npm",
        "pack",
        "--silent",
        "--pack-destination",
        str(folder),
        f"{package.name}@{package.version}",
    ]
    subprocess.run(command, check=True, cwd=folder)
    (archive,) = folder.glob("*.tgz")
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{package.name}@{package.version} has SHA-256 {found}, expected {package.sha256}")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / "package"


def _collect(name: str, roots: dict[str, Path], files: dict[str, bytes]) -> None:
    """Adds the file `name` (a path under `vendor/`) and all that it imports."""
    if name in files:
        return
    package = next(package for package in PACKAGES if name.startswith(f"{package.folder}/"))
    data = (roots[package.folder] / package.root / name.removeprefix(f"{package.folder}/")).read_bytes()
    files[name] = data
    if not name.endswith((".js", ".css")):
        return
    text = data.decode()
    for pattern, stand_in in _REPLACEMENTS:
        text = re.sub(pattern, stand_in, text)
    wanted: list[str] = []

    def relative(match: re.Match[str]) -> str:
        target = _resolve(match["target"], name)
        if target is None:
            return match[0]
        wanted.append(target)
        path = posixpath.relpath(target, posixpath.dirname(name))
        path = path if path.startswith(".") else f"./{path}"
        return f"{match['head']}{match['quote']}{path}{match['quote']}"

    files[name] = (text if package.folder == "rapidoc" else _IMPORT.sub(relative, text)).encode()
    for target in wanted:
        _collect(target, roots, files)


def _resolve(target: str, importer: str) -> str | None:
    """Path under `vendor/` of what an import names; None if this is no import but prose or an own address."""
    if target.startswith("."):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), target))
    if importer.endswith(".css") and re.fullmatch(r"[\w/-]+\.css", target):
        return posixpath.join(posixpath.dirname(importer), target)
    if target in _MODULES:
        return _MODULES[target]
    for folder in ("lit-html", "@lit/reactive-element"):
        if target.startswith(f"{folder}/"):
            return posixpath.join(posixpath.dirname(_MODULES[folder]), target.removeprefix(f"{folder}/"))
    return None


def _index(files: dict[str, bytes]) -> bytes:
    """A module that defines the components and exports what the console calls."""
    chunk = next(name for name, data in files.items() if _ICON_LIBRARY.search(data.decode(errors="ignore")))
    lines = [f'import "./components/{name}/{name}.js";' for name in COMPONENTS]
    lines.append(f'export {{ registerIconLibrary }} from "./{chunk.removeprefix("webawesome/")}";')
    return ("\n".join(lines) + "\n").encode()


if __name__ == "__main__":
    main()
