"""SMPTE timecodes: known conversions."""

from fractions import Fraction

import pytest

from openrek.video import timecode

_NTSC, _NTSC_60, _FILM = (Fraction(rate * 1000, 1001) for rate in (30, 60, 24))


@pytest.mark.parametrize(
    ("frame", "rate", "expected"),
    [
        (0, _NTSC, "00:00:00;00"),
        (29, _NTSC, "00:00:00;29"),
        (1799, _NTSC, "00:00:59;29"),
        (1800, _NTSC, "00:01:00;02"),
        (3597, _NTSC, "00:01:59;29"),
        (3598, _NTSC, "00:02:00;02"),
        (17_981, _NTSC, "00:09:59;29"),
        (17_982, _NTSC, "00:10:00;00"),
        (19_781, _NTSC, "00:10:59;29"),
        (19_782, _NTSC, "00:11:00;02"),
        (107_892, _NTSC, "01:00:00;00"),
        (107_892 * 24, _NTSC, "24:00:00;00"),
        (3599, _NTSC_60, "00:00:59;59"),
        (3600, _NTSC_60, "00:01:00;04"),
        (35_963, _NTSC_60, "00:09:59;59"),
        (35_964, _NTSC_60, "00:10:00;00"),
        (215_784, _NTSC_60, "01:00:00;00"),
        (86_399, _FILM, "00:59:59:23"),
        (86_400, _FILM, "01:00:00:00"),
        (1800, 30, "00:01:00:00"),
        (1500, 25, "00:01:00:00"),
        (1499, 25, "00:00:59:24"),
        (3600, 60, "00:01:00:00"),
        (3001, 50, "00:01:00:01"),
        (7, 0.4, "00:00:07:00"),
    ],
)
def test_known_conversions(frame: int, rate: Fraction | float, expected: str) -> None:
    assert timecode(frame, float(rate)) == expected


@pytest.mark.parametrize(("rate", "counted"), [(_NTSC, 30), (_NTSC_60, 60)], ids=["29.97", "59.94"])
def test_drop_frame_numbers_are_each_used_once_and_keep_up_with_the_clock(rate: Fraction, counted: int) -> None:
    codes = [timecode(frame, float(rate)) for frame in range(12 * 60 * counted)]
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes)
    for frame in range(0, len(codes), 977):
        hours, minutes, seconds, frames = map(int, codes[frame].replace(";", ":").split(":"))
        clock = hours * 3600 + minutes * 60 + seconds + frames / counted
        assert clock == pytest.approx(frame / rate, abs=0.08)
