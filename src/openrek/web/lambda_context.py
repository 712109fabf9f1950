"""What Lambda hands to a handler beside the event."""

import time
from dataclasses import dataclass, field

from openrek.config import ACCOUNT

FUNCTION_NAME = "openrek"
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The context object of a Python handler.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    aws_request_id: str
    function_name: str = FUNCTION_NAME
    function_version: str = "$LATEST"
    invoked_function_arn: str = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION_NAME}"
    memory_limit_in_mb: int = 0
    log_group_name: str = f"/aws/lambda/{FUNCTION_NAME}"
    log_stream_name: str = "local"
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until an API Gateway integration would give up."""
        return max(0, int((self.started + _TIMEOUT_SECONDS - time.monotonic()) * 1000))
