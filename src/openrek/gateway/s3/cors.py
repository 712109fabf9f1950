"""The CORS rules of a bucket: reading, writing and removing them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
"""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from starlette.responses import Response

from openrek.gateway.s3 import xml
from openrek.gateway.s3.buckets import answer, existing
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error
from openrek.s3 import LocalObjectStore
from openrek.web.cors import CorsRule

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
        S3Error: it is malformed, or a rule cannot be applied.
    """
    root = xml.read(body)
    if xml.local_name(root) != "CORSConfiguration":
        raise xml.malformed("the root element must be CORSConfiguration")
    rules = [_rule(element) for element in xml.children(root, "CORSRule")]
    if not 1 <= len(rules) <= _MAX_RULES:
        raise xml.malformed(f"it has {len(rules)} rules; 1 to {_MAX_RULES} are allowed")
    return rules


def rules_of(store: LocalObjectStore, bucket: str) -> list[CorsRule]:
    """The rules of a bucket, to match requests with."""
    return [
        CorsRule(
            origins=tuple(rule["AllowedOrigins"]),
            methods=tuple(rule["AllowedMethods"]),
            headers=tuple(rule.get("AllowedHeaders", ())),
            expose=tuple(rule.get("ExposeHeaders", ())),
            max_age_seconds=rule.get("MaxAgeSeconds"),
            allow_credentials=True,
        )
        for rule in store.settings.get(bucket, "cors") or ()
    ]


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
