"""Posters, contact sheets and thumbnails."""

import re
from itertools import pairwise

import numpy as np
import pytest

from openrek.video import ContactSheet, Video
from tests.videos import encode_video, numbered, texture


def _sheet(data: bytes) -> ContactSheet:
    sheet = ContactSheet()
    with Video(data) as video:
        for frame in video.frames():
            sheet.push(frame)
    return sheet


def test_a_thumbnail_a_second_is_kept_and_players_find_it() -> None:
    sheet = _sheet(encode_video(numbered(130, 320, 180), rate=10))
    assert [thumbnail.timestamp_ms for thumbnail in sheet.thumbnails] == list(range(0, 13_000, 1000))
    assert sheet.sheet().shape == (2 * 90, 10 * 160, 3)
    lines = sheet.webvtt("a%20b.jpg", 13_000).splitlines()
    assert lines[0] == "WEBVTT"
    assert lines[2:4] == ["00:00:00.000 --> 00:00:01.000", "a%20b.jpg#xywh=0,0,160,90"]
    assert lines[-2:] == ["00:00:12.000 --> 00:00:13.000", "a%20b.jpg#xywh=320,90,160,90"]
    for index, thumbnail in enumerate(sheet.thumbnails):
        left, top, width, height = map(int, re.findall(r"\d+", lines[3 + 3 * index].split("=")[1]))
        cut_out = sheet.sheet()[top : top + height, left : left + width]
        assert np.array_equal(cut_out, thumbnail.pixels)


def test_a_long_video_has_at_most_a_hundred_thumbnails() -> None:
    sheet = _sheet(encode_video(numbered(500), rate=1))
    times = [thumbnail.timestamp_ms for thumbnail in sheet.thumbnails]
    assert 50 <= len(times) <= 100
    assert len({later - earlier for earlier, later in pairwise(times)}) == 1
    assert times[-1] >= 490_000


def test_the_poster_is_no_black_frame() -> None:
    black = np.zeros((120, 160, 3), np.uint8)
    sheet = _sheet(encode_video([black] * 30 + [texture(1)] * 30 + [black] * 30, rate=10))
    assert sheet.poster is not None
    assert sheet.poster.mean() > 50


@pytest.mark.parametrize(("rotation", "shape"), [(0, (90, 160, 3)), (90, (284, 160, 3))])
def test_thumbnails_are_upright(rotation: int, shape: tuple[int, int, int]) -> None:
    sheet = _sheet(encode_video(numbered(3, 320, 180), rotation=rotation))
    assert sheet.thumbnails[0].pixels.shape == shape


def test_without_frames_there_is_no_sheet() -> None:
    sheet = ContactSheet()
    assert sheet.webvtt("sheet.jpg", 0) == "WEBVTT\n"
    with pytest.raises(ValueError, match="no frame"):
        sheet.sheet()
