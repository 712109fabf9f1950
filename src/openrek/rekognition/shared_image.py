"""One image that several operations look at: opened and analyzed once for all of them."""

from openrek.vision import EncodedFrame, Engine, FrameAnalysis, Limits
from openrek.vision.runtime.memo import Memo


class SharedImage:
    """An image whose bytes are at hand already.

    Args:
        data: The file.
        limits: What it may have.
        engine: Analyzes it.
        results: What will be needed of it, as `FrameAnalysis.start` names it: begun together when the first is needed.
    """

    def __init__(self, data: bytes, limits: Limits, engine: Engine, results: tuple[str, ...]) -> None:
        self._data = data
        self._limits = limits
        self._engine = engine
        self._results = results
        self._memo = Memo()

    @property
    def analysis(self) -> FrameAnalysis:
        """The analysis that all operations share.

        Raises:
            RequestError: the image cannot be analyzed; see EncodedFrame.open.
        """
        return self._memo.get("analysis", self._open)

    @property
    def frame(self) -> EncodedFrame:
        """The frame of the analysis.

        Raises:
            RequestError: see `analysis`.
        """
        return self._memo.get("frame", lambda: EncodedFrame.open(self._data, self._limits))

    def _open(self) -> FrameAnalysis:
        analysis = self._engine.analysis(self.frame)
        analysis.start(*self._results)
        return analysis
