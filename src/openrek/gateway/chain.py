"""The life of a request, top to bottom: one list of stages.

Each stage lets the request pass or raises. An error is answered in the protocol of the client, which is why
the protocol is identified first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from openrek.errors import RequestCancelledError
from openrek.gateway.browsers import check_host, check_origin, cors_headers
from openrek.gateway.context import RequestContext
from openrek.gateway.endpoint import HASHED_AT_ONCE_BYTES
from openrek.gateway.identification import Identification
from openrek.gateway.services import GatewayServices
from openrek.web.request_body import COURTESY_BYTES, BodyTooLarge, declared_length, read_body, stream_body
from openrek.web.security_headers import security_headers

Stage = Callable[[RequestContext, GatewayServices], Awaitable[None]]

_SECURITY_HEADERS = [(name.encode(), value.encode()) for name, value in security_headers().items()]


class Chain:
    """Answers one request after the other by the stages below.

    Args:
        identification: Finds the endpoint of a request.
    """

    def __init__(self, identification: Identification) -> None:
        self.stages: tuple[Stage, ...] = (
            identification,
            check_host,
            check_origin,
            limit,
            authenticate,
            read,
            admit,
            handle,
        )
        self.always: tuple[Stage, ...] = (serialise, log)

    async def __call__(self, context: RequestContext, services: GatewayServices) -> None:
        """Sets the response. Every failure becomes one."""
        try:
            for stage in self.stages:
                await stage(context, services)
        except Exception as error:
            context.error = error
            context.response = context.endpoint.error_response(context, error)
        finally:
            if context.sink is not None:  # to remove a large file may take a while
                await asyncio.get_running_loop().run_in_executor(services.executor, context.sink.close)
        for stage in self.always:
            await stage(context, services)


async def limit(context: RequestContext, services: GatewayServices) -> None:
    """Refuses a body that announces more bytes than its operation or route takes."""
    context.max_body_bytes = context.endpoint.max_body_bytes(context, services)
    length = declared_length(context.headers)
    if length is not None and length > context.max_body_bytes:
        raise BodyTooLarge(length, context.max_body_bytes)


async def authenticate(context: RequestContext, services: GatewayServices) -> None:
    """Refuses strangers by the head alone, before a byte of the body is read."""
    run = context.endpoint.authenticate
    if context.endpoint.may_block(context, services):
        await asyncio.get_running_loop().run_in_executor(services.executor, run, context, services)
    else:
        run(context, services)


async def read(context: RequestContext, services: GatewayServices) -> None:
    """Reads the body under its limit and checks that it is the one that was signed."""
    with ExitStack() as stack:
        receive = context.request.receive
        if context.sink is not None:
            await stream_body(receive, context.max_body_bytes, context.sink, services.executor)
            context.body_read = True
        elif context.has_body and not context.ignores_body:
            if not context.authenticated:
                receive = stack.enter_context(services.unverified.hold(receive))
            context.body = await read_body(receive, context.max_body_bytes)
            context.body_read = True
        verify = context.endpoint.verify_body
        if len(context.body) <= HASHED_AT_ONCE_BYTES:
            verify(context, services)
        else:
            await asyncio.get_running_loop().run_in_executor(services.executor, verify, context, services)


async def admit(context: RequestContext, services: GatewayServices) -> None:
    """Queues the operation for a thread; refuses it when the queue of images is full."""
    context.work = context.endpoint.admit(context, services)


async def handle(context: RequestContext, services: GatewayServices) -> None:
    """Does what is requested. When the client disconnects, work on its image ends, whether queued or running."""
    if context.work is None:
        context.endpoint.handle(context, services)
        return
    if context.cancellation is None:
        await asyncio.wrap_future(context.work)
        return
    watcher = asyncio.create_task(_cancel_when_gone(context))
    try:
        await asyncio.wrap_future(context.work)
    except asyncio.CancelledError:
        if context.cancellation.cancelled:  # it was still queued
            raise RequestCancelledError from None
        raise
    finally:
        watcher.cancel()


async def serialise(context: RequestContext, services: GatewayServices) -> None:
    """Adds the headers that every answer has: security, cross-origin access, the request's id."""
    assert context.response is not None
    raw = context.response.raw_headers
    present = {name for name, _ in raw}
    raw += [header for header in _SECURITY_HEADERS if header[0] not in present]
    raw += cors_headers(context, services)
    raw.append((b"x-request-id", context.request_id.encode()))
    if context.has_body and not context.body_read and (context.expects_continue or _is_long(context)):
        # What comes next on this connection would be, or be mistaken for, the unread body.
        raw.append((b"connection", b"close"))


async def log(context: RequestContext, services: GatewayServices) -> None:
    """Writes one record of what was answered."""
    context.endpoint.log(context, services)


async def _cancel_when_gone(context: RequestContext) -> None:
    while (await context.request.receive())["type"] != "http.disconnect":
        pass
    assert context.cancellation is not None
    assert context.work is not None
    context.cancellation.cancel()
    context.work.cancel()


def _is_long(context: RequestContext) -> bool:
    return len(context.headers.get("content-length", "")) > len(str(COURTESY_BYTES))
