"""Access keys: the owner's, from the data folder's file, and those made with `openrek keys`."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select, update

from openrek.config import ACCOUNT
from openrek.db import access_keys, writing
from openrek.errors import ResourceNotFoundError
from openrek.iam.builtin import BUILTIN_NAMES, builtin_policy
from openrek.iam.caller import Caller
from openrek.iam.credentials import Credentials, new_credentials
from openrek.iam.evaluation import Evaluator
from openrek.iam.policy import Policy
from openrek.iam.vault import Vault

_ACCESS_KEY_ID = re.compile(r"\w{1,32}", re.ASCII)
_USER = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# How long a revoked key may go on working in a running service.
_REMEMBERED_SECONDS = 1.0
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key but its secret."""

    access_key_id: str
    user: str
    policy: str
    """Name of a built-in policy, or a document."""
    created_at: datetime
    """UTC, aware."""
    expires_at: datetime | None
    """UTC, aware; None for a key that does not end by itself."""

    @property
    def active(self) -> bool:
        """Whether it works now."""
        return self.expires_at is None or self.expires_at > datetime.now(UTC)


class AccessKeys:
    """All access keys of a data folder. Safe to share.

    Args:
        owner: The key of the data folder's file; it may do everything.
        open_database: Opens the database; called at the first use.
        vault: Keeps the other keys' secrets.
        roles: Callers by keys that are kept nowhere, as that of the function.
    """

    def __init__(
        self,
        owner: Credentials,
        open_database: Callable[[], Engine],
        vault: Vault,
        roles: Sequence[tuple[Credentials, Caller]] = (),
    ) -> None:
        self._fixed = {key.access_key_id: (key, caller) for key, caller in ((owner, _OWNER), *roles)}
        self._open = open_database
        self._vault = vault
        self._opened: Engine | None = None
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Credentials | None, Caller]] = {}

    def get(self, access_key_id: str, /) -> Credentials | None:
        """The key, if there is one that works."""
        return self._look_up(access_key_id)[0]

    def is_cached(self, access_key_id: str) -> bool:
        """Whether `get` and `caller` answer without a read of the database."""
        known = self._known.get(access_key_id)
        return access_key_id in self._fixed or (known is not None and known[0] >= time.monotonic())

    def caller(self, access_key_id: str) -> Caller:
        """The owner of the key. An unknown key may do nothing."""
        return self._look_up(access_key_id)[1]

    def create(self, user: str, policy: str) -> Credentials:
        """A new key; a user may have several.

        Args:
            user: Letters, digits and + = , . @ _ -, at most 64.
            policy: Name of a built-in policy, or a document.

        Raises:
            ValueError: an invalid name, or (MalformedPolicy) an invalid policy document.
        """
        if not _USER.fullmatch(user):
            raise ValueError(f"{user[:80]!r} is not a valid user name. Use 1 to 64 letters, digits and + = , . @ _ -")
        _parse(policy)
        made = new_credentials()
        row = {
            "id": made.access_key_id,
            "user": user,
            "secret": self._vault.encrypt(made.secret_access_key),
            "policy": policy,
            "created_ms": _milliseconds(time.time()),
        }
        with writing(self._database()) as connection:
            connection.execute(insert(access_keys), row)
        return made

    def all(self) -> list[KeyRecord]:
        """The keys made with `create`, the oldest first, revoked ones too."""
        with self._database().connect() as connection:
            rows = connection.execute(select(access_keys).order_by(access_keys.c.created_ms, access_keys.c.id))
            return [
                KeyRecord(row.id, row.user, row.policy, _time(row.created_ms), row.expires_ms and _time(row.expires_ms))
                for row in rows
            ]

    def check(self) -> None:
        """Return if the vault can decrypt the secrets of the keys that work.

        Raises:
            RuntimeError: Another key encrypted them.
        """
        with self._database().connect() as connection:
            ends = access_keys.c.expires_ms
            works = ends.is_(None) | (ends > _milliseconds(time.time()))
            row = connection.execute(select(access_keys.c.secret).where(works).limit(1)).first()
        if row is not None:
            self._vault.decrypt(row.secret)

    def rotate(self, access_key_id: str, grace_seconds: float = 0) -> Credentials:
        """A new key for the same user with the same policy; the old one ends after the grace, or as early as it was to.

        Raises:
            ResourceNotFoundError: there is no such key, or it has ended.
        """
        old = self._record(access_key_id)
        made = self.create(old.user, old.policy)
        ends = time.time() + grace_seconds
        self._end(access_key_id, min(ends, old.expires_at.timestamp()) if old.expires_at else ends)
        return made

    def revoke(self, access_key_id: str) -> None:
        """Ends a key; a running service knows within a second.

        Raises:
            ResourceNotFoundError: there is no such key, or it has ended.
        """
        self._record(access_key_id)
        self._end(access_key_id, time.time())

    def _record(self, access_key_id: str) -> KeyRecord:
        found = next((record for record in self.all() if record.access_key_id == access_key_id), None)
        if found is None or not found.active:
            raise ResourceNotFoundError(f"there is no key {access_key_id[:40]!r} that works; see openrek keys list")
        return found

    def _end(self, access_key_id: str, when: float) -> None:
        with writing(self._database()) as connection:
            connection.execute(
                update(access_keys).where(access_keys.c.id == access_key_id).values(expires_ms=_milliseconds(when))
            )
        self._known.pop(access_key_id, None)

    def _look_up(self, access_key_id: str) -> tuple[Credentials | None, Caller]:
        if (fixed := self._fixed.get(access_key_id)) is not None:
            return fixed
        known = self._known.get(access_key_id)
        if known is None or known[0] < time.monotonic():
            credentials, caller = self._read(access_key_id)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[access_key_id] = (time.monotonic() + _REMEMBERED_SECONDS, credentials, caller)
        return known[1], known[2]

    def _read(self, access_key_id: str) -> tuple[Credentials | None, Caller]:
        if not _ACCESS_KEY_ID.fullmatch(access_key_id):
            return None, _UNKNOWN_CALLER  # from a request, and perhaps text that a database cannot hold
        with self._database().connect() as connection:
            row = connection.execute(select(access_keys).where(access_keys.c.id == access_key_id)).first()
        if row is None or (row.expires_ms is not None and row.expires_ms <= _milliseconds(time.time())):
            return None, _UNKNOWN_CALLER
        caller = Caller(f"arn:aws:iam::{ACCOUNT}:user/{row.user}", Evaluator([_parse(row.policy)]))
        return Credentials(row.id, self._vault.decrypt(row.secret)), caller

    def _database(self) -> Engine:
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened


_OWNER = Caller.unrestricted(f"arn:aws:iam::{ACCOUNT}:root")
_UNKNOWN_CALLER = Caller(f"arn:aws:iam::{ACCOUNT}:user/nobody", Evaluator([]))


def _parse(policy: str) -> Policy:
    return builtin_policy(policy) if policy in BUILTIN_NAMES else Policy.parse(policy)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
