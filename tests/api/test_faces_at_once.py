"""Fifty callers of IndexFaces and fifty searchers at once: nothing is lost, and nothing is there that should not be."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningService, start_service, stop_service
from tests.faces import decode, encode

_CALLERS = 50
_IMAGES = 2
_PAUSE_SECONDS = 0.2
NAME = {"CollectionId": "at-once"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    """A service of its own, whose queue others do not fill."""
    service = start_service(tmp_path)
    yield service
    assert stop_service(service) == 0


def patiently(call: Callable[[], Any]) -> Any:
    """The answer of a call that may be throttled, and that fails in no other way."""
    while True:
        try:
            return call()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ThrottlingException":
                raise
            time.sleep(_PAUSE_SECONDS)


def test_no_face_is_lost_and_none_appears(service: RunningService, astronaut: bytes) -> None:
    client = service.client(max_pool_connections=2 * _CALLERS)
    client.create_collection(**NAME)
    portrait = {"Bytes": encode(decode(astronaut).crop((140, 20, 320, 220)))}
    indexed: set[str] = set()
    deleted: set[str] = set()
    ending = threading.Event()
    lock = threading.Lock()

    def index(_: int) -> None:
        for _image in range(_IMAGES):
            image = {**NAME, "Image": portrait, "ExternalImageId": uuid.uuid4().hex}
            answer = patiently(partial(client.index_faces, **image))
            (face,) = [record["Face"]["FaceId"] for record in answer["FaceRecords"]]
            with lock:
                indexed.add(face)
            # What was acknowledged is found by whoever asks next.
            assert client.search_faces(**NAME, FaceId=face, MaxFaces=1)["SearchedFaceId"] == face
            repeated = patiently(partial(client.index_faces, **image))
            assert [record["Face"]["FaceId"] for record in repeated["FaceRecords"]] == [face]
        gone = client.delete_faces(**NAME, FaceIds=[face])["DeletedFaces"]
        with lock:
            deleted.update(gone)
        found = client.list_faces(**NAME, FaceIds=[face])["Faces"]
        assert (gone, found) == ([face], [])

    def search(number: int) -> int:
        searches = 0
        while not ending.is_set():
            with lock:
                before = set(deleted)
            if number % 10 == 0:
                matches = patiently(partial(client.search_faces_by_image, **NAME, Image=portrait, MaxFaces=4096))
                found = [match["Face"]["FaceId"] for match in matches["FaceMatches"]]
                assert not before & set(found), "a deleted face was found"
                assert len(found) == len(set(found))
                searches += 1
            with lock:
                known, before = next(iter(indexed - deleted), None), set(deleted)
            if known is None:
                time.sleep(_PAUSE_SECONDS)
                continue
            try:
                matches = client.search_faces(**NAME, FaceId=known, MaxFaces=4096)["FaceMatches"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "InvalidParameterException":
                    raise
                assert not client.list_faces(**NAME, FaceIds=[known])["Faces"], "only a face that was deleted meanwhile"
                continue
            found = [match["Face"]["FaceId"] for match in matches]
            assert not before & set(found), "a deleted face was found"
            assert len(found) == len(set(found))
            searches += 1
        return searches

    with ThreadPoolExecutor(2 * _CALLERS) as several:
        searchers = [several.submit(search, number) for number in range(_CALLERS)]
        try:
            list(several.map(index, range(_CALLERS)))
        finally:
            ending.set()
        assert sum(searcher.result() for searcher in searchers) > _CALLERS
    assert (len(indexed), len(deleted)) == (_CALLERS * _IMAGES, _CALLERS)
    pages = client.get_paginator("list_faces").paginate(**NAME, PaginationConfig={"PageSize": 7})
    listed = [face["FaceId"] for page in pages for face in page["Faces"]]
    assert sorted(listed) == sorted(indexed - deleted)
    assert client.describe_collection(**NAME)["FaceCount"] == len(listed)
    matches = client.search_faces_by_image(**NAME, Image=portrait, MaxFaces=4096)["FaceMatches"]
    assert {match["Face"]["FaceId"] for match in matches} == set(listed)
