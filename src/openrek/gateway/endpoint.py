"""The interface of an endpoint, which answers in one of the protocols."""

from concurrent.futures import Future
from typing import Protocol

from starlette.responses import Response

from openrek.gateway.context import RequestContext
from openrek.gateway.services import GatewayServices

SMALL_BODY_BYTES = 64 * 1024
"""What is larger is parsed in a thread, so that no other client of the event loop waits for it."""
HASHED_AT_ONCE_BYTES = 512 * 1024
"""What is larger is hashed in a thread. Up to here the hash takes less time than two changes of thread, where the
processor has instructions for it, and about a millisecond where it has none."""


class Endpoint(Protocol):
    """Answers requests in one protocol: the AWS wire, REST and pages, S3, or that of another AWS service.

    The methods are called in this order, by the stages of `chain.py`. Each may raise; `error_response` then answers.
    """

    @property
    def has_cors_rules(self) -> bool:
        """Whether it has rules of its own for pages of other origins, as S3's buckets have."""

    def max_body_bytes(self, context: RequestContext, services: GatewayServices) -> int:
        """The most bytes that the request's body may have. Only the head is known."""

    def may_block(self, context: RequestContext, services: GatewayServices) -> bool:
        """Whether `authenticate` reads the database or a file, so that it must not run on the event loop."""

    def authenticate(self, context: RequestContext, services: GatewayServices) -> None:
        """Returns if the head may be that of somebody who may call; sets `authenticated` where it proves it."""

    def verify_body(self, context: RequestContext, services: GatewayServices) -> None:
        """Returns if the body is what was signed; sets `signer` and `caller` of a signed request."""

    def admit(self, context: RequestContext, services: GatewayServices) -> "Future[None] | None":
        """Queues `handle`; None to have it called on the event loop."""

    def handle(self, context: RequestContext, services: GatewayServices) -> None:
        """Does what is requested and sets `response`."""

    def error_response(self, context: RequestContext, error: Exception) -> Response:
        """The answer to a request that a stage refused or that failed."""

    def log(self, context: RequestContext, services: GatewayServices) -> None:
        """Logs the request once it is answered: one record, or none where nothing is worth one."""
