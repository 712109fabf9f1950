"""An AWS to deploy to: moto's server, in a process of its own, because it warns of what CloudFormation it lacks."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from click.testing import CliRunner, Result

from openrek.cli import main
from openrek.deploy.wheels import ArtefactError, Target, install_wheels
from tests.conftest import free_port

REGION = "eu-west-1"
ACCOUNT = "123456789012"
HERE = Target("x86_64", f"{sys.version_info.major}.{sys.version_info.minor}")


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("moto_server.py")), "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{url}/moto-api/")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty AWS, and the environment that leads to it."""
    httpx.post(f"{moto_url}/moto-api/reset").raise_for_status()
    for name, value in environment(moto_url, tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return moto_url


def environment(url: str, folder: Path) -> dict[str, str]:
    """Variables for programs that are to use moto's server and none of this machine's own AWS settings."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
    }


def client(service: str) -> Any:
    """boto3's, by the environment."""
    return boto3.Session(region_name=REGION).client(service)


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """pip can fetch wheels; tests that build artefacts skip where it cannot."""
    try:
        install_wheels(["orjson"], tmp_path_factory.mktemp("wheel") / "orjson", Target())
    except ArtefactError as error:
        pytest.skip(f"no package index within reach: {error}")


def run(*arguments: str, stdin: str | None = None) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(main, arguments, input=stdin)


def linted(text: str) -> list[Any]:
    """What cfn-lint says of a template, without notes, for every region of the partition "aws".

    China's and the other partitions have no such CloudFront, and the stack is not for them.
    """
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs
    from cfnlint.helpers import REGIONS

    regions = [region for region in REGIONS if not region.startswith(("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"))]
    arguments = ManualArgs(include_checks=["I"], include_experimental=True, regions=regions)
    return [found for found in lint(text, config=arguments) if not found.rule.id.startswith("I")]
