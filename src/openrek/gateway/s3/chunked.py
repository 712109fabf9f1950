"""Bodies in chunks (aws-chunked), as SDKs send them when a checksum or signatures come along piece by piece.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
"""

import hashlib
import re
from collections.abc import Iterator, Mapping

from openrek.gateway.s3.errors import S3Error
from openrek.iam import STREAMING, Signer

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?\Z")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
# Nothing else may come behind the content, where it need not be signed.
_CHECKSUM = "x-amz-checksum-"
_LONGEST_LINE = 256
_LONGEST_TRAILER = 16 * 1024


class ChunkDecoder:
    """Takes a body in chunks apart as it arrives.

    Args:
        headers: Of the request, with lower-case names.
        signer: Who signed it.
    """

    def __init__(self, headers: Mapping[str, str], signer: Signer) -> None:
        self._headers = headers
        self._signer = signer
        self._held = b""
        self._left = 0
        """Bytes of the chunk that are still to come."""
        self._is_within = False
        """Whether a chunk has begun, and its end was not read."""
        self._chunk: tuple[str, hashlib._Hash] | None = None
        """The signature of the chunk, and the digest of its bytes so far."""
        self._number = 0
        self._size = 0
        self._is_complete = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The content among the next bytes of the body. It is verified with its chunk's end.

        Raises:
            S3Error: the body is not in chunks, or a chunk is not signed by who signed the request.
        """
        self._held += data
        while self._held and not self._is_complete:
            if self._left:
                content, self._held = self._held[: self._left], self._held[self._left :]
                self._left -= len(content)
                self._size += len(content)
                if self._chunk is not None:
                    self._chunk[1].update(content)
                yield content
            elif not (self._ends_chunk() if self._is_within else self._begins_chunk()):
                return
        if self._is_complete and len(self._held) > _LONGEST_TRAILER:
            raise _broken("the trailer is too long")

    def finish(self) -> dict[str, str]:
        """The headers that came behind the content.

        Raises:
            S3Error: the body is not whole, or its trailer is not signed.
        """
        if not self._is_complete:
            raise _broken("it ends within a chunk")
        declared = self._headers.get("x-amz-decoded-content-length", "")
        if declared != str(self._size):
            raise _broken(f"x-amz-decoded-content-length is {declared[:20]!r}, the chunks have {self._size:,} bytes")
        return _trailer(self._held, 0, self._headers, self._signer)

    def _begins_chunk(self) -> bool:
        """Reads a chunk's first line; False if it is not there yet."""
        end = self._held.find(b"\n", 0, _LONGEST_LINE)
        if end < 0:
            if len(self._held) < _LONGEST_LINE:
                return False
            raise _broken("a line does not end")
        line = _SIZE.match(self._held[:end].removesuffix(b"\r"))
        if line is None:
            raise _broken("a chunk begins with its size in hexadecimal digits")
        self._held = self._held[end + 1 :]
        self._number += 1
        self._left = int(line[1], 16)
        self._chunk = ((line[2] or b"").decode(), hashlib.sha256()) if self._signer.chain is not None else None
        self._is_within = self._left > 0
        if not self._is_within:
            self._check_signature()
            self._is_complete = True
        return True

    def _ends_chunk(self) -> bool:
        """Reads what ends a chunk; False if it is not there yet."""
        if len(self._held) < 2:
            return False
        if self._held[:2] != b"\r\n":
            raise _broken("a chunk is longer than its size")
        self._check_signature()
        self._held = self._held[2:]
        self._is_within = False
        return True

    def _check_signature(self) -> None:
        chain = self._signer.chain
        if chain is None or self._chunk is None:
            return
        signature, digest = self._chunk
        if not chain.is_next_digest(digest.hexdigest(), signature):
            raise S3Error(403, "SignatureDoesNotMatch", f"the signature of chunk {self._number} is not right")


def read(body: bytes, headers: Mapping[str, str], signer: Signer) -> tuple[bytes, dict[str, str]]:
    """The content, and the headers that came behind it; of a body that is not in chunks, itself.

    Raises:
        S3Error: it is malformed, not as long as declared, or a chunk is not signed by who signed the request.
    """
    if not is_chunked(headers, signer):
        return body, {}
    decoder = ChunkDecoder(headers, signer)
    content = b"".join(decoder.feed(body))
    return content, decoder.finish()


def is_chunked(headers: Mapping[str, str], signer: Signer) -> bool:
    """Whether a body is in chunks.

    Raises:
        S3Error: Content-Encoding and x-amz-content-sha256 disagree.
    """
    if signer.payload in STREAMING:
        return True
    if "aws-chunked" in headers.get("content-encoding", ""):
        raise S3Error(400, "InvalidRequest", "a body in chunks needs x-amz-content-sha256 to say of which kind")
    return False


def _trailer(body: bytes, start: int, headers: Mapping[str, str], signer: Signer) -> dict[str, str]:
    """The headers behind the last chunk: those that x-amz-trailer announced."""
    announced = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")} - {""}
    headers_behind: dict[str, str] = {}
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
                raise _broken(f"the trailer has {name[:60]!r}, which is not a checksum named in x-amz-trailer")
            headers_behind[name] = value.strip()
            lines += f"{name}:{value.strip()}\n".encode("latin-1")
        elif line:
            raise _broken("a line of the trailer is NAME:VALUE")
    if missing := announced - headers_behind.keys():
        raise _broken(f"the trailer lacks {', '.join(sorted(missing))[:200]}, which x-amz-trailer announces")
    if signer.chain is not None and headers_behind and not signer.chain.is_last(lines, signed):
        raise S3Error(403, "SignatureDoesNotMatch", "the signature of the trailer is not right")
    return headers_behind


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
