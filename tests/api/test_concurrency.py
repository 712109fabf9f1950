"""Many requests at once: every answer is the sequential one, and what is too much is told at once."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
import httpx
import numpy as np
import pytest
import uvicorn
from botocore.config import Config
from skimage import data

from openrek.app import App
from openrek.config import Settings
from tests.conftest import RunningService, encode, start_service, stop_service

OPERATIONS = {
    "detect_labels": "Labels",
    "detect_faces": "FaceDetails",
    "detect_text": "TextDetections",
    "detect_moderation_labels": "ModerationLabels",
}


def test_two_hundred_requests_from_sixteen_threads_answer_as_one_by_one(client: Any) -> None:
    images = [
        encode(getattr(data, name)()[:size, :size], quality=90)
        for name in ("astronaut", "cat", "coffee", "chelsea", "rocket")
        for size in (300, 400)
    ]

    def ask(place: int) -> Any:
        operation = list(OPERATIONS)[place // len(images) % len(OPERATIONS)]
        answer = getattr(client, operation)(Image={"Bytes": images[place % len(images)]})
        return answer[OPERATIONS[operation]]

    kinds = len(images) * len(OPERATIONS)
    one_by_one = [ask(place) for place in range(kinds)]
    with ThreadPoolExecutor(16) as executor:
        at_once = list(executor.map(ask, range(200)))
    assert at_once == [one_by_one[place % kinds] for place in range(200)]


def test_a_full_queue_is_told_at_once_and_nothing_is_lost(tmp_path: Any, cat: bytes) -> None:
    server = start_service(tmp_path, "--workers", "1", environment={"OPENREK_QUEUE": "1"})
    try:
        url, headers = f"{server.url}/v1/analyses", server.bearer | {"Content-Type": "image/jpeg"}
        with ThreadPoolExecutor(12) as executor:
            answers = list(executor.map(lambda _: httpx.post(url, content=cat, headers=headers, timeout=60), range(24)))
        assert {answer.status_code for answer in answers} <= {201, 429}
        rejected = [answer for answer in answers if answer.status_code == 429]
        assert rejected
        assert rejected[0].json()["error"]["code"] == "ThrottlingException"
        made = sum(answer.status_code == 201 for answer in answers)
        assert sum(path.endswith("result.json") for path in server.stored()) == made
        assert len(server.stored()) == 4 * made
    finally:
        stop_service(server)


@pytest.mark.parametrize("shape", [(4000, 3000), (80, 80), (90, 1500)], ids=str)
def test_pictures_of_any_shape_go_through_the_pipeline(server: RunningService, shape: tuple[int, int]) -> None:
    pixels = np.full((*shape, 3), 200, np.uint8)
    answer = httpx.post(
        f"{server.url}/v1/analyses",
        content=encode(pixels, quality=60),
        headers=server.bearer | {"Content-Type": "image/jpeg"},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json()["image"]["height"], answer.json()["image"]["width"]) == shape


@contextmanager
def _served(app: App) -> Iterator[str]:
    """The app on a port of this process, so that the test may hold its engine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.asgi, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def test_with_a_full_house_pictures_are_refused_and_all_else_is_answered(tmp_path: Path, cat: bytes) -> None:
    app = App(Settings(tmp_path, workers=1, queue=2), log_to_stdout=False)
    go_on = threading.Event()
    with _served(app) as url, ThreadPoolExecutor(8) as executor:
        app.engine._pool.submit(go_on.wait)  # the one worker: nothing that needs a model ends before the event
        try:
            bearer = {"Authorization": f"Bearer {app.token}"}
            requested = [
                executor.submit(httpx.post, f"{url}/v1/analyses", content=cat, headers=bearer, timeout=60)
                for _ in range(8)
            ]
            rejected = list(islice(as_completed(requested, timeout=60), 5))
            assert {future.result().status_code for future in rejected} == {429}
            answer = rejected[0].result()
            assert answer.json()["error"]["code"] == "ThrottlingException"
            assert int(answer.headers["retry-after"]) > 0

            keys = {
                "aws_access_key_id": app.credentials.access_key_id,
                "aws_secret_access_key": app.credentials.secret_access_key,
                "region_name": "us-east-1",
                "endpoint_url": url,
            }
            once = Config(retries={"total_max_attempts": 1})
            rekognition = boto3.client("rekognition", config=once, **keys)
            with pytest.raises(rekognition.exceptions.ThrottlingException, match="try again"):
                rekognition.detect_labels(Image={"Bytes": cat})
            assert rekognition.list_collections()["CollectionIds"] == []
            assert boto3.client("s3", config=once, **keys).list_buckets()["Buckets"]
            for path in ("analyses", "logs"):
                assert httpx.get(f"{url}/v1/{path}", headers=bearer, timeout=60).status_code == 200
            assert sum(future.done() for future in requested) == 5
        finally:
            go_on.set()
        assert sorted(future.result().status_code for future in requested) == [201] * 3 + [429] * 5
    app.close()
