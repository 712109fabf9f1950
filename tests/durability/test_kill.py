"""SIGKILL in the middle of work: what was acknowledged is there, and what is there is whole."""

import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path

import httpx
import orjson

from tests.conftest import RunningService, start_service, stop_service

ROUNDS = int(os.environ.get("OPENREK_KILL_ROUNDS", "3"))
ROLES = {"original", "result", "annotated", "thumbnail"}


def post_until_killed(service: RunningService, image: bytes, acknowledged: list[str]) -> None:
    headers = service.bearer | {"Content-Type": "image/jpeg"}
    with contextlib.suppress(httpx.HTTPError), httpx.Client(timeout=30) as client:
        while True:
            answer = client.post(f"{service.url}/v1/analyses", content=image, headers=headers)
            if answer.status_code == 201:
                acknowledged.append(answer.json()["id"])


def listed(service: RunningService) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        page = httpx.get(f"{service.url}/v1/analyses?limit=100{after}", headers=service.bearer, timeout=30).json()
        found += [item["id"] for item in page["analyses"]]
        if not page["next"]:
            return found
        after = f"&after={page['next']}"


def assert_whole(service: RunningService, identifier: str) -> None:
    answer = httpx.get(f"{service.url}/v1/analyses/{identifier}", headers=service.bearer, timeout=30)
    assert answer.status_code == 200
    objects = answer.json()["objects"]
    assert set(objects) == ROLES
    for role, place in objects.items():
        content = httpx.get(place["url"], timeout=30)
        assert content.status_code == 200, (identifier, role)
        assert content.content, (identifier, role)
    result = orjson.loads(httpx.get(objects["result"]["url"], timeout=30).content)
    assert result["id"] == identifier
    assert result["labels"]


def test_after_sigkill_everything_acknowledged_is_there_and_whole(cat: bytes, tmp_path: Path) -> None:
    moments = random.Random(7)
    acknowledged: list[str] = []
    checked: set[str] = set()
    service = start_service(tmp_path)
    for _ in range(ROUNDS):
        before = len(acknowledged)
        working = [threading.Thread(target=post_until_killed, args=(service, cat, acknowledged)) for _ in range(3)]
        for thread in working:
            thread.start()
        for _ in range(600):  # so that a slow machine has something to lose, too
            if len(acknowledged) > before:
                break
            time.sleep(0.1)
        time.sleep(moments.uniform(0, 1.5))
        kill(service)
        for thread in working:
            thread.join()
        assert len(acknowledged) > before

        service = start_service(tmp_path)
        found = listed(service)
        assert set(acknowledged) <= set(found)
        for identifier in set(found) - checked:
            assert_whole(service, identifier)
        checked.update(found)
        # What a kill cut off is invisible, and a fresh analysis works as before.
        headers = service.bearer | {"Content-Type": "image/jpeg"}
        fresh = httpx.post(f"{service.url}/v1/analyses", content=cat, headers=headers, timeout=60)
        assert fresh.status_code == 201
        assert listed(service)[0] == fresh.json()["id"]
    assert stop_service(service) == 0


def kill(service: RunningService) -> None:
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    for stream in (service.process.stdout, service.process.stderr):
        if stream is not None:
            stream.close()


def test_keys_collections_and_tags_survive_sigkill(tmp_path: Path) -> None:
    service = start_service(tmp_path)
    client = service.client()
    arns = [client.create_collection(CollectionId=f"c{number}", Tags={"n": str(number)})["CollectionArn"]
            for number in range(5)]  # fmt: skip
    kill(service)
    again = start_service(tmp_path)
    try:
        client = again.client()
        assert client.list_collections()["CollectionIds"] == [f"c{number}" for number in range(5)]
        assert [client.list_tags_for_resource(ResourceArn=arn)["Tags"]["n"] for arn in arns] == list("01234")
    finally:
        stop_service(again)
