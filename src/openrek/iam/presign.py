"""Links that carry their own signature and expire."""

from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from openrek.iam.credentials import Credentials
from openrek.iam.sigv4 import (
    ALGORITHM,
    UNSIGNED_PAYLOAD,
    Scope,
    canonical_request,
    signature,
    signing_key,
    string_to_sign,
)


def presign_url(
    credentials: Credentials,
    url: str,
    *,
    region: str,
    service: str,
    expires_seconds: int,
    method: str = "GET",
    now: datetime | None = None,
) -> str:
    """The URL with a signature for one method in its query.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    parts = urlsplit(url)
    timestamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    scope = Scope(timestamp[:8], region, service)
    path = quote(parts.path, safe="/-_.~%")
    query = "&".join(
        f"{name}={quote(value, safe='-_.~')}"
        for name, value in (
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", f"{credentials.access_key_id}/{scope}"),
            ("X-Amz-Date", timestamp),
            ("X-Amz-Expires", str(expires_seconds)),
            ("X-Amz-SignedHeaders", "host"),
        )
    )
    if parts.query:
        query = f"{parts.query}&{query}"
    host = [("host", parts.netloc)]
    canonical = canonical_request(method, path, query, host, ["host"], UNSIGNED_PAYLOAD, normalise=service != "s3")
    signed = signature(signing_key(credentials.secret_access_key, scope), string_to_sign(timestamp, scope, canonical))
    return f"{parts.scheme}://{parts.netloc}{path}?{query}&X-Amz-Signature={signed}"
