"""Tokens of pages: opaque, for one list, for a day."""

import time

import pytest

from openrek.errors import PaginationTokenError
from openrek.rekognition.page_token import issue_number_token, issue_token, read_number_token, read_token


@pytest.mark.parametrize("size", [0, 1, 8, 150, 180, 185, 193])
def test_a_token_has_its_position_and_at_most_255_characters(size: int) -> None:
    position = bytes(range(256))[:size]
    token = issue_token(position, "ListFaces", 7)
    assert len(token) <= 255
    assert read_token(token, "ListFaces", 7) == position


@pytest.mark.parametrize("scope", [("ListUsers", 7), ("ListFaces", 8), ("ListFaces",), ("ListFaces", "7")])
def test_a_token_of_another_list_is_refused(scope: tuple[object, ...]) -> None:
    token = issue_number_token(5, "ListFaces", 7)
    assert read_number_token(token, "ListFaces", 7) == 5
    with pytest.raises(PaginationTokenError, match="not issued for this request"):
        read_number_token(token, *scope)


def test_a_changed_token_is_refused() -> None:
    token = issue_number_token(5, "ListFaces")
    for changed in (token[:-1], token + "A", token[1:], "A" + token[1:], "é", "====", "AAAA", token.swapcase()):
        with pytest.raises(PaginationTokenError, match="not issued for this request"):
            read_token(changed, "ListFaces")


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_the_first_page_is_meant(token: str | None) -> None:
    assert read_number_token(token, "ListFaces") == 0


def test_a_token_is_valid_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = issue_number_token(5, "ListFaces"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 24 * 3600 - 60)
    assert read_number_token(token, "ListFaces") == 5
    monkeypatch.setattr(time, "time", lambda: now + 24 * 3600 + 60)
    with pytest.raises(PaginationTokenError, match="more than 24 hours ago"):
        read_number_token(token, "ListFaces")
