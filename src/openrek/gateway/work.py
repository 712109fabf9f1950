"""Work of a request in a thread of the image queue."""

from collections.abc import Callable

from openrek import cancellation


def cancellable(cancelled: cancellation.Cancellation, run: Callable[[], None]) -> None:
    """Calls `run`, unless its client has left the queue; decoding and inference in it end once the client leaves.

    Raises:
        RequestCancelledError: the client disconnected.
    """
    with cancellation.use(cancelled):
        cancellation.check()
        run()
