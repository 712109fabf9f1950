"""Bodies under a limit."""

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from openrek.errors import QueueFullError
from openrek.gateway.body_budget import BodyBudget
from openrek.web.api_error import ApiError
from openrek.web.request_body import BodyTooLarge, ClientGone, Receive, declared_length, read_body


def receiving(*chunks: bytes, gone: bool = False) -> Receive:
    """ASGI's receive over these chunks."""
    events: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": gone or index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]
    events.append({"type": "http.disconnect"})
    remaining = iter(events)

    async def receive() -> MutableMapping[str, Any]:
        return next(remaining)

    return receive


@pytest.mark.parametrize("chunks", [(b"",), (b"abc",), (b"a", b"", b"bc")])
def test_a_body_is_joined(chunks: Sequence[bytes]) -> None:
    assert asyncio.run(read_body(receiving(*chunks), 3)) == b"".join(chunks)


def test_a_longer_body_is_read_to_its_end_and_dropped() -> None:
    with pytest.raises(BodyTooLarge) as caught:
        asyncio.run(read_body(receiving(b"ab", b"cd", b"ef"), 3))
    assert (caught.value.size, caught.value.max_bytes) == (6, 3)


def test_a_body_that_breaks_off_is_no_body() -> None:
    with pytest.raises(ClientGone):
        asyncio.run(read_body(receiving(b"ab", gone=True), 3))


@pytest.mark.parametrize("text", ["-1", "1.0", "", "²", "9" * 19, "0x5"])
def test_a_length_is_a_number(text: str) -> None:
    with pytest.raises(ApiError, match="Content-Length"):
        declared_length({"content-length": text})


def test_unverified_bodies_share_a_bound_and_give_it_back() -> None:
    budget = BodyBudget(10)

    async def run() -> None:
        with budget.hold(receiving(b"12345", b"678")) as first:
            assert await read_body(first, 100) == b"12345678"
            with budget.hold(receiving(b"abc")) as second, pytest.raises(QueueFullError):
                await read_body(second, 100)
        with budget.hold(receiving(b"0123456789")) as third:
            assert len(await read_body(third, 100)) == 10

    asyncio.run(run())
