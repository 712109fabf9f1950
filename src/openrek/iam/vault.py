"""Secrets at rest: encrypted with a key of their own file, so that a copy of the database gives none away.

A signature can only be checked by who knows the secret, so it cannot be kept as a hash.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from openrek.iam.private_file import create_private_file

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FILE = "master.key"


class Vault:
    """Encrypts and decrypts with Fernet (AES-128-CBC, HMAC-SHA256: https://github.com/fernet/spec).

    Args:
        folder: Where the file `master.key` is, or will be made (mode 0600).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def encrypt(self, secret: str) -> bytes:
        """The secret, unreadable without the key."""
        return bytes(self._fernet.encrypt(secret.encode()))

    def decrypt(self, token: bytes) -> str:
        """The secret.

        Raises:
            RuntimeError: it was encrypted with another key, or changed.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise RuntimeError(
                f"{self._folder / FILE} is not the key that encrypted the access keys. Put the right file back; "
                "services that share a database need the same file."
            ) from None

    def check(self) -> None:
        """Returns if the key file is absent or holds a key.

        Raises:
            RuntimeError: It is damaged.
        """
        if (self._folder / FILE).exists():
            _ = self._fernet

    @cached_property
    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        path = self._folder / FILE
        if not path.exists():
            create_private_file(path, Fernet.generate_key().decode() + "\n")
        try:
            return Fernet(path.read_text(encoding="ascii").strip())
        except ValueError:
            raise RuntimeError(
                f"{path} is damaged: it must hold one Fernet key. Restore the file from a backup, or delete it; "
                "access keys made with `openrek keys create` then have to be made again."
            ) from None
