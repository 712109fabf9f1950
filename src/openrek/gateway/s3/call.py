"""One call of S3's protocol, taken apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request

from openrek.gateway.s3 import request_headers, tags
from openrek.gateway.s3.checksums import algorithms_of, check, declared
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.upload import Upload
from openrek.iam import Caller
from openrek.s3 import META, NO_VERSION, Facts, LocalObjectStore, bucket_arn, object_arn

_BINARY = "binary/octet-stream"
KEPT_HEADERS = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
"""Headers that come back with an object as they were put, beside its media type and metadata."""
STORED_HEADERS = (
    "content-type",
    *KEPT_HEADERS,
    *("x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-tagging"),
    *("x-amz-checksum-algorithm", "x-amz-checksum-type"),
)
"""Headers that an upload in parts begins with and its completion needs, beside metadata."""


@dataclass(frozen=True, slots=True)
class S3Request:
    """What a caller requests."""

    method: str
    bucket: str
    """Empty for the service itself."""
    key: str
    """Empty for a bucket."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """With lower-case names."""
    body: bytes
    caller: Caller
    conditions: Mapping[str, str]

    def require(self, action: str, further: Mapping[str, str] | None = None) -> None:
        """Returns if the caller may do this to the call's object, bucket, or to S3 itself.

        Args:
            action: As "s3:GetObject".
            further: Condition keys of this action, as "s3:prefix".

        Raises:
            AccessDeniedError: they may not.
        """
        arn = object_arn(self.bucket, self.key) if self.key else bucket_arn(self.bucket) if self.bucket else "*"
        self.caller.require(action, arn, {**self.conditions, **(further or {})})

    def declared_facts(self, etag: str) -> Facts:
        """What the request's headers declare of its object."""
        return declared_facts(self.headers, etag)

    def check_body(self) -> None:
        """Holds the body against the digests that came with it.

        Raises:
            S3Error: one differs, or is of a kind that is not computed here.
        """
        check(self.body, self.headers)

    def check_headers(self) -> None:
        """Returns if all that the headers request of an object to be written can be done.

        Raises:
            S3Error: one cannot, and would be dropped silently.
        """
        request_headers.check(self.headers)


@dataclass(frozen=True, slots=True)
class Call(S3Request):
    """A request to the local store."""

    store: LocalObjectStore
    upload: Upload | None = None
    """The content, if it was written to the disk as it arrived; `body` is empty then."""

    def content(self, algorithms: Iterable[str] = ()) -> Upload:
        """The content that came with the call, verified against its digests; the caller closes it.

        Args:
            algorithms: Of further digests.

        Raises:
            S3Error: it is not what a digest was computed of.
        """
        upload = self.upload
        if upload is None:
            upload = Upload(self.store, {*algorithms, *algorithms_of(self.headers)})
        try:
            if self.upload is None:
                upload.write(self.body)
            upload.check(self.headers)
        except BaseException:
            upload.close()
            raise
        return upload

    def check_version(self) -> None:
        """Returns if the query names no version, or the one that all objects are.

        Raises:
            S3Error: it names another.
        """
        version = self.query.get("versionId")
        if version not in (None, NO_VERSION):
            raise S3Error(404, "NoSuchVersion", f"the local store keeps no versions, so there is no {version[:80]!r}")


def declared_facts(headers: Mapping[str, str], etag: str) -> Facts:
    """What headers declare of an object: its media type, metadata, tags and checksums."""
    metadata = {name.removeprefix(META): value for name, value in headers.items() if name.startswith(META)}
    kept = {name: headers[name] for name in KEPT_HEADERS if headers.get(name)}
    # The transfer in chunks is not a property of the object.
    encodings = [each.strip() for each in kept.pop("content-encoding", "").split(",")]
    if encoding := ",".join(each for each in encodings if each and each != "aws-chunked"):
        kept["content-encoding"] = encoding
    return Facts(
        etag,
        headers.get("content-type") or _BINARY,
        metadata,
        kept | request_headers.stored(headers),
        tags=tags.of_header(headers.get("x-amz-tagging", "")),
        checksums=declared(headers),
    )


def check_path(request: Request) -> None:
    """Returns if the path is in UTF-8: others would all be decoded to the same replacement characters.

    Raises:
        S3Error: it is not.
    """
    utf8(request.scope.get("raw_path", b"/").decode("latin-1"))


def utf8(quoted: str) -> str:
    """Percent-encoded text, decoded.

    Raises:
        S3Error: it is not UTF-8.
    """
    try:
        return unquote(quoted, errors="strict")
    except UnicodeDecodeError:
        raise S3Error(400, "InvalidURI", "Couldn't parse the specified URI: a key must be UTF-8.") from None


def split_path(request: Request) -> tuple[str, str]:
    """Bucket and key of a path-style request."""
    path: str = request.scope["path"]
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key
