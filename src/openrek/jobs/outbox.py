"""Delivery of notifications: to SNS topics through boto3, and to a webhook that checks a signature.

A message stays in the database until it is delivered. If a process dies after the delivery and before it is noted, the
message is delivered again.
"""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from openrek.cloudwatch import Log
from openrek.jobs.announcement import SNS
from openrek.periodic_tasks import PeriodicTasks
from openrek.state import Notification, Notifications

_POLL_SECONDS = 1.0
_RETRY_SECONDS = 10.0
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Where messages go."""

    sns_endpoint: str = ""
    """URL of SNS; Amazon's if empty."""
    webhook_url: str = ""
    """URL that every message is posted to; empty for none."""
    webhook_secret: str = ""
    """Key of the header `X-Openrek-Signature`; no signature if empty."""


class Outbox:
    """Delivers messages in a thread of its own until it is closed."""

    def __init__(self, notifications: Notifications, settings: OutboxSettings, log: Log) -> None:
        self._notifications = notifications
        self._settings = settings
        self._log = log
        self._topics = cache(self._topic_client)
        self._end = threading.Event()
        self._deliveries = PeriodicTasks(
            [self.deliver_due], _POLL_SECONDS, failed=self._could_not_read, stopping=self._end
        )

    def close(self) -> None:
        """Ends the thread, after the delivery under way."""
        self._deliveries.close()

    def deliver_due(self) -> int:
        """Deliver all that is due. Returns how many messages arrived."""
        arrived = 0
        while not self._end.is_set() and (message := self._notifications.take()) is not None:
            try:
                self._deliver(message)
            except Exception as error:
                self._notifications.postpone(message)
                self._log.emit(
                    "failed",
                    f"The notification of a job's end could not be delivered to {message.target}; it is sent again.",
                    level="WARNING",
                    job=message.job_id,
                    attempts=message.attempts,
                    cause=repr(error)[:500],
                )
            else:
                self._notifications.delivered(message)
                self._log.emit("notified", job=message.job_id, target=message.target)
                arrived += 1
        return arrived

    def _could_not_read(self, error: Exception) -> None:
        self._log.emit("failed", "The outbox could not be read.", level="ERROR", cause=repr(error)[:500])
        self._end.wait(_RETRY_SECONDS)

    def _deliver(self, message: Notification) -> None:
        if message.target.startswith(SNS):
            arn = message.target.removeprefix(SNS)
            self._topics(arn.split(":")[3]).publish(TopicArn=arn, Message=message.body)
        else:
            post_signed(self._settings.webhook_url, self._settings.webhook_secret, message.body.encode())

    def _topic_client(self, region: str) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=_TIMEOUT_SECONDS, read_timeout=_TIMEOUT_SECONDS, retries={"total_max_attempts": 1}
        )
        return boto3.client("sns", region_name=region, endpoint_url=self._settings.sns_endpoint or None, config=config)


def post_signed(url: str, secret: str, body: bytes, clock: Callable[[], float] = time.time) -> None:
    """Post a message as JSON.

    With a secret it has the headers `X-Openrek-Timestamp`, in seconds since the epoch, and `X-Openrek-Signature`:
    "sha256=" and the HMAC-SHA256 of the timestamp, a full stop and the body, in hexadecimal digits.

    Raises:
        OSError: It did not arrive, or the answer's status is not from 200 to 299.
    """
    from urllib3 import PoolManager, Retry, Timeout
    from urllib3.exceptions import HTTPError

    headers = {"content-type": "application/json"}
    if secret:
        moment = str(int(clock()))
        signature = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers |= {"x-openrek-timestamp": moment, "x-openrek-signature": f"sha256={signature}"}
    try:
        with PoolManager(retries=Retry(0, redirect=0), timeout=Timeout(_TIMEOUT_SECONDS)) as pool:
            status = pool.request("POST", url, body=body, headers=headers).status
    except HTTPError as error:
        raise OSError(f"{url} could not be reached: {error}") from error
    if not 200 <= status < 300:
        raise OSError(f"{url} answered with status {status}.")
