"""SMPTE timecodes (ST 12-1), with drop-frame for 29.97 and 59.94 frames a second."""

from fractions import Fraction

_DROPPING = {30: Fraction(30_000, 1001), 60: Fraction(60_000, 1001)}
_RATE_ERROR = 0.005


def is_drop_frame(frame_rate: float) -> bool:
    """Whether timecodes of this rate leave out numbers to keep up with the clock: at 29.97 and 59.94."""
    return any(abs(frame_rate - rate) < _RATE_ERROR for rate in _DROPPING.values())


def timecode(frame: int, frame_rate: float) -> str:
    """hh:mm:ss:ff of a frame, or of a number of frames; hh:mm:ss;ff for drop-frame rates.

    Args:
        frame: Its number, from 0.
        frame_rate: Frames a second; positive. Others than whole numbers count at the nearest one.
    """
    counted = max(round(frame_rate), 1)
    drops = is_drop_frame(frame_rate)
    if drops:
        frame = _with_dropped(frame, counted)
    seconds, frames = divmod(frame, counted)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drops else ':'}{frames:02}"


def _with_dropped(frame: int, counted: int) -> int:
    """The number a frame has: at each minute but every tenth, two numbers of 30, or four of 60, are left out."""
    dropped = counted // 15
    a_minute = 60 * counted - dropped
    tens, rest = divmod(frame, 10 * a_minute + dropped)
    left_out = 9 * dropped * tens
    if rest >= a_minute + dropped:  # the first minute of ten is whole
        left_out += dropped * (1 + (rest - a_minute - dropped) // a_minute)
    return frame + left_out
