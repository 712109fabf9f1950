"""Reading a request's body under a limit."""

from starlette.requests import ClientDisconnect, Request

from openrek.web.api_error import ApiError
from openrek.web.uploaded_image import too_large

# A client that is cut off while it sends sees a broken connection, not our answer. Somewhat too large bodies are
# therefore read to their end, kept nowhere, before they are refused.
_COURTESY_BYTES = 64 * 1024 * 1024


async def read_body(request: Request, max_bytes: int, around: int = 0) -> bytes:
    """The body: at most `max_bytes`, and `around` more of a form around them.

    Raises:
        Problem: 413 for more than `max_bytes`; 400 when the client went away.
    """
    allowed = max_bytes + around
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > _COURTESY_BYTES:
        raise too_large(int(announced), max_bytes)
    keep = not announced.isdigit() or int(announced) <= allowed
    chunks: list[bytes] = []
    found = 0
    try:
        async for chunk in request.stream():
            found += len(chunk)
            if found > _COURTESY_BYTES:
                raise too_large(found, max_bytes)
            if keep and found <= allowed:
                chunks.append(chunk)
            else:
                chunks.clear()
                keep = False
    except ClientDisconnect:
        raise ApiError(400, "InvalidParameterException", "the connection ended before the body did") from None
    if found > allowed:
        raise too_large(found, max_bytes)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
