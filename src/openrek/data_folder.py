"""The data folder: its owner's alone."""

import logging
import os
import stat
from pathlib import Path


def make_private(folder: Path) -> None:
    """Makes the folder, or makes sure of it: nobody but its owner may look into it (mode 0700).

    One that is another's, or that others need (a home, the folder of temporary files), is left as it is, and a warning
    says so. Windows keeps a user's folders from others by itself.

    Raises:
        OSError: it cannot be made.
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
