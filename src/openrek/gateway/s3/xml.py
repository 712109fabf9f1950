"""S3's XML, both ways. What is read has no entities and no document type, and is small."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser, tostring

from openrek.gateway.s3.errors import S3Error

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_MAX_BYTES = 2 * 1024 * 1024


def write(name: str, content: dict[str, Any]) -> bytes:
    """An element with children by name: texts, dictionaries for nested ones, lists for repeated ones."""
    root = Element(name, {"xmlns": _NAMESPACE} if name != "Error" else {})
    _fill(root, content)
    written: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def read(body: bytes) -> Element:
    """The root element.

    Raises:
        Refusal: it is no XML, declares a document type, or is too large.
    """
    # expat knows no limit for what entities grow to; without a document type there are none.
    if len(body) > _MAX_BYTES or b"<!" in body:
        raise S3Error(400, "MalformedXML", "the XML is too large, or has a document type or comments")
    parser = XMLParser(target=TreeBuilder())  # noqa: S314 - see above
    try:
        parser.feed(body)
        root: Element = parser.close()
    except ParseError as error:
        raise S3Error(400, "MalformedXML", f"the body is not XML: {error}") from None
    return root


def children(element: Element, name: str) -> Iterator[Element]:
    """The children of this name, in whatever namespace."""
    return (child for child in element if child.tag.rpartition("}")[2] == name)


def text(element: Element, name: str) -> str | None:
    """The text of the first child of this name."""
    found = next(children(element, name), None)
    return None if found is None else found.text or ""


def timestamp(when: datetime) -> str:
    """As S3 writes times."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _fill(element: Element, content: dict[str, Any]) -> None:
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            child = SubElement(element, name)
            if isinstance(item, dict):
                _fill(child, item)
            else:
                child.text = ("true" if item else "false") if isinstance(item, bool) else str(item)
