"""Packages for the function's machine: fetched as wheels, by pip, from where this machine's pip fetches."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

Architecture = Literal["arm64", "x86_64"]

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# Lambda's Python 3.12 and later run on Amazon Linux 2023: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
_GLIBC_MINOR = 34
_OLDEST_GLIBC_MINOR = 17
_BOOKKEEPING = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
_OUTPUT_LINES = 5


class ArtefactError(Exception):
    """The artefact cannot be built; the message has the reason and the fix."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the function runs on."""

    architecture: Architecture = "arm64"
    python: str = "3.13"
    """Lambda's runtime; another one only to try the artefact on this machine."""

    @property
    def platforms(self) -> list[str]:
        """Platform tags of wheels that run there, https://peps.python.org/pep-0600/"""
        machine = _MACHINES[self.architecture]
        new = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC_MINOR, _OLDEST_GLIBC_MINOR - 1, -1)]
        return [*new, f"manylinux2014_{machine}", f"linux_{machine}"]


def install_wheels(packages: Sequence[str], folder: Path, target: Target) -> None:
    """Installs the packages into the folder, in the versions that are installed here, without their dependencies.

    Neither their programs nor pip's notes stay, so that the same packages are the same files.

    Raises:
        ArtefactError: a package is not installed here, or pip failed.
    """
    command = [sys.executable, "-m", "pip", "install", "--target", str(folder), "--no-deps", "--no-compile"]
    command += ["--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-conflicts"]
    command += ["--implementation", "cp", "--python-version", target.python, "--only-binary=:all:"]
    command += [part for platform in target.platforms for part in ("--platform", platform)]
    command += [f"{package}=={_installed_version(package)}" for package in packages]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise ArtefactError(_why(ran.stderr, target))
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for notes in folder.glob("*.dist-info"):
        for name in _BOOKKEEPING:
            (notes / name).unlink(missing_ok=True)


def _installed_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise ArtefactError(f"the package {package!r} is not installed here, so its version is not known") from None


def _why(stderr: str, target: Target) -> str:
    if "No module named pip" in stderr:
        return f"there is no pip for {sys.executable}; put it there: {sys.executable} -m ensurepip"
    lines = [line for line in stderr.splitlines() if line.startswith("ERROR:")] or stderr.splitlines()
    output = "\n".join(re.sub(r"://[^/@\s]*@", "://", line) for line in lines[:_OUTPUT_LINES])
    return (
        f"pip could not fetch the function's packages for Python {target.python} on Linux {target.architecture}. "
        f"Its output:\n{output}"
    )
