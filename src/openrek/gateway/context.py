"""The record of one request, filled stage by stage."""

import random
import re
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from openrek.cancellation import Cancellation
from openrek.iam import Caller, PendingSignature, Signer
from openrek.protocol import WireResponse
from openrek.web.cors import CorsRule
from openrek.web.request_body import BodySink

if TYPE_CHECKING:
    from openrek.gateway.endpoint import Endpoint
    from openrek.gateway.routes import Route

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[^/,\s]*/[^/,\s]*/([^/,\s]*)/")

# Seeded by the system once; a request id need not be secret, and a system call for each would release the GIL.
_RANDOM = random.Random()  # noqa: S311
_VERSION_4 = (4 << 76) | (2 << 62)
_FREE = ~((0xF << 76) | (0x3 << 62))


def _new_request_id() -> str:
    """A UUID of version 4, as `uuid.uuid4` makes them, in a fifth of its time."""
    bits = _RANDOM.getrandbits(128) & _FREE | _VERSION_4
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(slots=True)
class RequestContext:
    """What the stages of `chain.py` know of a request, in the order in which they learn it."""

    request: Request
    request_id: str = field(default_factory=_new_request_id)
    """Returned to the client and written with every log record."""
    started: float = field(default_factory=time.perf_counter)
    endpoint: "Endpoint" = field(init=False)
    """Answers in the protocol that the client speaks; once identified."""
    operation: str | None = None
    """Operation of an AWS service, once known."""
    cors: CorsRule | None = None
    """Set for a page of another origin that may read the answer."""
    max_body_bytes: int = 0
    """Of this operation or route."""
    signature: PendingSignature | None = None
    """What the head proves of a signed request."""
    authenticated: bool = False
    """Whether the head alone proves who calls."""
    ignores_body: bool = False
    """Whether a body means nothing here and is not read, as with GET."""
    sink: BodySink | None = None
    """Takes the body in place of `body`, where it may be large; set by an endpoint that knows the caller."""
    body: bytes = b""
    body_read: bool = False
    """Whether the body was read to its end."""
    signer: Signer | None = None
    """Who signed, once verified with the body."""
    access_key_id: str | None = None
    """The signer's key."""
    caller: Caller | None = None
    """Who has that key."""
    cancellation: Cancellation | None = None
    """Ends the work when the client disconnects; only for work on images."""
    work: "Future[None] | None" = None
    """The operation, queued or running in a thread; None for one that runs on the event loop."""
    response: Response | None = None
    result: WireResponse | None = None
    """The same as the AWS wire has it, with the error's code."""
    error: Exception | None = None
    """Why the request was refused or failed."""
    route: "Route | None" = None
    """Of the REST API or a page; None for anything else."""
    allowed_methods: frozenset[str] = frozenset()
    """Methods that the path has, where it has no route for this one."""
    object_key: str | None = None
    """Key of the object that a form uploads; the path of such a request names the bucket alone."""
    foreign: bool = False
    """Whether a page of another origin sent it: a session cookie does not count then."""
    pairs: tuple[tuple[str, str], ...] = field(init=False)
    """The headers as they were sent."""
    headers: Mapping[str, str] = field(init=False)
    """Values by lower-case name; of several the last."""
    claimed_key_id: str = field(init=False)
    """Access key id that a signature of version 4 names; empty without one."""
    claimed_service: str = field(init=False)
    """Service that its scope names, as "s3"; likewise."""

    def __post_init__(self) -> None:
        raw = self.request.scope["headers"]
        self.pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
        self.headers = {name.lower(): value for name, value in self.pairs}
        self.claimed_key_id, self.claimed_service = self._credential()

    def _credential(self) -> tuple[str, str]:
        credential = self.headers.get("authorization", "")
        if not credential and b"X-Amz-Credential" in self.request.scope["query_string"]:
            credential = f"Credential={self.request.query_params.get('X-Amz-Credential', '')}"
        found = _CREDENTIAL.search(credential)
        return (found[1], found[2]) if found else ("", "")

    @property
    def has_body(self) -> bool:
        """Whether the request comes with a body, be it an empty one."""
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0").strip("0") != ""

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for permission to send the body."""
        return self.headers.get("expect", "").lower() == "100-continue"

    @property
    def conditions(self) -> dict[str, str]:
        """The condition keys that a request has by itself.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        request = self.request
        return {
            "aws:SecureTransport": "true" if request.scope["scheme"] == "https" else "false",
            "aws:UserAgent": self.headers.get("user-agent", ""),
            **({"aws:SourceIp": request.client.host} if request.client else {}),
        }

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since arrival."""
        return round((time.perf_counter() - self.started) * 1000, 1)
