"""Tags of objects and of buckets, read from headers and documents.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element

from openrek.gateway.s3 import xml
from openrek.gateway.s3.errors import S3Error

MAX_OF_OBJECT = 10
MAX_OF_BUCKET = 50
_MAX_KEY = 128
_MAX_VALUE = 256


def of_header(text: str) -> dict[str, str]:
    """The tags of an x-amz-tagging header, which is written as a query string: "a=1&b=2".

    Raises:
        S3Error: it is malformed, or breaks a limit.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=MAX_OF_BUCKET)
    except ValueError:
        raise S3Error(400, "InvalidArgument", "x-amz-tagging must be encoded as URL query parameters.") from None
    return _checked(pairs, MAX_OF_OBJECT)


def of_body(body: bytes, limit: int = MAX_OF_OBJECT) -> dict[str, str]:
    """The tags of a Tagging document.

    Raises:
        S3Error: it is malformed, or breaks a limit.
    """
    root = xml.read(body)
    sets = list(xml.children(root, "TagSet"))
    if root.tag.rpartition("}")[2] != "Tagging" or len(sets) != 1:
        raise xml.malformed("Tagging has one TagSet")
    return of_elements(xml.children(sets[0], "Tag"), limit)


def of_elements(elements: Iterable[Element], limit: int) -> dict[str, str]:
    """The tags of Tag elements.

    Raises:
        S3Error: one is malformed, or they break a limit.
    """
    pairs = []
    for tag in elements:
        key, value = xml.text(tag, "Key"), xml.text(tag, "Value")
        if key is None or value is None:
            raise xml.malformed("a Tag has a Key and a Value")
        pairs.append((key, value))
    return _checked(pairs, limit)


def _checked(pairs: Iterable[tuple[str, str]], limit: int) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value in pairs:
        if not 1 <= len(key) <= _MAX_KEY:
            raise S3Error(400, "InvalidTag", f"A tag key has 1 to {_MAX_KEY} characters, not {len(key)}.")
        if len(value) > _MAX_VALUE:
            raise S3Error(400, "InvalidTag", f"A tag value has at most {_MAX_VALUE} characters, not {len(value)}.")
        if key.startswith("aws:"):
            raise S3Error(400, "InvalidTag", "System tags cannot be added/updated by requester")
        if key in tags:
            raise S3Error(400, "InvalidTag", "Cannot provide multiple Tags with the same key")
        tags[key] = value
    if len(tags) > limit:
        raise S3Error(400, "BadRequest", f"At most {limit} tags are allowed, not {len(tags)}.")
    return tags
