"""Files that only their owner may read."""

import contextlib
import os
import secrets
from pathlib import Path


def create_private_file(path: Path, text: str) -> None:
    """Writes a private file whole; of several first starts at once, one wins and all read the same."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
