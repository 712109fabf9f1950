"""The CloudFormation template, put together from `parts/`.

Plain CloudFormation, without SAM's own resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
"""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Literal

import yaml

from openrek.function import role_document

Recognition = Literal["amazon", "openrek"]
Authentication = Literal["key", "jwt"]
Template = dict[str, Any]
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")

ROUTES: dict[str, bool] = {
    "GET /": False,
    "GET /docs": False,
    "GET /health": False,
    "GET /openapi.json": False,
    "POST /login": False,
    "GET /v1/analyses": True,
    "POST /v1/analyses": True,
    "GET /v1/analyses/{id}": True,
    "DELETE /v1/analyses/{id}": True,
    "POST /v1/uploads": True,
    "GET /v1/logs": True,
}
"""Route key → whether a caller must prove who they are."""


def build_template(
    recognition: Recognition,
    authentication: Authentication,
    defaults: Mapping[str, str] | None = None,
    bucket: str | None = None,
) -> Template:
    """The template of one flavour.

    Args:
        recognition: `amazon` runs a zip and calls Amazon Rekognition; `openrek` runs an image with its own models.
        authentication: `key` compares a key's hash in a function; `jwt` has the API check an identity provider's
            tokens.
        defaults: Values for parameters in place of the template's own.
        bucket: The bucket's name, if account and region are known. CloudFormation takes a bucket in that is there
            already only where its name is written out.
    """
    template = _part("base")
    names: list[str] = [recognition, authentication]
    if authentication == "key":
        names.append(f"authoriser-{recognition}")
    for name in names:
        _merge(template, _part(name))
    resources = template["Resources"]
    resources["FunctionRole"]["Properties"]["Policies"] = [
        {"PolicyName": "function", "PolicyDocument": json.loads(role_document())}
    ]
    for route_key, guarded in ROUTES.items():
        resources[_resource_name(route_key)] = _route(route_key, authentication if guarded else None)
    for name, value in (defaults or {}).items():
        parameter = template["Parameters"][name]
        parameter["Default"] = int(value) if parameter["Type"] == "Number" else value
    if bucket is not None:
        resources["Bucket"]["Properties"]["BucketName"] = bucket
    return template


def taking_in(template: Template) -> Template:
    """The template by which a stack takes in the bucket that an earlier one has left: it has only the name.

    CloudFormation adopts a bucket unchanged and then assumes that it matches the template. So the settings must come
    with an update after that: then they are changes, and are made.
    """
    bucket = template["Resources"]["Bucket"]
    named = {"BucketName": bucket["Properties"]["BucketName"]}
    return {**template, "Resources": {**template["Resources"], "Bucket": {**bucket, "Properties": named}}}


def check_parameters(template: Template, values: Mapping[str, str]) -> None:
    """Returns if CloudFormation would accept the values, which it checks only late.

    Raises:
        ValueError: it would not; the message names the parameter and what is allowed.
    """
    for name, value in values.items():
        rule = template["Parameters"][name]
        allowed = [str(each) for each in rule.get("AllowedValues", ())]
        if allowed and value not in allowed:
            raise ValueError(f"{name} is {value[:80]!r}; it must be one of {', '.join(allowed)}")
        if "AllowedPattern" in rule and not re.fullmatch(rule["AllowedPattern"], value):
            raise ValueError(
                f"{name} is {value[:200]!r}; it must match {rule['AllowedPattern']}: {rule['Description']}"
            )
        if "MinValue" in rule and not rule["MinValue"] <= int(value) <= rule["MaxValue"]:
            raise ValueError(f"{name} is {value}; it must be from {rule['MinValue']} to {rule['MaxValue']}")
    for origin in filter(None, values.get("CorsOrigins", "").split(",")):
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin[:200]!r} is not a valid origin. Use for example https://www.example.com, without a path"
            )


def template_yaml(template: Template) -> str:
    """The template as text."""
    text: str = yaml.dump(template, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)
    return text


def _route(route_key: str, authentication: Authentication | None) -> Template:
    authorised: Template = {"AuthorizationType": "NONE"}
    if authentication is not None:
        # Two names, so that the new one is there before the routes leave the old one.
        kind, name = ("JWT", "JwtAuthoriser") if authentication == "jwt" else ("CUSTOM", "KeyAuthoriser")
        authorised = {"AuthorizationType": kind, "AuthorizerId": {"Ref": name}}
    return {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {
            "ApiId": {"Ref": "Api"},
            "RouteKey": route_key,
            "Target": {"Fn::Sub": "integrations/${Integration}"},
            **authorised,
        },
    }


def _resource_name(route_key: str) -> str:
    """Letters and digits alone may be in it: "GET /v1/analyses/{id}" → "RouteGetV1AnalysesId"."""
    words = "".join(character if character.isalnum() else " " for character in route_key).split()
    return "Route" + "".join(word.capitalize() for word in words)


def _part(name: str) -> Template:
    part: Template = yaml.safe_load((files("openrek.deploy") / "parts" / f"{name}.yaml").read_text(encoding="utf-8"))
    return part


def _merge(template: Template, part: Template) -> None:
    """Adds what a part has, mapping by mapping; anything else of the part's replaces."""
    for key, value in part.items():
        if isinstance(value, dict) and isinstance(template.get(key), dict):
            _merge(template[key], value)
        else:
            template[key] = value


class _Plain(yaml.SafeDumper):
    """Without anchors: everything is written where it is meant."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True
