"""Who signed a request: what its head proves, and what its body adds."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from openrek.errors import SignatureMismatchError
from openrek.iam.sigv4 import EMPTY_SHA256, STREAMING, UNSIGNED_PAYLOAD, ChunkChain

INSTEAD_OF_DIGESTS = frozenset({UNSIGNED_PAYLOAD, *STREAMING})
"""What may stand in place of the body's digest."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a request, and how far the signature reaches."""

    access_key_id: str
    region: str | None
    """That of the credential scope; None for a link of signature version 2, which names none."""
    payload: str = ""
    """What was signed in place of the body: its SHA-256, UNSIGNED-PAYLOAD, or one of the STREAMING kinds."""
    chain: ChunkChain | None = None
    """Checks the signatures of the body's chunks, where the body is of a kind that has them."""


@dataclass(frozen=True, slots=True)
class PendingSignature:
    """A signature whose head was checked: the key exists, its scope and time are right."""

    access_key_id: str
    _sign: Callable[[str], Signer]
    _signer: Signer | None
    """Who signed, where the head alone proves it."""

    @property
    def is_verified(self) -> bool:
        """Whether the signature itself was checked. If not, whoever knows the key's id could have sent the request."""
        return self._signer is not None

    @property
    def signer(self) -> Signer | None:
        """Who signed, where the head alone proves it. The body is still to be checked."""
        return self._signer

    def finish_digest(self, sha256: str) -> Signer:
        """As `finish`, where the head proves who signed and the body was not kept.

        Args:
            sha256: Hex digest of the body.

        Raises:
            SignatureMismatchError: not the body that was signed.
        """
        assert self._signer is not None
        if self._signer.payload not in INSTEAD_OF_DIGESTS and not hmac.compare_digest(self._signer.payload, sha256):
            raise SignatureMismatchError("The body is not the one whose SHA-256 was declared.")
        return self._signer

    def finish(self, body: bytes) -> Signer:
        """Who signed the request, with this body.

        Raises:
            SignatureMismatchError: wrong signature, or not the body that was signed.
        """
        signer = self._signer
        if signer is not None and signer.payload in INSTEAD_OF_DIGESTS:
            return signer
        actual = hashlib.sha256(body).hexdigest() if body else EMPTY_SHA256
        if signer is None:
            return self._sign(actual)
        if not hmac.compare_digest(signer.payload, actual):
            raise SignatureMismatchError("the body is not the one whose SHA-256 was sent along")
        return signer
