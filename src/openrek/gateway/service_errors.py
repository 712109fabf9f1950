"""Errors in the protocols of AWS's services, so that any SDK shows them as it shows AWS's own.

https://smithy.io/2.0/aws/protocols/index.html
"""

from xml.sax.saxutils import escape

import orjson
from starlette.responses import Response

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What XML 1.0 has no way to write.
_FORBIDDEN = {number: "\N{REPLACEMENT CHARACTER}" for number in range(32) if number not in (9, 10, 13)}


def service_error(protocol: str, status: int, code: str, message: str, request_id: str) -> Response:
    """The response that carries an error.

    Args:
        protocol: As botocore names it: "json", "query", "ec2", "rest-json", "rest-xml", "smithy-rpc-v2-cbor".
        status: HTTP status.
        code: As "InvalidAction".
        message: For people.
        request_id: Of the request.
    """
    headers = {"x-amzn-requestid": request_id}
    if protocol in ("query", "rest-xml"):
        content = (
            f"<ErrorResponse><Error><Type>{'Sender' if status < 500 else 'Receiver'}</Type><Code>{text(code)}</Code>"
            f"<Message>{text(message)}</Message></Error><RequestId>{text(request_id)}</RequestId></ErrorResponse>"
        )
        return Response(_XML + content, status, headers, media_type="text/xml")
    if protocol == "ec2":
        content = (
            f"<Response><Errors><Error><Code>{text(code)}</Code><Message>{text(message)}</Message></Error></Errors>"
            f"<RequestID>{text(request_id)}</RequestID></Response>"
        )
        return Response(_XML + content, status, headers, media_type="text/xml")
    if protocol == "smithy-rpc-v2-cbor":
        headers["smithy-protocol"] = "rpc-v2-cbor"
        body = cbor_map({"__type": code, "message": message})
        return Response(body, status, headers, media_type="application/cbor")
    headers["x-amzn-errortype"] = code
    media_type = "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1"
    body = orjson.dumps({"__type": code, "message": message, "Message": message})
    return Response(body, status, headers, media_type=media_type)


def text(value: str) -> str:
    """As the text of an XML element."""
    return escape(value.translate(_FORBIDDEN))


def cbor_map(members: dict[str, str]) -> bytes:
    """A map of texts in CBOR (RFC 8949, sections 3 and 3.1)."""
    head = bytes([0xA0 | len(members)])  # major type 5; up to 23 members fit into the first byte
    return head + b"".join(_cbor_text(name) + _cbor_text(value) for name, value in members.items())


def _cbor_text(value: str) -> bytes:
    data = value.encode()
    return b"\x7a" + len(data).to_bytes(4, "big") + data  # major type 3, its length in four bytes
