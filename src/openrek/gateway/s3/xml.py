"""S3's XML, both ways. What is read has no document type, hence no entities, and is small."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser, register_namespace, tostring

from openrek.gateway.s3.errors import S3Error

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_MAX_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 32
register_namespace("xsi", _INSTANCE)


class _Rejected(Exception):
    """The document has something that no S3 request has."""


class _Builder(TreeBuilder):
    """Builds trees of bounded depth without a document type, whatever the document's encoding is."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Any:
        """Called by the parser."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Rejected(f"elements are nested more than {_MAX_DEPTH} deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        """Called by the parser."""
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, pubid: str, system: str) -> None:
        """Called by the parser before it reads what the document type declares."""
        raise _Rejected("document types are not allowed")


def write(name: str, content: Mapping[str, Any] | str) -> bytes:
    """An element with children by name: texts, mappings for nested ones, lists for repeated ones.

    The member "@type" of a mapping is its element's xsi:type.
    """
    root = Element(name, {"xmlns": _NAMESPACE} if name != "Error" else {})
    if isinstance(content, str):
        root.text = content
    else:
        _fill(root, content)
    written: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def read(body: bytes) -> Element:
    """The root element.

    Raises:
        S3Error: the body is not XML, declares a document type, or is too large.
    """
    if len(body) > _MAX_BYTES:
        raise malformed(f"it has {len(body):,} bytes; at most {_MAX_BYTES:,} are read")
    parser = XMLParser(target=_Builder())  # noqa: S314 - the builder refuses document types
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (_Rejected, ParseError, ValueError, LookupError) as error:
        raise malformed(str(error)) from None
    return root


def malformed(reason: str) -> S3Error:
    """The error for XML that is not what the operation takes."""
    return S3Error(
        400,
        "MalformedXML",
        f"The XML you provided was not well-formed or did not validate against our published schema: {reason[:200]}.",
    )


def children(element: Element, name: str) -> Iterator[Element]:
    """The children of this name, in whatever namespace."""
    return (child for child in element if local_name(child) == name)


def text(element: Element, name: str) -> str | None:
    """The text of the first child of this name; None if there is none."""
    child = next(children(element, name), None)
    return None if child is None else child.text or ""


def texts(element: Element, name: str) -> list[str]:
    """The texts of all children of this name."""
    return [child.text or "" for child in children(element, name)]


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def leaves(element: Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of each element without children."""
    path += "/" + local_name(element)
    if len(element) == 0:
        if (element.text or "").strip() or path.count("/") > 1:
            yield path, (element.text or "").strip()
        return
    for child in element:
        yield from leaves(child, path)


def timestamp(when: datetime) -> str:
    """As S3 writes times."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _fill(element: Element, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        if name == "@type":
            element.set(f"{{{_INSTANCE}}}type", value)
            continue
        for item in value if isinstance(value, list) else [value]:
            child = SubElement(element, name)
            if isinstance(item, Mapping):
                _fill(child, item)
            else:
                child.text = ("true" if item else "false") if isinstance(item, bool) else str(item)
