"""Errors in AWS's protocols are read by botocore's own parsers."""

from typing import Any

import pytest
from botocore.parsers import create_parser

from openrek.gateway.service_errors import service_error

MESSAGE = "Set AWS_ENDPOINT_URL_X <&> “ảnh” \x00\x1b."


@pytest.mark.parametrize("protocol", ["json", "query", "ec2", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"])
def test_botocore_reads_the_error(protocol: str) -> None:
    response = service_error(protocol, 400, "InvalidAction", MESSAGE, "the-id")
    headers = {name.decode(): value.decode() for name, value in response.raw_headers}
    from botocore.awsrequest import HeadersDict

    parsed: dict[str, Any] = create_parser(protocol).parse(
        {"status_code": response.status_code, "headers": HeadersDict(headers), "body": bytes(response.body)}, None
    )
    assert parsed["Error"]["Code"] == "InvalidAction"
    expected = (
        MESSAGE
        if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor")
        else MESSAGE.replace("\x00\x1b", "\ufffd\ufffd")
    )
    assert parsed["Error"]["Message"] == expected
