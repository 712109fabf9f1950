"""Black frames and colour bars."""

from dataclasses import dataclass

import numpy as np

from openrek.video.differences import Pixels
from openrek.video.video_frame import VideoFrame

_MARGIN = 4
"""Of 255: how far the small frame's luma may be off, so that bright frames need no look at all their pixels."""
_ROWS = slice(4, 38)
"""Of the 72 rows of a small frame, those within the bars of every layout: SMPTE's end at 7/12 or 2/3 of the height."""
_HALF_WIDTH = 2
_FLAT = 6.0
"""Of 255: how much a bar may vary."""
_CHROMA_ERROR = 18.0
"""Of 255: how far the chroma of a bar may be off."""
# Cb and Cr of yellow, cyan, green, magenta, red and blue at full amplitude, minus 128, by BT.601 in the limited range;
# those of BT.709 lie within _CHROMA_ERROR. https://www.itu.int/rec/R-REC-BT.471
_HUES = np.array([[-112, 18], [38, -112], [-74, -94], [74, 94], [-38, 112], [112, -18]], np.float32)
_AMPLITUDES = (0.75, 1.0)


@dataclass(frozen=True, slots=True)
class BlackFrameRule:
    """When a frame is black: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_BlackFrame.html"""

    max_pixel_threshold: float = 0.2
    """Luma of a black pixel, as a part of the range above black: 0 to 1."""
    min_coverage_percentage: float = 99.0
    """Of a frame's pixels, how many must be black: 0 to 100."""

    def max_luma(self, full_range: bool) -> float:
        """The luma of the brightest black pixel."""
        lowest, highest = (0, 255) if full_range else (16, 235)
        return lowest + self.max_pixel_threshold * (highest - lowest)


def is_black(frame: VideoFrame, rule: BlackFrameRule, full_range: bool) -> bool:
    """Whether so many of a frame's pixels are black."""
    limit = rule.max_luma(full_range)
    covered = rule.min_coverage_percentage / 100
    # If so many pixels are at most `limit`, the mean is at most this.
    if float(frame.small[..., 0].mean()) > covered * limit + (1 - covered) * 255 + _MARGIN:
        return False
    luma = frame.luma
    return int(np.count_nonzero(luma <= limit)) >= covered * luma.size


def is_colour_bars(small: Pixels) -> bool:
    """Whether a small frame, (72, 128, 3) YUV, shows SMPTE's or the EBU's colour bars.

    Layouts: seven bars (SMPTE EG 1), seven between two grey ones (SMPTE RP 219), eight from white to black (EBU).
    """
    if small[_ROWS].std(axis=0).max() > _FLAT * 3:
        return False
    bars = small[_ROWS].astype(np.float32)
    width = bars.shape[1]
    layouts = (
        [width * (2 * place + 1) / 14 for place in range(1, 7)],
        [width * (1 / 8 + 3 / 4 * (2 * place + 1) / 14) for place in range(1, 7)],
        [width * (2 * place + 1) / 16 for place in range(1, 7)],
    )
    return any(
        _are_bars([bars[:, int(centre) - _HALF_WIDTH : int(centre) + _HALF_WIDTH] for centre in layout])
        for layout in layouts
    )


def _are_bars(bars: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]) -> bool:
    """Whether six pieces of bars have the hues of yellow, cyan, green, magenta, red and blue, and falling luma."""
    if any(float(bar.reshape(-1, 3).std(axis=0).max()) > _FLAT for bar in bars):
        return False
    means = np.stack([bar.reshape(-1, 3).mean(axis=0) for bar in bars])
    errors = [np.abs(means[:, 1:] - 128 - _HUES * amplitude).max() for amplitude in _AMPLITUDES]
    return min(errors) <= _CHROMA_ERROR and bool((np.diff(means[:, 0]) < 0).all())
