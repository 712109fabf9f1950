"""Fixtures: the shared test data, test pictures, and a running service."""

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import openrek  # noqa: F401  # before any test imports onnxruntime, which would report its use otherwise
from tests.postgresql import PostgresqlServer, find_postgresql, running_postgresql

if TYPE_CHECKING:
    from openrek.config import Settings

# Benchmarks are scripts that no distribution installs; tests count with theirs.
sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

ROOT = Path(__file__).parents[1]
_START_SECONDS = 60


@pytest.fixture(autouse=True)
def no_session_of_another_test() -> None:
    """boto3 keeps the first default session, with the keys that some other test's environment named."""
    if boto3 := sys.modules.get("boto3"):
        vars(boto3)["DEFAULT_SESSION"] = None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled data beside the checkout; a test that needs it skips where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the labelled data of ../shared is not here")
    return folder


def encode(pixels: "np.ndarray[Any, Any]", kind: str = "JPEG", **options: Any) -> bytes:
    """An RGB array as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def astronaut() -> bytes:
    """A portrait, 512 × 512: one person, one face (NASA, public domain)."""
    from skimage import data

    return encode(data.astronaut(), quality=92)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def cat() -> bytes:
    """A cat, 451 × 300."""
    from skimage import data

    return encode(data.cat(), quality=92)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class RunningService:
    """`openrek serve` in a process of its own."""

    url: str
    login_url: str
    token: str
    data_dir: Path
    process: "subprocess.Popen[str]"
    output: list[str]
    """Lines of standard output: the log records."""
    errors: list[str]
    """Lines of standard error."""

    @property
    def keys(self) -> dict[str, str]:
        """Arguments for boto3.client."""
        profile = ConfigParser()
        profile.read(self.data_dir / "credentials")
        return {
            "aws_access_key_id": profile["openrek"]["aws_access_key_id"],
            "aws_secret_access_key": profile["openrek"]["aws_secret_access_key"],
        }

    @property
    def bearer(self) -> dict[str, str]:
        """Headers for the REST API."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def bucket(self) -> Path:
        """The folder of the service's bucket."""
        return self.data_dir / "objects" / "openrek"

    def stored(self) -> list[str]:
        """Paths of all stored objects."""
        return sorted(str(path.relative_to(self.bucket)) for path in self.bucket.rglob("*") if path.is_file())

    def client(self, **options: Any) -> Any:
        """An unmodified boto3 Rekognition client; nothing about openrek but the endpoint and the keys."""
        import boto3
        from botocore.config import Config

        client = boto3.client(
            "rekognition",
            endpoint_url=self.url,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, **options),
            **self.keys,
        )
        # Made now: two threads that meet their first error at once would each have made the classes of its own
        # (botocore.errorfactory has no lock), and an error of one set is none of the other.
        client.exceptions  # noqa: B018
        return client


def start_service(data_dir: Path, *arguments: str, environment: dict[str, str] | None = None) -> RunningService:
    """Starts `openrek serve` and waits until it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openrek", "serve", "--port", "0", "--data", str(data_dir), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stderr is not None
    assert process.stdout is not None
    output: list[str] = []
    errors: list[str] = []
    watchdog = threading.Timer(_START_SECONDS, process.kill)
    watchdog.start()
    url = login = ""
    for line in process.stderr:
        errors.append(line)
        if found := re.search(r"ready after .* at (http://\S+)", line):
            url = found[1]
        if found := re.search(r"(http://\S+/login\?key=\S+)", line):
            login = found[1]
        if "AWS_SHARED_CREDENTIALS_FILE" in line:
            break
    watchdog.cancel()
    if not url or not login:
        process.wait()
        process.stdout.close()
        process.stderr.close()
        raise RuntimeError("the service did not start:\n" + "".join(errors))
    for stream, lines in ((process.stdout, output), (process.stderr, errors)):
        threading.Thread(target=lines.extend, args=(stream,), daemon=True).start()
    return RunningService(url, login, (data_dir / "token").read_text().strip(), data_dir, process, output, errors)


def stop_service(service: RunningService) -> int:
    """Ends the service as Ctrl-C does; its exit status."""
    service.process.send_signal(signal.SIGINT)
    try:
        return service.process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        service.process.kill()
        raise
    finally:
        for stream in (service.process.stdout, service.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for the whole run."""
    service = start_service(tmp_path_factory.mktemp("data"))
    yield service
    stop_service(service)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """moto's server in this process, which speaks AWS's protocols; its state is shared by all modules."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium; tests that need one skip where it is absent."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium here; scripts/install_test_programs.sh installs Debian's")


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """The folder of PostgreSQL's programs; tests that need them skip where they are absent, but not in CI."""
    if (programs := find_postgresql()) is not None:
        return programs
    message = "no PostgreSQL here; scripts/install_test_programs.sh installs Debian's"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgresql(postgresql_programs: Path) -> Iterator[PostgresqlServer]:
    """One PostgreSQL server for the whole run. A test that stops it starts one of its own instead."""
    with running_postgresql(postgresql_programs) as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer) -> Iterator[str]:
    """`postgresql://…` of an empty database, which is dropped after the test."""
    url = postgresql.new_database()
    yield url
    postgresql.drop(url)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def state_settings(request: pytest.FixtureRequest, tmp_path: Path) -> "Settings":
    """Settings with an empty data folder and an empty database; each test that uses it runs with both databases."""
    from openrek.config import Settings

    if request.param == "SQLite":
        return Settings(tmp_path)
    return Settings(tmp_path, database=request.getfixturevalue("postgresql_url"))


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
