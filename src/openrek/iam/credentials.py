"""The keys: an AWS access key for signed requests, a token for the REST API. Made at the first start, kept in files."""

import hmac
import secrets
import string
from base64 import b32encode, b64encode
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, field
from pathlib import Path

from openrek.iam.private_file import create_private_file

PROFILE = "openrek"
_KEY_ALPHABET = string.ascii_uppercase + "234567"
_SECRET_ALPHABET = string.ascii_letters + string.digits + "/+"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key. Its secret is not part of its representation."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    """What temporary credentials must be accompanied by."""

    def as_profile(self, name: str, region: str) -> str:
        """The lines of a credentials file of AWS's SDKs. They hold the secret."""
        return (
            f"[{name}]\naws_access_key_id = {self.access_key_id}\n"
            f"aws_secret_access_key = {self.secret_access_key}\nregion = {region}\n"
        )


def new_credentials() -> Credentials:
    """A random access key: 20 and 40 characters, as AWS's keys have; the prefix names its kind of principal."""
    key = "AKOR" + "".join(secrets.choice(_KEY_ALPHABET) for _ in range(16))
    return Credentials(key, "".join(secrets.choice(_SECRET_ALPHABET) for _ in range(40)))


def role_credentials(owner: Credentials, role: str) -> Credentials:
    """The access key of a role, derived from the owner's, which cannot be derived from it.

    What it signed works after a restart, too, and ends with the owner's key.
    """
    identifier, secret = (
        hmac.digest(owner.secret_access_key.encode(), f"{role}:{part}".encode(), "sha256") for part in ("id", "secret")
    )
    return Credentials("AROR" + b32encode(identifier).decode()[:16], b64encode(secret).decode()[:40])


def ensure_credentials(folder: Path, region: str) -> Credentials:
    """The access key of `folder/credentials` (AWS INI, profile "openrek", mode 0600), made if absent.

    Raises:
        RuntimeError: the file is there but holds no such profile.
    """
    path = folder / "credentials"
    if not path.exists():
        create_private_file(path, new_credentials().as_profile(PROFILE, region))
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
        profile = parser[PROFILE]
        return Credentials(profile["aws_access_key_id"], profile["aws_secret_access_key"])
    except (ConfigError, KeyError, UnicodeDecodeError):
        raise RuntimeError(
            f"{path} is damaged: it has no profile [{PROFILE}] with an access key. Fix the file, or delete it to get a "
            "new key."
        ) from None


def ensure_token(folder: Path) -> str:
    """The REST API's token in `folder/token` (mode 0600), made if absent.

    Raises:
        RuntimeError: the file is there but empty or too short to be safe.
    """
    path = folder / "token"
    if not path.exists():
        create_private_file(path, secrets.token_urlsafe(32) + "\n")
    try:
        token = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        token = ""
    if len(token) < 16 or not (token.isascii() and token.isprintable()):
        raise RuntimeError(
            f"{path} is damaged: it must hold a token of at least 16 printable ASCII characters. Fix the file, or "
            "delete it to get a new token."
        )
    return token
