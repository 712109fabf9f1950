"""One client, two ways: boto3 over HTTP, and openrek's own in this process. Each test that asks for it runs twice."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.s3_service import new_bucket, s3_client
from tests.conftest import RunningService

if TYPE_CHECKING:
    from openrek.vision import Engine


@pytest.fixture(scope="session")
def engine() -> "Iterator[Engine]":
    """The engine in this process."""
    from openrek.vision import Engine, RuntimeOptions, load_packs

    engine = Engine(load_packs(), RuntimeOptions(2))
    yield engine
    engine.close()


@pytest.fixture(params=["boto3 over HTTP", "in process"])
def client(request: pytest.FixtureRequest, server: RunningService) -> Any:
    """A Rekognition client whose S3 objects are those of the running service's store."""
    if request.param == "boto3 over HTTP":
        return server.client()
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.rekognition import Client, Services
    from openrek.s3 import LocalObjectStore

    engine = request.getfixturevalue("engine")
    resources = compose(Settings(server.data_dir)).repositories
    return Client(Services(engine, LocalObjectStore(server.data_dir / "objects"), resources))


@pytest.fixture(scope="module")
def s3(server: RunningService) -> Any:
    """boto3's S3 client of the running service."""
    return s3_client(server)


@pytest.fixture(scope="module")
def bucket(s3: Any) -> Iterator[str]:
    """A bucket for the tests of a module."""
    with new_bucket(s3) as name:
        yield name


@pytest.fixture
def collection(client: Any) -> Iterator[str]:
    """An empty collection for one test."""
    name = f"made-{uuid.uuid4().hex[:10]}"
    client.create_collection(CollectionId=name)
    yield name
    client.delete_collection(CollectionId=name)
