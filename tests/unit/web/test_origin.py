"""Origins: scheme, host and port."""

import pytest

from openrek.web.origin import canonical_origin, netloc_of, origin_at


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("https://Photos.Example:443", "https://photos.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:8420", "http://localhost:8420"),
        ("http://[::1]:8420", "http://[::1]:8420"),
        ("https://photos.example:80", "https://photos.example:80"),
        ("null", ""),
        ("", ""),
        ("localhost", ""),
        ("http://localhost/", ""),
        ("http://a@localhost", ""),
        ("http://[", ""),
        ("http://localhost:", ""),
        ("http://a b", ""),
    ],
)
def test_an_origin_has_one_spelling(text: str, canonical: str) -> None:
    assert canonical_origin(text) == canonical


def test_an_origin_follows_from_scheme_and_host() -> None:
    assert origin_at("https", "photos.example:443") == "https://photos.example"
    assert origin_at("http", "not a host") == ""


def test_a_url_has_a_host_or_none() -> None:
    assert netloc_of("HTTP://A:1/x") == "a:1"
    assert netloc_of("http://[") == ""
