"""CORS: the rules of a bucket, and what they say of a request from a page of another origin.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
"""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from starlette.responses import Response

from openrek.gateway.s3 import xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error

Rule = Mapping[str, Any]
"""AllowedMethods, AllowedOrigins, AllowedHeaders, ExposeHeaders: lists of texts; ID: text; MaxAgeSeconds: number."""

_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
_LISTS = {
    "AllowedMethod": "AllowedMethods",
    "AllowedOrigin": "AllowedOrigins",
    "AllowedHeader": "AllowedHeaders",
    "ExposeHeader": "ExposeHeaders",
}
_MAX_RULES = 100
_MAX_ID = 255
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
_NOT_FOUND = (404, "NoSuchCORSConfiguration", "The CORS configuration does not exist")


def get_bucket_cors(call: Call) -> Response:
    """GetBucketCors."""
    call.require("s3:GetBucketCORS")
    existing(call)
    rules = call.store.settings.get(call.bucket, "cors")
    if not rules:
        raise S3Error(*_NOT_FOUND)
    return answer("CORSConfiguration", {"CORSRule": [_element(rule) for rule in rules]})


def put_bucket_cors(call: Call) -> Response:
    """PutBucketCors: replaces all rules of the bucket."""
    call.require("s3:PutBucketCORS")
    existing(call)
    call.check_body()
    call.store.settings.put(call.bucket, "cors", parse(call.body))
    return Response(status_code=200)


def delete_bucket_cors(call: Call) -> Response:
    """DeleteBucketCors."""
    call.require("s3:PutBucketCORS")
    existing(call)
    call.store.settings.delete(call.bucket, "cors")
    return Response(status_code=204)


def parse(body: bytes) -> list[Rule]:
    """The rules of a CORSConfiguration document.

    Raises:
        S3Error: it is malformed, or a rule says nothing that can be obeyed.
    """
    root = xml.read(body)
    if xml.local_name(root) != "CORSConfiguration":
        raise xml.malformed("the root element must be CORSConfiguration")
    rules = [_rule(element) for element in xml.children(root, "CORSRule")]
    if not 1 <= len(rules) <= _MAX_RULES:
        raise xml.malformed(f"it has {len(rules)} rules; 1 to {_MAX_RULES} are allowed")
    return rules


def matching(rules: Iterable[Rule], origin: str, method: str, headers: Iterable[str] = ()) -> tuple[Rule, str] | None:
    """The first rule that allows the request, and the origin to answer with; None if no rule does.

    Args:
        rules: Of the bucket.
        origin: Value of the request's Origin header.
        method: The request's, or the one that a preflight names.
        headers: Names that a preflight names.
    """
    names = [name.lower() for name in headers]
    for rule in rules:
        allowed = next((pattern for pattern in rule["AllowedOrigins"] if _matches(pattern, origin)), None)
        if allowed is None or method not in rule["AllowedMethods"]:
            continue
        patterns = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())]
        if all(any(_matches(pattern, name) for pattern in patterns) for name in names):
            return rule, "*" if allowed == "*" else origin
    return None


def response_headers(rule: Rule, allowed_origin: str) -> dict[str, str]:
    """The headers of an answer to a request that the rule allows."""
    exposed = rule.get("ExposeHeaders")
    return {
        "access-control-allow-origin": allowed_origin,
        "access-control-allow-methods": ", ".join(rule["AllowedMethods"]),
        **({"access-control-allow-credentials": "true"} if allowed_origin != "*" else {}),
        **({"access-control-expose-headers": ", ".join(exposed)} if exposed else {}),
        "vary": _VARY,
    }


def preflight_headers(rule: Rule, allowed_origin: str, headers: Iterable[str]) -> dict[str, str]:
    """The headers of an answer to a preflight that the rule allows."""
    names = ", ".join(name.lower() for name in headers)
    age = rule.get("MaxAgeSeconds")
    return {
        **response_headers(rule, allowed_origin),
        **({"access-control-allow-headers": names} if names else {}),
        **({"access-control-max-age": str(age)} if age is not None else {}),
    }


def requested_headers(headers: Mapping[str, str]) -> list[str]:
    """The names that a preflight asks for."""
    return [name.strip() for name in headers.get("access-control-request-headers", "").split(",") if name.strip()]


def _rule(element: Element) -> Rule:
    rule: dict[str, Any] = {
        plural: values for singular, plural in _LISTS.items() if (values := xml.texts(element, singular))
    }
    _check(rule)
    if (identifier := xml.text(element, "ID")) is not None:
        if len(identifier) > _MAX_ID:
            raise xml.malformed(f"an ID has at most {_MAX_ID} characters")
        rule["ID"] = identifier
    if (age := xml.text(element, "MaxAgeSeconds")) is not None:
        if not age.isascii() or not age.isdigit() or len(age) > 9:
            raise xml.malformed("MaxAgeSeconds is a number of seconds")
        rule["MaxAgeSeconds"] = int(age)
    return rule


def _check(rule: Rule) -> None:
    methods, origins = rule.get("AllowedMethods", ()), rule.get("AllowedOrigins", ())
    headers, exposed = rule.get("AllowedHeaders", ()), rule.get("ExposeHeaders", ())
    if not methods or not origins:
        raise xml.malformed("a CORSRule has at least one AllowedMethod and one AllowedOrigin")
    if unknown := [method for method in methods if method not in _METHODS]:
        raise _invalid(f"Found unsupported HTTP method in CORS config. Unsupported method is {unknown[0][:20]}")
    if several := [pattern for pattern in (*origins, *headers) if pattern.count("*") > 1]:
        raise _invalid(f'"{several[0][:60]}" can not have more than one wildcard.')
    if wild := [name for name in exposed if "*" in name]:
        raise _invalid(f'ExposeHeader "{wild[0][:60]}" contains wildcard. Wildcards are not supported there.')
    for value in (*origins, *headers, *exposed):
        if not value or not value.isascii() or not value.isprintable():
            raise _invalid(f"{value[:60]!r} cannot be in a header; use printable ASCII.")


def _invalid(message: str) -> S3Error:
    return S3Error(400, "InvalidRequest", message)


def _element(rule: Rule) -> dict[str, Any]:
    listed = {singular: rule[plural] for singular, plural in _LISTS.items() if plural in rule}
    return listed | {name: rule[name] for name in ("ID", "MaxAgeSeconds") if name in rule}


def _matches(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, in which one "*" stands for any letters."""
    start, star, end = pattern.partition("*")
    if not star:
        return text == pattern
    return len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)
