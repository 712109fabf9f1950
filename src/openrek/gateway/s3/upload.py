"""The content of an object, or of a part of one, on its way to the disk."""

from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

from openrek.gateway.s3 import checksums
from openrek.gateway.s3.chunked import ChunkDecoder
from openrek.gateway.s3.digests import Digests
from openrek.s3 import LocalObjectStore


class Upload:
    """A staged file that grows, and the digests of it. As a context manager it removes what became no object.

    Args:
        store: Where the object will be.
        algorithms: Of digests, beside MD5.
        decoder: Takes the body apart, if it is in chunks.
    """

    def __init__(
        self, store: LocalObjectStore, algorithms: Iterable[str] = (), decoder: ChunkDecoder | None = None
    ) -> None:
        self.digests = Digests({"md5", *algorithms})
        self.file = store.stage()
        self._decoder = decoder
        self._body = Digests(["sha256"])
        self.trailer: Mapping[str, str] = {}
        """Headers that came behind the content."""

    @property
    def md5(self) -> str:
        """In hex, as ETags are."""
        return self.digests.raw("md5").hex()

    @property
    def body_sha256(self) -> str:
        """In hex, of the body as it was sent."""
        return self._body.raw("sha256").hex()

    def write_body(self, data: bytes) -> None:
        """The next bytes of the request's body.

        Raises:
            S3Error: they are not in chunks as they should be.
            InternalError: they cannot be written.
        """
        if self._decoder is None:
            self._body.update(data)
            self.write(data)
            return
        for content in self._decoder.feed(data):
            self.write(content)

    def write(self, content: bytes) -> None:
        """The next bytes of the content."""
        self.digests.update(content)
        self.file.write(content)

    def end_body(self) -> None:
        """Checks that a body in chunks is whole."""
        if self._decoder is not None:
            self.trailer = self._decoder.finish()

    def check(self, headers: Mapping[str, str]) -> None:
        """Holds the content against the digests among the headers, see `checksums.check_digests`."""
        checksums.check_digests(self.digests, headers)

    def close(self) -> None:
        """Removes the file, if it became no object."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class BodyUpload:
    """Takes a request's body to an upload: what the gateway calls while the body arrives, in a thread.

    Args:
        open_upload: Returns the upload; raises if the caller may not make it.
    """

    def __init__(self, open_upload: Callable[[], Upload]) -> None:
        self._open = open_upload
        self.upload: Upload | None = None

    def begin(self) -> None:
        """See BodySink.begin."""
        self.upload = self._open()

    def write(self, data: bytes) -> None:
        """See BodySink.write."""
        assert self.upload is not None
        self.upload.write_body(data)

    def end(self) -> None:
        """See BodySink.end."""
        assert self.upload is not None
        self.upload.end_body()

    def close(self) -> None:
        """See BodySink.close."""
        if self.upload is not None:
            self.upload.close()
