"""Many requests at once: every answer is the sequential one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from skimage import data

from tests.conftest import RunningService, encode, start_service, stop_service

OPERATIONS = {
    "detect_labels": "Labels",
    "detect_faces": "FaceDetails",
    "detect_text": "TextDetections",
    "detect_moderation_labels": "ModerationLabels",
}


def test_two_hundred_requests_from_sixteen_threads_answer_as_one_by_one(client: Any) -> None:
    pictures = [
        encode(getattr(data, name)()[:size, :size], quality=90)
        for name in ("astronaut", "cat", "coffee", "chelsea", "rocket")
        for size in (300, 400)
    ]

    def ask(place: int) -> Any:
        operation = list(OPERATIONS)[place // len(pictures) % len(OPERATIONS)]
        answer = getattr(client, operation)(Image={"Bytes": pictures[place % len(pictures)]})
        return answer[OPERATIONS[operation]]

    kinds = len(pictures) * len(OPERATIONS)
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
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].json()["error"]["code"] == "ThrottlingException"
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
