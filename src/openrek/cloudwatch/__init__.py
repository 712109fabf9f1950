"""CloudWatch: structured logs. One JSON object a line to stdout, and kept locally to be asked for.

What is kept needs a database, which the function on AWS has not: that part is loaded when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from openrek.cloudwatch.log import Log
from openrek.cloudwatch.record import LogRecord

if TYPE_CHECKING:
    from openrek.cloudwatch.store import LogQuery, LogStore

__all__ = ["Log", "LogQuery", "LogRecord", "LogStore"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from openrek.cloudwatch import store

    return getattr(store, name)
