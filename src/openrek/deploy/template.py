"""The CloudFormation template, put together from `parts/`.

Plain CloudFormation, without SAM's own resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
"""

import json
from importlib.resources import files
from typing import Any, Literal

import yaml

from openrek.function import role_document

Recognition = Literal["amazon", "openrek"]
Authentication = Literal["key", "jwt"]
Template = dict[str, Any]

ROUTES: dict[str, bool] = {
    "GET /": False,
    "GET /console/{proxy+}": False,
    "GET /docs": False,
    "GET /health": False,
    "GET /openapi.json": False,
    "POST /login": False,
    "GET /v1/analyses": True,
    "POST /v1/analyses": True,
    "GET /v1/analyses/{id}": True,
    "DELETE /v1/analyses/{id}": True,
    "POST /v1/uploads": True,
}
"""Route key → whether a caller must prove who they are."""


def build_template(recognition: Recognition, authentication: Authentication) -> Template:
    """The template of one flavour.

    Args:
        recognition: `amazon` runs a zip and calls Amazon Rekognition; `openrek` runs an image with its own models.
        authentication: `key` compares a key's hash in a function; `jwt` has the API check an identity provider's
            tokens.
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
    return template


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
