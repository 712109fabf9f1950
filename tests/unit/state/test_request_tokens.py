"""A request that comes again gets the first answer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from openrek.compose import System, compose
from openrek.config import Settings
from openrek.errors import InvalidParameterError, TokenReusedError
from openrek.state import RequestTokens, TokenScope
from openrek.state import request_tokens as module

SCOPE = TokenScope("arn:aws:iam::000000000000:user/lan", "CreateUser", "t-1")


@pytest.fixture
def system(state_settings: Settings) -> Iterator[System]:
    with compose(state_settings) as system:
        yield system


class Counter:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, connection: Connection) -> dict[str, Any]:
        self.calls += 1
        return {"call": self.calls}


@pytest.fixture
def tokens(system: System) -> RequestTokens:
    return system.repositories.request_tokens


def test_the_same_request_has_the_same_answer(tokens: RequestTokens) -> None:
    act = Counter()
    assert tokens.once(SCOPE, {"a": 1, "b": 2}, act) == {"call": 1}
    assert tokens.once(SCOPE, {"b": 2, "a": 1}, act) == {"call": 1}
    assert act.calls == 1


def test_any_text_may_be_in_a_request(tokens: RequestTokens) -> None:
    act = Counter()
    assert [tokens.once(SCOPE, {"name": "\ud800 ảnh"}, act) for _ in range(2)] == [{"call": 1}] * 2


def test_without_a_token_every_request_is_carried_out(tokens: RequestTokens) -> None:
    act = Counter()
    assert [tokens.once(None, {}, act) for _ in range(2)] == [{"call": 1}, {"call": 2}]


@pytest.mark.parametrize("other", [{"caller": "c"}, {"operation": "DeleteUser"}, {"token": "t-2"}])
def test_a_token_of_another_caller_or_operation_is_another(tokens: RequestTokens, other: dict[str, str]) -> None:
    act = Counter()
    tokens.once(SCOPE, {}, act)
    assert tokens.once(replace(SCOPE, **other), {"x": 1}, act) == {"call": 2}


def test_another_request_is_refused(tokens: RequestTokens) -> None:
    tokens.once(SCOPE, {"a": 1}, Counter())
    with pytest.raises(TokenReusedError, match="'t-1' was used with other parameters"):
        tokens.once(SCOPE, {"a": 2}, Counter())


def test_a_request_that_failed_may_be_sent_again(tokens: RequestTokens) -> None:
    def fail(connection: Connection) -> dict[str, Any]:
        raise InvalidParameterError

    with pytest.raises(InvalidParameterError):
        tokens.once(SCOPE, {"a": 1}, fail)
    assert tokens.once(SCOPE, {"a": 2}, Counter()) == {"call": 1}


def test_an_old_token_is_forgotten(tokens: RequestTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    act = Counter()
    tokens.once(SCOPE, {"a": 1}, act)
    monkeypatch.setattr(module, "KEPT_SECONDS", -1)
    assert tokens.once(SCOPE, {"a": 2}, act) == {"call": 2}


def test_of_many_equal_requests_at_once_one_is_carried_out(tokens: RequestTokens) -> None:
    act = Counter()
    with ThreadPoolExecutor(8) as several:
        answers = list(several.map(lambda _: tokens.once(SCOPE, {"a": 1}, act), range(24)))
    assert answers == [{"call": 1}] * 24
    assert act.calls == 1


def test_a_recorded_answer_is_found_without_carrying_out_anything(tokens: RequestTokens) -> None:
    assert tokens.recorded(SCOPE, {"a": 1}) is None
    assert tokens.recorded(None, {"a": 1}) is None
    tokens.once(SCOPE, {"a": 1}, lambda connection: {"call": 1})
    assert tokens.recorded(SCOPE, {"a": 1}) == {"call": 1}
    with pytest.raises(TokenReusedError, match="used with other parameters"):
        tokens.recorded(SCOPE, {"a": 2})
