"""CloudWatch: structured logs. One JSON object a line to stdout, and kept locally to be asked for."""

from openrek.cloudwatch.log import Log
from openrek.cloudwatch.record import LogRecord
from openrek.cloudwatch.store import LogQuery, LogStore

__all__ = ["Log", "LogQuery", "LogRecord", "LogStore"]
