"""Verifies signed requests, header-signed and presigned."""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from openrek.errors import (
    AccessDeniedError,
    IncompleteSignatureError,
    MissingCredentialsError,
    SignatureExpiredError,
    SignatureMismatchError,
    UnknownAccessKeyError,
)
from openrek.iam import sigv2
from openrek.iam.claims import SESSION_HEADER, Claim, header_claim, query_claim
from openrek.iam.credentials import Credentials
from openrek.iam.form import FormClaim
from openrek.iam.signer import INSTEAD_OF_DIGESTS, PendingSignature, Signer
from openrek.iam.sigv4 import (
    STREAMING,
    UNSIGNED_PAYLOAD,
    ChunkChain,
    canonical_request,
    signature,
    signing_key,
    string_to_sign,
)

CLOCK_SKEW = timedelta(minutes=5)
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}")

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
_key = lru_cache(maxsize=1024)(signing_key)


@lru_cache(maxsize=1024)
def _instant(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


class Keys(Protocol):
    """Access keys by their ids; a mapping is one."""

    def get(self, access_key_id: str, /) -> Credentials | None:
        """The key, if somebody has it."""


class Verifier:
    """Checks who signed a request, and that nothing of it was changed since.

    `begin` needs only the head of a request, so that a body is read only for someone who has a key; `verify` does all.

    Args:
        keys: Credentials by access key id.
        region: The region a scope must name; None takes any, since clients keep their own.
        clock: The present, UTC.
    """

    def __init__(
        self,
        keys: Keys,
        region: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys = keys
        self._region = region
        self._clock = clock

    def verify(
        self,
        *,
        method: str,
        raw_path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        service: str,
        normalise: bool | None = None,
    ) -> Signer:
        """Who signed the request: `begin`, then `finish` with the body.

        Raises:
            AuthenticationError, AccessDeniedError: as `begin` and `finish` do.
        """
        pending = self.begin(
            method=method, raw_path=raw_path, query=query, headers=headers, service=service, normalise=normalise
        )
        return pending.finish(body)

    def begin(
        self,
        *,
        method: str,
        raw_path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        service: str,
        normalise: bool | None = None,
    ) -> PendingSignature:
        """Checks all that the head of a request shows: key, scope, time, signed headers and session token; and the
        signature itself, where the head declares the digest of the body.

        Args:
            method: HTTP method.
            raw_path: Path as sent, percent-encoded.
            query: Query string as sent, without `?`.
            headers: Names and values as sent.
            service: The service that a scope must name, as "rekognition".
            normalise: Whether the signer normalised the path; by default every service but S3 does.

        Raises:
            MissingCredentialsError: the request is not signed.
            IncompleteSignatureError: a part of the signature is missing or malformed.
            UnknownAccessKeyError: unknown access key, or the session token does not belong to it.
            SignatureMismatchError: wrong scope, time or signature.
            AccessDeniedError: a link to an S3 object that has expired.
        """
        headers = [(name.lower(), value) for name, value in headers]
        named = dict(headers)
        claim = header_claim(named, query) or query_claim(query)
        if claim is None:
            raise MissingCredentialsError("the request carries no AWS signature (Authorization header)")
        credentials = self._credentials(claim.access_key_id)
        self._check_scope(claim, service)
        self._check_time(claim, service)
        _check_signed_headers(claim, named)
        _check_token(claim.token, credentials)
        key = _key(credentials.secret_access_key, claim.scope)
        normalise = service != "s3" if normalise is None else normalise

        def sign(payload: str) -> Signer:
            def is_signed(query: str) -> bool:
                canonical = canonical_request(
                    method, raw_path, query, headers, claim.signed, payload, normalise=normalise
                )
                expected = signature(key, string_to_sign(claim.timestamp, claim.scope, canonical))
                return hmac.compare_digest(expected.encode(), claim.signature.encode())

            # Some signers add the session token after signing. It equals the known one, so it is unchanged.
            if not is_signed(claim.query) and not (claim.token and is_signed(_without_token(claim.query))):
                raise SignatureMismatchError(
                    "the request signature we calculated does not match the signature you provided: "
                    "check the secret key, and that nothing changed the request on its way"
                )
            chain = None
            if payload in STREAMING and not payload.startswith("STREAMING-UNSIGNED"):
                chain = ChunkChain(key, claim.timestamp, claim.scope, claim.signature)
            return Signer(claim.access_key_id, claim.scope.region, payload, chain)

        declared = _declared_payload(claim, named, service)
        return PendingSignature(claim.access_key_id, sign, None if declared is None else sign(declared))

    def verify_old_link(self, *, method: str, raw_path: str, query: str, headers: Sequence[tuple[str, str]]) -> Signer:
        """Who signed a link of signature version 2, which is boto3's default for S3 links.

        Args:
            method: HTTP method.
            raw_path: Path as sent, percent-encoded.
            query: Query string as sent, without `?`.
            headers: Names and values as sent.

        Raises:
            IncompleteSignatureError: a part of the signature is missing or malformed.
            UnknownAccessKeyError: unknown access key, or the session token does not belong to it.
            SignatureMismatchError: wrong signature.
            AccessDeniedError: the link has expired.
        """
        link = sigv2.Link.read(query)
        credentials = self._credentials(link.access_key_id)
        if self._clock().timestamp() > link.expires:
            raise _expired(f"{datetime.fromtimestamp(link.expires, UTC):%Y%m%dT%H%M%SZ}", self._clock())
        _check_token(link.token, credentials)
        texts = [sigv2.string_to_sign(method, path, link, headers) for path in sigv2.resource_paths(raw_path)]
        if not any(_is_signed(text, credentials, link.signature) for text in texts):
            raise SignatureMismatchError(
                "the request signature we calculated does not match the signature you provided: check the secret key, "
                "and that the request has the method, Content-Type and x-amz headers that the link was made for"
            )
        return Signer(link.access_key_id, None, UNSIGNED_PAYLOAD)

    def verify_old_header(
        self, *, method: str, raw_path: str, query: str, headers: Sequence[tuple[str, str]]
    ) -> Signer:
        """Who signed an Authorization header of signature version 2, which old programs send to S3.

        Args:
            method: HTTP method.
            raw_path: Path as sent, percent-encoded.
            query: Query string as sent, without `?`.
            headers: Names and values as sent.

        Raises:
            IncompleteSignatureError: a part of the signature is missing or malformed.
            UnknownAccessKeyError: unknown access key, or the session token does not belong to it.
            SignatureExpiredError: it was made at another time.
            SignatureMismatchError: wrong signature.
        """
        claim = sigv2.HeaderSignature.read(method, raw_path, query, headers)
        credentials = self._credentials(claim.access_key_id)
        now = self._clock()
        if abs(now - claim.signed_at) > CLOCK_SKEW:
            raise SignatureExpiredError(
                f"The request was signed at {claim.signed_at:%Y%m%dT%H%M%SZ}; it is {now:%Y%m%dT%H%M%SZ} here."
            )
        _check_token(claim.token, credentials)
        if not any(_is_signed(text, credentials, claim.signature) for text in claim.to_sign):
            raise SignatureMismatchError(_MISMATCH)
        return Signer(claim.access_key_id, None, UNSIGNED_PAYLOAD)

    def verify_form(self, fields: Mapping[str, str], service: str) -> Signer:
        """Who signed the policy of a browser's form. When the policy expires is for its reader to check.

        Args:
            fields: The form's, with lower-case names.
            service: The service that a scope must name, as "s3".

        Raises:
            MissingCredentialsError: the form is not signed.
            IncompleteSignatureError: a part of the signature is missing or malformed.
            UnknownAccessKeyError: unknown access key, or the session token does not belong to it.
            SignatureMismatchError: wrong scope or signature.
        """
        claim = FormClaim.read(fields)
        if claim is None:
            raise MissingCredentialsError("The form is not signed: it has no policy and no signature.")
        credentials = self._credentials(claim.access_key_id)
        if claim.scope is not None and (claim.scope.service != service or claim.scope.date != claim.timestamp[:8]):
            raise SignatureMismatchError(f"The credential's scope must be of {service} and of the day of X-Amz-Date.")
        _check_token(claim.token, credentials)
        expected = claim.expected(credentials.secret_access_key)
        if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
            raise SignatureMismatchError(_MISMATCH)
        return Signer(claim.access_key_id, claim.scope.region if claim.scope else None, UNSIGNED_PAYLOAD)

    def _credentials(self, access_key_id: str) -> Credentials:
        found = self._keys.get(access_key_id)
        if found is None:
            raise UnknownAccessKeyError(
                f"Unknown access key {access_key_id[:40]!r}. openrek's own key is in its data folder."
            )
        return found

    def _check_scope(self, claim: Claim, service: str) -> None:
        if claim.scope.service != service:
            raise SignatureMismatchError(
                f"the credential is scoped to service {claim.scope.service[:40]!r}, not {service!r}"
            )
        if self._region is not None and claim.scope.region != self._region:
            raise SignatureMismatchError(
                f"the credential is scoped to region {claim.scope.region[:40]!r}, not {self._region!r}"
            )
        if claim.scope.date != claim.timestamp[:8]:
            raise SignatureMismatchError("the date of the credential scope is not the date of the request")

    def _check_time(self, claim: Claim, service: str) -> None:
        try:
            signed_at = _instant(claim.timestamp)
        except ValueError:
            raise IncompleteSignatureError(
                f"the date {claim.timestamp[:40]!r} is not of the form 20260131T235959Z"
            ) from None
        now = self._clock()
        if signed_at > now + CLOCK_SKEW:
            raise SignatureExpiredError(
                f"signature not yet current: {claim.timestamp} is still in the future; it is {now:%Y%m%dT%H%M%SZ} here"
            )
        if claim.expires is None:
            if now > signed_at + CLOCK_SKEW:
                raise SignatureExpiredError(
                    f"signature expired: made at {claim.timestamp}; it is {now:%Y%m%dT%H%M%SZ} here"
                )
        elif now > signed_at + claim.expires:
            if service == "s3":
                raise _expired(f"{signed_at + claim.expires:%Y%m%dT%H%M%SZ}", now)
            raise SignatureMismatchError(
                f"signature expired: made at {claim.timestamp} for {claim.expires.seconds} seconds; "
                f"it is {now:%Y%m%dT%H%M%SZ} here"
            )


def _expired(when: str, now: datetime) -> AccessDeniedError:
    return AccessDeniedError(f"Request has expired: the link worked until {when}; it is {now:%Y%m%dT%H%M%SZ} here")


def _is_signed(text: str, credentials: Credentials, signature: str) -> bool:
    """Whether this is the signature of version 2 of the text."""
    expected = sigv2.signature(credentials.secret_access_key, text)
    return hmac.compare_digest(expected.encode(), signature.encode())


def _check_token(token: str | None, credentials: Credentials) -> None:
    expected, found = credentials.session_token or "", token or ""
    if hmac.compare_digest(expected.encode(), found.encode()):
        return
    if not expected:
        raise UnknownAccessKeyError(
            "the security token included in the request is invalid: this access key has none; unset AWS_SESSION_TOKEN"
        )
    raise UnknownAccessKeyError("the security token included in the request is invalid")


def _without_token(query: str) -> str:
    return "&".join(part for part in query.split("&") if not part.startswith(f"{SESSION_HEADER}="))


def _check_signed_headers(claim: Claim, headers: Mapping[str, str]) -> None:
    """Host must be signed, and whatever of AWS's own headers came along: an unsigned one could have been added."""
    if "host" not in claim.signed:
        raise SignatureMismatchError("the header host must be signed")
    absent = [name for name in claim.signed if name not in headers]
    if absent:
        raise SignatureMismatchError(f"signed headers are missing: {', '.join(absent)[:200]}")
    # The session token equals the known one; the second only describes the client and is not acted on.
    free = {*claim.signed, "x-amz-security-token", "x-amz-user-agent"}
    if claim.expires is not None:  # of a link the query has the date, and what was signed of the body
        free |= {"x-amz-content-sha256", "x-amz-date"}
    loose = [name for name in headers if name.startswith("x-amz-") and name not in free]
    if loose:
        raise SignatureMismatchError(f"headers that must be signed are not: {', '.join(sorted(loose))[:200]}")


def _declared_payload(claim: Claim, headers: Mapping[str, str], service: str) -> str | None:
    """What the head declares in place of the body; None where only the body shows what was signed."""
    if claim.expires is not None and service == "s3":
        return UNSIGNED_PAYLOAD
    declared = headers.get("x-amz-content-sha256", "")
    if declared in INSTEAD_OF_DIGESTS and "x-amz-content-sha256" in claim.signed and service == "s3":
        return declared
    return declared if _HEX_SHA256.fullmatch(declared) else None
