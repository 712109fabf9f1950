"""The log, as CloudWatch Logs keeps it: `GET /v1/logs` on AWS. Elsewhere the gateway answers from its own store."""

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import orjson

from openrek.ids import is_identifier, moment_of
from openrek.web.lambda_event import Event
from openrek.web.query import whole_number

_LIMIT = 1000
_DEFAULT = 100
_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
# An analysis is begun when its name is made, and an event that Lambda delivers again is given up after six hours.
_BEFORE_MS, _AFTER_MS = 5 * _MINUTE_MS, 7 * _HOUR_MS
# How far a question that names no analysis looks back: CloudWatch reads the log through from there.
_RECENT_MS = 24 * _HOUR_MS
_MAX_PAGES = 20


class Logs:
    """Reads the function's own log group.

    Args:
        make_client: Makes boto3's client of CloudWatch Logs, once it is needed.
        group: The log group; there is no log to read where it is empty.
    """

    def __init__(self, make_client: Callable[[], Any], group: str) -> None:
        self._make_client = make_client
        self._group = group

    @cached_property
    def _client(self) -> Any:
        return self._make_client()

    def answer(self, event: Event) -> dict[str, Any] | None:
        """The response to GET /v1/logs; None for any other request.

        A record's position is its time in milliseconds.

        Raises:
            Problem: 400 for a parameter that cannot be.
        """
        if event.get("routeKey") != "GET /v1/logs":
            return None
        query = event.get("queryStringParameters") or {}
        limit = whole_number(query.get("limit"), "limit", 1, _LIMIT, _DEFAULT)
        after = whole_number(query.get("after"), "after", 0, 2**53, 0)
        wanted = {name: query[name] for name in ("analysis_id", "request_id") if query.get(name)}
        now = time.time_ns() // 1_000_000
        first, last = now - _RECENT_MS, now + _MINUTE_MS
        if is_identifier(wanted.get("analysis_id", "")):
            made = round(moment_of(wanted["analysis_id"]).timestamp() * 1000)
            first, last = made - _BEFORE_MS, made + _AFTER_MS
        records = self._read(wanted, max(first, after + 1), last)
        page = records[:limit] if after else records[-limit:]
        following = page[-1]["position"] if page else after
        return {
            "statusCode": 200,
            "headers": {"content-type": "application/json"},
            "body": orjson.dumps({"events": page, "next": following}).decode(),
            "isBase64Encoded": False,
        }

    def _read(self, wanted: dict[str, str], first: int, last: int) -> list[dict[str, Any]]:
        """Records that have what is wanted, oldest first."""
        if first > last or not self._group:
            return []
        pattern = " ".join(f'"{value}"' for value in wanted.values() if '"' not in value)
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, startTime=first, endTime=last, filterPattern=pattern
        )
        records = []
        for number, page in enumerate(pages, 1):
            for event in page["events"]:
                record = _record(event["message"])
                if record is not None and all(record.get(name) == value for name, value in wanted.items()):
                    records.append({"position": event["timestamp"], **record})
            if number == _MAX_PAGES:
                break
        return sorted(records, key=lambda record: record["position"])


def _record(line: str) -> dict[str, Any] | None:
    """What `Log` wrote; None for the lines that Lambda itself writes."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) and {"timestamp", "level", "event"} <= record.keys() else None
