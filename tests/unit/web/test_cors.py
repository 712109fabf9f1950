"""Rules for pages of other origins."""

import pytest

from openrek.web.cors import CorsRule, Preflight, matching_rule, preflight_headers, response_headers

APP = CorsRule(("https://app.example", "https://*.photos.example"), ("GET", "PUT"), ("x-amz-*", "Content-Type"))
EVERY = CorsRule(("*",), ("GET",), expose=("etag",), max_age_seconds=60, allow_credentials=True)


@pytest.mark.parametrize(
    ("origin", "method", "headers", "allowed"),
    [
        ("https://app.example", "PUT", (), True),
        ("https://app.example", "PUT", ("X-Amz-Date", "content-type"), True),
        ("https://a.photos.example", "GET", (), True),
        ("https://photos.example", "GET", (), False),
        ("https://app.example", "DELETE", (), False),
        ("https://app.example", "put", (), False),
        ("https://app.example", "PUT", ("authorization",), False),
        ("https://app.example.evil", "PUT", (), False),
        ("https://a.photos.example.evil", "GET", (), False),
        ("http://app.example", "PUT", (), False),
    ],
)
def test_a_rule_allows_what_it_names(origin: str, method: str, headers: tuple[str, ...], allowed: bool) -> None:
    assert APP.allows(origin, method, headers) is allowed


def test_the_first_rule_that_allows_the_request_counts() -> None:
    assert matching_rule((APP, EVERY), "https://app.example", "GET") is APP
    assert matching_rule((APP, EVERY), "https://other.example", "GET") is EVERY
    assert matching_rule((APP, EVERY), "https://other.example", "PUT") is None


def test_an_origin_is_echoed_and_a_star_is_never_given_cookies() -> None:
    named = CorsRule(("https://app.example",), ("GET",), allow_credentials=True)
    assert response_headers(named, "https://app.example")["access-control-allow-origin"] == "https://app.example"
    assert response_headers(named, "https://app.example")["access-control-allow-credentials"] == "true"
    assert response_headers(EVERY, "https://app.example")["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response_headers(EVERY, "https://app.example")
    assert response_headers(EVERY, "https://app.example")["access-control-expose-headers"] == "etag"


def test_a_preflight_is_answered_with_what_it_asks_for() -> None:
    headers = {
        "origin": "https://app.example",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "X-Amz-Date, content-type",
    }
    preflight = Preflight.read("OPTIONS", headers)
    assert preflight == Preflight("https://app.example", "PUT", ("x-amz-date", "content-type"))
    assert preflight is not None
    answered = preflight_headers(APP, preflight)
    assert answered["access-control-allow-methods"] == "GET, PUT"
    assert answered["access-control-allow-headers"] == "x-amz-date, content-type"
    assert "access-control-max-age" not in answered
    assert preflight_headers(EVERY, preflight)["access-control-max-age"] == "60"
    assert Preflight.read("GET", headers) is None
    assert Preflight.read("OPTIONS", {"origin": "https://app.example"}) is None
