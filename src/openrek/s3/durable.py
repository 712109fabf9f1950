"""Writes that survive a loss of power once they return."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from openrek.errors import InternalError, StorageFullError, StorageReadOnlyError

# EDQUOT is not on every system.
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


@contextlib.contextmanager
def writing(what: str) -> Iterator[None]:
    """Names a failure to write.

    Args:
        what: What is written, for the message.

    Raises:
        StorageFullError: the disk, or the quota, is full.
        StorageReadOnlyError: the disk is read-only, or belongs to somebody else.
        InternalError: anything else.
    """
    try:
        yield
    except (FileExistsError, FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise
    except OSError as error:
        reason = f"{what} could not be written: {error.strerror or error}"
        if error.errno in _FULL:
            raise StorageFullError(f"{reason}. Free space on the disk of the data folder.") from error
        if error.errno in _READ_ONLY:
            raise StorageReadOnlyError(f"{reason}. Make the data folder writable.") from error
        raise InternalError(reason) from error


def write_durably(path: Path, data: bytes) -> None:
    """Writes a new file; it is on the disk when this returns, though its name may not be: see `sync_folder`."""
    try:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable. Where folders cannot be opened (Windows), the system does it by itself."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except (PermissionError, FileNotFoundError):
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
