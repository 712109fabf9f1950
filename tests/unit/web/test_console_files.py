"""The console's files are sent alike by the gateway and by the function on AWS."""

import pytest

from openrek.web.console_files import file_headers
from openrek.web.security_headers import security_headers


@pytest.mark.parametrize(
    ("name", "media_type", "lasting"),
    [
        ("index.html", "text/html; charset=utf-8", False),
        ("app.js", "text/javascript; charset=utf-8", False),
        ("vendor/x/chunks/chunk.HJ65SLMP.js", "text/javascript; charset=utf-8", True),
        ("mark.svg", "image/svg+xml", False),
        ("roboto.woff2", "font/woff2", False),
        ("openapi.json", "application/json", False),
        ("no-ending", "application/octet-stream", False),
    ],
)
def test_a_file_has_its_type_and_its_time(name: str, media_type: str, lasting: bool) -> None:
    headers = file_headers(name, b"content")
    assert headers["content-type"] == media_type
    assert ("immutable" in headers["cache-control"]) is lasting
    assert headers["etag"] != file_headers(name, b"other")["etag"]


def test_pages_load_from_here_and_from_the_storage_alone() -> None:
    here, there = security_headers(), security_headers("https://b.example/", https=True)
    assert "connect-src" not in here["content-security-policy"]
    assert "connect-src 'self' https://b.example/;" in there["content-security-policy"]
    assert "img-src 'self' blob: data: https://b.example/;" in there["content-security-policy"]
    assert there["strict-transport-security"]
    assert here.keys() == there.keys() - {"strict-transport-security"}
