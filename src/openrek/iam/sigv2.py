"""Links of signature version 2: the arithmetic, pure. Only links; nobody signs headers in this way any more.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from openrek.errors import IncompleteSignatureError

KEY_ID = "AWSAccessKeyId"
"""The parameter that a link of this version is known by."""
_PLAIN = ("content-md5", "content-type")


@dataclass(frozen=True, slots=True)
class Link:
    """What the query of a link says."""

    access_key_id: str
    signature: str
    expires: int
    """Seconds since 1970."""
    token: str | None
    """The session token."""
    query: Mapping[str, str]
    """All of it, decoded."""

    @classmethod
    def read(cls, query: str) -> "Link":
        """
        Raises:
            IncompleteSignatureError: a part of the signature is missing, malformed or there twice.
        """
        found: dict[str, str] = {}
        for part in filter(None, query.split("&")):
            name, _, value = part.partition("=")
            # The signature is base64: a plus sign in it is one, whether it was encoded or not.
            name, value = unquote(name), unquote(value)
            if name in found:
                raise IncompleteSignatureError(f"{name[:40]} is there twice")
            found[name] = value
        missing = [name for name in (KEY_ID, "Signature", "Expires") if not found.get(name)]
        if missing:
            raise IncompleteSignatureError(f"the query lacks {', '.join(missing)}")
        expires = found["Expires"]
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 11):
            raise IncompleteSignatureError("Expires must be a time in seconds since 1970")
        return cls(found[KEY_ID], found["Signature"], int(expires), found.get("x-amz-security-token"), found)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that the link itself carries, as boto3 writes them: those that were signed."""
        return {name: value for name, value in self.query.items() if name.startswith("x-amz-") or name in _PLAIN}


def string_to_sign(method: str, raw_path: str, link: Link, headers: Iterable[tuple[str, str]]) -> str:
    """The request as the text that is signed: every x-amz header is in it, so none can be added.

    Args:
        method: HTTP method.
        raw_path: Path as it was sent, percent-encoded.
        link: What the query says.
        headers: Names and values as they were sent.
    """
    sent: dict[str, list[str]] = {}
    for name, value in headers:
        sent.setdefault(name.lower(), []).append(value.strip())
    written = link.headers | {name: ",".join(values) for name, values in sent.items()}
    amz = "".join(f"{name}:{written[name]}\n" for name in sorted(written) if name.startswith("x-amz-"))
    named = sorted(name for name in link.query if name in _resource_parameters())
    asked = "&".join(f"{name}={link.query[name]}" if link.query[name] else name for name in named)
    resource = f"{raw_path}?{asked}" if asked else raw_path
    return "\n".join((method, *(written.get(name, "") for name in _PLAIN), str(link.expires), f"{amz}{resource}"))


def signature(secret: str, to_sign: str) -> str:
    """The signature, base64."""
    return b64encode(hmac.digest(secret.encode(), to_sign.encode(), "sha1")).decode()


@cache
def _resource_parameters() -> frozenset[str]:
    """Parameters that are part of the resource, as botocore's signer has them."""
    from botocore.auth import HmacV1Auth

    return frozenset(HmacV1Auth.QSAOfInterest)
