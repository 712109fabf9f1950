"""Downloads go on where they broke off, take nothing more than was told, and say in plain words what is wrong."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import free_port
from tests.file_server import FileServer

from openrek.model_store import download as module
from openrek.model_store.address import rejection
from openrek.model_store.download import PullError, download

DATA = os.urandom(300_000)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """One that has one file."""
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0)
    with FileServer({"/model": DATA}) as server:
        yield server


def nothing(done: int, total: int | None) -> None:
    """Tells nobody."""


def test_a_file_comes_whole_and_its_progress_is_told(server: FileServer, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    download(f"{server.url}/model", tmp_path / "m", len(DATA), lambda done, total: told.append((done, total)))
    assert (tmp_path / "m").read_bytes() == DATA
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (len(DATA), len(DATA))


def test_a_proxy_is_not_asked_for_this_machine_s_own_files(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    download(f"{server.url}/model", tmp_path / "m", None, nothing)
    assert (tmp_path / "m").read_bytes() == DATA


def test_what_is_there_is_not_asked_for_again(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(DATA[:100_000])
    download(f"{server.url}/model", tmp_path / "m", len(DATA), nothing)
    assert (tmp_path / "m").read_bytes() == DATA
    assert server.requested == [("/model", "bytes=100000-")]


@pytest.mark.parametrize("size", [len(DATA), None], ids=["size known", "size not known"])
def test_a_file_that_is_there_whole_stays_as_it_is(server: FileServer, tmp_path: Path, size: int | None) -> None:
    (tmp_path / "m").write_bytes(DATA)
    download(f"{server.url}/model", tmp_path / "m", size, nothing)
    assert (tmp_path / "m").read_bytes() == DATA
    assert server.requested == ([] if size else [("/model", f"bytes={len(DATA)}-")])


def test_more_than_the_file_can_have_is_thrown_away(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(bytes(len(DATA) + 1))
    download(f"{server.url}/model", tmp_path / "m", None, nothing)
    assert (tmp_path / "m").read_bytes() == DATA


@pytest.mark.parametrize("length", [True, False], ids=["its length told", "its length not told"])
def test_a_server_that_hangs_up_is_asked_for_the_rest(server: FileServer, tmp_path: Path, length: bool) -> None:
    server.break_after, server.length = 70_000, length
    download(f"{server.url}/model", tmp_path / "m", len(DATA), nothing)
    assert (tmp_path / "m").read_bytes() == DATA
    assert [span for _, span in server.requested] == ["", *(f"bytes={70_000 * part}-" for part in range(1, 5))]


def test_a_server_that_cannot_go_on_and_hangs_up_is_given_up_after_some_tries(
    server: FileServer, tmp_path: Path
) -> None:
    server.break_after, server.ranges = 70_000, False
    with pytest.raises(PullError, match="broke off after 70,000 bytes, again and again; what has come is kept"):
        download(f"{server.url}/model", tmp_path / "m", len(DATA), nothing)
    assert len(server.requested) == 1 + module.TRIES
    server.break_after = None
    download(f"{server.url}/model", tmp_path / "m", len(DATA), nothing)
    assert (tmp_path / "m").read_bytes() == DATA


def test_another_size_than_was_told_is_refused_before_anything_comes(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(PullError, match="has 300,000 bytes, but the descriptor declares 299,999: another file"):
        download(f"{server.url}/model", tmp_path / "m", len(DATA) - 1, nothing)
    assert not (tmp_path / "m").exists()


def test_a_server_that_does_not_say_how_much_it_sends_cannot_fill_the_disk(server: FileServer, tmp_path: Path) -> None:
    server.length = False
    with pytest.raises(PullError, match="sends more than the 1,000 bytes"):
        download(f"{server.url}/model", tmp_path / "m", 1000, nothing)
    assert not (tmp_path / "m").exists()


def test_a_server_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(PullError, match=rf"127\.0\.0\.1:{port} cannot be reached .* everything else works without"):
        download(f"http://127.0.0.1:{port}/model", tmp_path / "m", None, nothing)


def test_a_name_that_nobody_knows_is_told_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(PullError, match=r"models\.invalid cannot be reached"):
        download("https://models.invalid/model", tmp_path / "m", None, nothing)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "does not allow the download"),
        (429, "limits the number of requests"),
        (503, "answers HTTP 503; try again"),
    ],
)
def test_a_server_that_refuses_is_quoted(server: FileServer, tmp_path: Path, status: int, message: str) -> None:
    server.status = status
    with pytest.raises(PullError, match=message):
        download(f"{server.url}/model", tmp_path / "m", None, nothing)


def test_a_file_that_the_server_lacks_is_named(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(PullError, match=r"has no such file \(HTTP 404\): .*/other"):
        download(f"{server.url}/other", tmp_path / "m", None, nothing)


def test_redirects_on_this_machine_are_followed(server: FileServer, tmp_path: Path) -> None:
    server.redirects["/old"] = "/model"
    (tmp_path / "m").write_bytes(DATA[:1000])
    download(f"{server.url}/old", tmp_path / "m", len(DATA), nothing)
    assert (tmp_path / "m").read_bytes() == DATA
    assert server.requested[-1] == ("/model", "bytes=1000-")


@pytest.mark.parametrize("target", ["http://models.example/model", "file:///etc/passwd", "ftp://models.example/model"])
def test_redirects_to_anything_but_https_are_not_followed(server: FileServer, tmp_path: Path, target: str) -> None:
    server.redirects["/model"] = target
    with pytest.raises(PullError, match="only https is followed"):
        download(f"{server.url}/model", tmp_path / "m", None, nothing)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://models.example/a.onnx",
        "https://[2001:db8::1]:8443/a",
        "http://127.0.0.1:80/a",
        "http://localhost/a",
        "http://[::1]/a",
    ],
)
def test_addresses_that_are_asked(url: str) -> None:
    assert rejection(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example/a",
        "http://localhost.models.example/a",
        "http://127.0.0.1.models.example/a",
        "http://10.0.0.1/a",
        "ftp://models.example/a",
        "file:///etc/passwd",
        "https://user:secret@models.example/a",
        "https://models.example:port/a",
        "https://",
        "model.onnx",
        "",
    ],
)
def test_addresses_that_are_not(url: str) -> None:
    message = rejection(url)
    assert message
    assert "secret" not in message


def test_nobody_else_redirects_to_this_machine() -> None:
    assert "not followed" in str(rejection("http://127.0.0.1/a", "https://models.example/a"))
    assert rejection("https://cdn.example/a", "https://models.example/a") is None
