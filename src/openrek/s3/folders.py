"""Folders of a bucket: made for an object, removed when they are empty. Nothing here removes an object."""

import errno
import os
from pathlib import Path

from openrek.s3.durable import sync_folder
from openrek.s3.paths import is_leftover

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def make_folders(folder: Path, bucket: Path) -> None:
    """Makes the folders down to this one, but not the bucket's."""
    if folder.is_dir():
        return
    if folder == bucket:
        raise FileNotFoundError(folder)
    make_folders(folder.parent, bucket)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise NotADirectoryError(folder) from None
    else:
        sync_folder(folder.parent)


def move_new(staged: Path, path: Path) -> None:
    """Moves a file to a path where none is."""
    try:
        os.link(staged, path)
    except FileExistsError:
        if path.is_dir():
            raise IsADirectoryError(path) from None
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(path) from None
        staged.rename(path)
    else:
        staged.unlink()


def remove_empty_above(path: Path, bucket: Path) -> Path:
    """Removes the folders above a file as far as they are empty; the first that stays."""
    for folder in path.parents:
        if folder == bucket:
            break
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return folder
    return bucket


def remove_empty(folder: Path) -> bool:
    """Removes a folder and those below it; False if one holds a file."""
    for path, _, files in os.walk(folder, topdown=False):
        try:
            for name in files:
                if not is_leftover(name):
                    return False
                (Path(path) / name).unlink(missing_ok=True)
            Path(path).rmdir()
        except FileNotFoundError:
            continue
        except OSError:  # not empty: an object was put there meanwhile
            return False
    return True
