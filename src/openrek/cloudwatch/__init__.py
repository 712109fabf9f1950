"""CloudWatch: structured logs. One JSON object a line to stdout, and stored locally for queries.

The store needs a database, which the function on AWS does not have, so it is loaded on demand.
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
