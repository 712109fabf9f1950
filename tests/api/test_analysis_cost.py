"""What an analysis through the service costs: one decode a scale, one read of the object, one run of each model."""

from collections.abc import Iterator

import httpx
import pytest

from analysis_cost import Cost, counted, served
from openrek.app import App
from openrek.config import Settings
from tests.conftest import encode

ONCE = {
    "nanodet": 1,
    "ssdlite": 1,
    "efficientnet_lite0": 1,
    "centerface": 1,
    "faceres": 1,
    "face_expression": 1,
    "age": 1,
    "gender": 1,
    "ppocr_det": 1,
    "nsfw_mobilenet_v2": 1,
    "open_nsfw": 1,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service of this process."""
    app = App(Settings(tmp_path_factory.mktemp("counted"), workers=2), log_to_stdout=False)
    bearer = {"Authorization": f"Bearer {app.token}"}
    with served(app) as url, httpx.Client(base_url=url, headers=bearer, timeout=60) as client:
        yield client
    app.close()


@pytest.fixture(scope="module", params=["bytes", "S3Object"])
def way(request: pytest.FixtureRequest) -> str:
    """How images are sent."""
    return str(request.param)


def analyzed(client: httpx.Client, image: bytes, way: str) -> Cost:
    """What one analysis costs."""
    if way == "bytes":
        with counted() as cost:
            client.post("/v1/analyses", content=image).raise_for_status()
        assert not cost.reads
        return cost
    place = client.post("/v1/uploads").raise_for_status().json()
    httpx.put(place["url"], content=image).raise_for_status()
    with counted() as cost:
        client.post("/v1/analyses", json={"key": place["key"]}).raise_for_status()
    assert cost.reads == {place["key"]: 1}
    return cost


def test_a_portrait_is_read_and_decoded_once_and_each_model_runs_once(
    client: httpx.Client, astronaut: bytes, way: str
) -> None:
    cost = analyzed(client, astronaut, way)
    assert cost.decodes == {1: 1}
    assert {name: count for name, count in cost.runs.items() if name != "ppocr_rec"} == ONCE


def test_a_large_image_is_decoded_once_at_each_scale(client: httpx.Client, astronaut: bytes, way: str) -> None:
    import numpy as np
    from PIL import Image
    from skimage import data

    large = Image.fromarray(data.astronaut()).resize((2200, 2200))  # type: ignore[no-untyped-call]
    cost = analyzed(client, encode(np.asarray(large), quality=80), way)
    assert set(cost.decodes) > {2}  # the models' scale, and the one that is drawn on
    assert set(cost.decodes.values()) == {1}
    assert cost.runs["efficientnet_lite0"] == cost.runs["open_nsfw"] == 1
