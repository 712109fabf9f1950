"""Bodies in chunks (aws-chunked), as SDKs send them when a checksum or signatures come along piece by piece.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
"""

import re
from collections.abc import Mapping

from openrek.gateway.s3.errors import S3Error
from openrek.iam import STREAMING, Signer

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?\Z")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
# Nothing else may come behind the content, where it need not be signed.
_CHECKSUM = "x-amz-checksum-"
_LONGEST_LINE = 256


def read(body: bytes, headers: Mapping[str, str], signer: Signer) -> tuple[bytes, dict[str, str]]:
    """The content, and the headers that came behind it; of a body that is not in chunks, itself.

    Raises:
        Refusal: it is not written so, is not as long as was said, or a chunk is not signed by who signed the request.
    """
    if signer.payload not in STREAMING:
        if "aws-chunked" in headers.get("content-encoding", ""):
            raise S3Error(400, "InvalidRequest", "a body in chunks needs x-amz-content-sha256 to say of which kind")
        return body, {}
    chunks: list[bytes] = []
    start = 0
    while True:
        line, start = _line(body, start)
        found = _SIZE.match(line)
        if found is None:
            raise _broken("a chunk begins with its size in hexadecimal digits")
        size = int(found[1], 16)
        chunk = body[start : start + size]
        if len(chunk) < size:
            raise _broken("it ends within a chunk")
        if signer.chain is not None and not signer.chain.is_next(chunk, (found[2] or b"").decode()):
            raise S3Error(403, "SignatureDoesNotMatch", f"the signature of chunk {len(chunks) + 1} is not right")
        start += size
        if not size:
            break
        if body[start : start + 2] != b"\r\n":
            raise _broken("a chunk is longer than its size")
        start += 2
        chunks.append(chunk)
    content = b"".join(chunks)
    said = headers.get("x-amz-decoded-content-length", "")
    if said != str(len(content)):
        raise _broken(f"x-amz-decoded-content-length is {said[:20]!r}, the chunks have {len(content):,} bytes")
    return content, _trailer(body, start, headers, signer)


def _trailer(body: bytes, start: int, headers: Mapping[str, str], signer: Signer) -> dict[str, str]:
    """The headers behind the last chunk: those that x-amz-trailer announced."""
    announced = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")} - {""}
    found: dict[str, str] = {}
    signed = ""
    lines = b""
    while start < len(body):
        line, start = _line(body, start)
        name, colon, value = line.decode("latin-1").partition(":")
        name = name.strip().lower()
        if name == _TRAILER_SIGNATURE:
            signed = value.strip()
        elif colon:
            if name not in announced or not name.startswith(_CHECKSUM):
                raise _broken(f"the trailer has {name[:60]!r}, which is no checksum that x-amz-trailer announces")
            found[name] = value.strip()
            lines += f"{name}:{value.strip()}\n".encode("latin-1")
        elif line:
            raise _broken("a line of the trailer is NAME:VALUE")
    if missing := announced - found.keys():
        raise _broken(f"the trailer lacks {', '.join(sorted(missing))[:200]}, which x-amz-trailer announces")
    if signer.chain is not None and found and not signer.chain.is_last(lines, signed):
        raise S3Error(403, "SignatureDoesNotMatch", "the signature of the trailer is not right")
    return found


def _line(body: bytes, start: int) -> tuple[bytes, int]:
    """The line that begins here, and where the next begins."""
    end = body.find(b"\r\n", start, start + _LONGEST_LINE)
    if end < 0:
        # Some signers end the trailer's lines, which are signed with a bare line feed, in the same way.
        end = body.find(b"\n", start, start + _LONGEST_LINE)
        if end < 0:
            raise _broken("a line does not end")
        return body[start:end], end + 1
    return body[start:end], end + 2


def _broken(how: str) -> S3Error:
    return S3Error(400, "IncompleteBody", f"the body is not in chunks as aws-chunked has them: {how}")
