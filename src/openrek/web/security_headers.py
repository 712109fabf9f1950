"""Headers that every answer to a browser has: what a page may load, and what may be done with it.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP
"""


def security_headers(storage_origin: str = "", https: bool = False, assets_origin: str = "") -> dict[str, str]:
    """The headers, names in lower case.

    Args:
        storage_origin: Where the console's pages load images from and put them to, if that is another origin, as
            "https://b.s3.eu-west-1.amazonaws.com/".
        assets_origin: Where the pages load scripts, styles and icons from, if that is another origin.
        https: Whether the service is only reached by https, so that browsers may insist on it from now on.
    """
    further = f" {storage_origin}" if storage_origin else ""
    assets = f" {assets_origin}" if assets_origin else ""
    policy = (
        f"default-src 'self'{assets}",
        *((f"connect-src 'self'{further}{assets}",) if further else ()),
        f"img-src 'self' blob: data:{further}{assets}",
        "media-src 'self' blob:",
        f"style-src 'self' 'unsafe-inline'{assets}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(self)",
        **({"strict-transport-security": "max-age=31536000"} if https else {}),
    }
