"""The function's files, as they lie in the zip and in the image."""

import shutil
from collections.abc import Iterator
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from openrek.deploy.template import Recognition
from openrek.deploy.wheels import ArtefactError, Target, install_wheels

_AMAZON = ("orjson", "pillow", "python-multipart")
_ENGINE = ("numpy", "onnxruntime", "opencv-python-headless", "pyclipper", "tesserocr")
PACKAGES: dict[Recognition, tuple[str, ...]] = {"amazon": _AMAZON, "openrek": (*_AMAZON, *_ENGINE)}
"""What the function imports and Lambda's Python has not: boto3 is there."""

_PACK = "openrek-pack-default"
# The console's files are in the bucket; the others only run on the machine that deploys.
_ELSEWHERE = ("console/static", "cli", "deploy", "__main__.py")
# What the wheels carry for developers, and two large libraries that nothing loads: ONNX Runtime's for C programs (the
# Python module has its own inside) and Pillow's for AVIF, which Rekognition does not take.
_UNUSED = (
    "**/__pycache__",
    "**/*.pyi",
    "**/*.pxd",
    "**/*.h",
    "**/*.a",
    "**/tests",
    "numpy/f2py",
    "numpy/_core/include",
    "onnxruntime/capi/libonnxruntime.so*",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "cv2/data/*.xml",
    "PIL/_avif.*",
    "PIL/_imagingtk.*",
    "pillow.libs/libavif*",
)


def build_tree(folder: Path, recognition: Recognition, target: Target) -> int:
    """Lays the function's files into the folder; their bytes altogether.

    Raises:
        ArtefactError: a package could not be fetched, or the model pack is not installed.
    """
    folder.mkdir(parents=True)
    install_wheels(PACKAGES[recognition], folder, target)
    _copy_package("openrek", folder)
    for name in _ELSEWHERE:
        _remove(folder / "openrek" / name)
    if recognition == "openrek":
        _copy_package(_PACK, folder)
    for pattern in _UNUSED:
        for path in sorted(folder.glob(pattern)):
            _remove(path)
    for path in (folder, *folder.rglob("*")):
        # As Lambda needs it, whatever this machine's umask: others read it.
        path.chmod(0o755 if path.is_dir() or ".so" in path.suffixes else 0o644)
    return sum(path.stat().st_size for path in files_of(folder))


def files_of(folder: Path) -> Iterator[Path]:
    """All files below the folder, in the order of their names as they are in a zip."""
    return (path for path in sorted(folder.rglob("*"), key=Path.as_posix) if path.is_file())


def _copy_package(name: str, folder: Path) -> None:
    """The package as it is installed or developed here, with the notes by which Python finds its entry points."""
    module = name.replace("-", "_")
    found = find_spec(module)
    if found is None or found.origin is None:
        raise ArtefactError(f"the package {name!r} is not installed here")
    shutil.copytree(Path(found.origin).parent, folder / module, ignore=shutil.ignore_patterns("__pycache__"))
    facts = distribution(name)
    notes = folder / f"{module}-{facts.version}.dist-info"
    notes.mkdir()
    for file in ("METADATA", "entry_points.txt"):
        if text := facts.read_text(file):
            (notes / file).write_text(text, encoding="utf-8")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
