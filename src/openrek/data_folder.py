"""The data folder: its owner's alone, and served by one process at a time."""

import contextlib
import errno
import logging
import os
import stat
from pathlib import Path

LOCK_FILE = "serve.lock"
# Enough for the first pages of a database and its log.
_PROBE_BYTES = 256 * 1024
_FREE_SPACE = "Free space on its disk."
_MAKE_WRITABLE = "Make it writable, or choose another with --data."
_REMEDIES = {
    errno.ENOSPC: _FREE_SPACE,
    getattr(errno, "EDQUOT", errno.ENOSPC): _FREE_SPACE,
    errno.EROFS: _MAKE_WRITABLE,
    errno.EACCES: _MAKE_WRITABLE,
    errno.EPERM: _MAKE_WRITABLE,
}


def make_private(folder: Path) -> None:
    """Create the folder, or make an existing one private: only its owner may read it (mode 0700).

    A folder of another owner, or one that others need (a home, the folder of temporary files), is left as it is with a
    warning. Windows keeps a user's folders private by itself.

    Raises:
        OSError: The folder cannot be created.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name != "posix":
        return
    found = folder.stat()
    if not stat.S_IMODE(found.st_mode) & 0o077:
        return
    is_shared = bool(found.st_mode & stat.S_ISVTX) or folder in (Path.home(), Path(folder.anchor))
    if found.st_uid != os.geteuid() or is_shared:
        mode = stat.S_IMODE(found.st_mode)
        logging.getLogger(__name__).warning("%s can be read by others (mode %04o); give openrek its own", folder, mode)
        return
    folder.chmod(0o700)


def check_writable(folder: Path) -> None:
    """Returns if files can be written in a folder.

    Raises:
        RuntimeError: they cannot; the message has the reason and the fix.
    """
    probe = folder / f".writable-{os.getpid()}"
    try:
        with probe.open("wb", buffering=0) as file:
            file.write(bytes(_PROBE_BYTES))
            os.fsync(file.fileno())
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "Choose another with --data.")
        raise RuntimeError(f"The data folder {folder} cannot be written: {error.strerror or error}. {remedy}") from None
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


class FolderLock:
    """Held by the one service of a data folder, until it is closed or its process ends, however it ends.

    Commands such as `openrek keys` do not take it: the databases serve several processes.

    Raises:
        RuntimeError: Another service holds it.
        OSError: The lock file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_FILE
        self._file = path.open("a+", encoding="ascii")
        try:
            self._lock(folder)
        except BaseException:
            self._file.close()
            raise

    def _lock(self, folder: Path) -> None:
        try:
            import fcntl
        except ImportError:  # Windows
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            process = self._file.read(20).strip()
            raise RuntimeError(
                f"Another openrek{f' (process {process})' if process.isdecimal() else ''} serves {folder}. "
                "Stop it, or choose another data folder with --data."
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def close(self) -> None:
        """Release the lock."""
        self._file.close()
