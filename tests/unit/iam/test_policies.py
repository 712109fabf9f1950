"""Policies decide as IAM's documentation says, case by case, and refuse to be read where they are malformed."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrek.errors import AccessDeniedError
from openrek.iam.builtin import BUILTIN_NAMES, builtin_document, builtin_policy
from openrek.iam.caller import Caller
from openrek.iam.evaluation import AccessRequest, Evaluator, Reason
from openrek.iam.policy import MalformedPolicy, Policy

LAN = "arn:aws:iam::000000000000:user/lan"
KEY = "s3:prefix"
ABSENT: list[str] = []


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> Policy:
    return Policy.parse({"Version": version, "Statement": list(statements)})


def decide(
    *statements: dict[str, Any], action: str = "s3:GetObject", resource: str = "arn:aws:s3:::b/k", **context: Any
) -> Reason:
    request = AccessRequest(LAN, action, resource, context.get("context", {}))
    return Evaluator([policy(*statements)]).decide(request).reason


ALLOW, IMPLICIT, EXPLICIT = Reason.ALLOW, Reason.IMPLICIT_DENY, Reason.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], IMPLICIT),
        ([allow()], ALLOW),
        ([deny()], EXPLICIT),
        ([allow(), deny()], EXPLICIT),
        ([deny(), allow()], EXPLICIT),
        ([allow("s3:PutObject")], IMPLICIT),
        ([allow(), deny("s3:PutObject")], ALLOW),
        ([allow(), deny(resource="arn:aws:s3:::b/*")], EXPLICIT),
        ([allow(), deny(resource="arn:aws:s3:::c/*")], ALLOW),
        ([allow(resource="arn:aws:s3:::c/*"), allow(resource="arn:aws:s3:::b/*")], ALLOW),
        ([allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})], ALLOW),
        ([allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], IMPLICIT),
        ([allow(), deny(Condition={"BoolIfExists": {"aws:SecureTransport": "false"}})], EXPLICIT),
    ],
)
def test_a_deny_wins_and_nothing_is_allowed_by_itself(statements: list[dict[str, Any]], expected: Reason) -> None:
    for order in permutations(statements):
        found = decide(*order) if order else Evaluator([]).decide(AccessRequest(LAN, "s3:GetObject", "*")).reason
        assert found is expected


@pytest.mark.parametrize(
    ("element", "requested", "expected"),
    [
        ({"Action": "*"}, "rekognition:DetectLabels", True),
        ({"Action": "rekognition:*"}, "rekognition:DetectLabels", True),
        ({"Action": "rekognition:*"}, "s3:GetObject", False),
        ({"Action": "rekognition:DetectLabels"}, "rekognition:DetectLabels", True),
        ({"Action": "REKOGNITION:detectlabels"}, "rekognition:DetectLabels", True),
        ({"Action": "rekognition:Detect*"}, "rekognition:DetectLabels", True),
        ({"Action": "rekognition:Detect*"}, "rekognition:CompareFaces", False),
        ({"Action": "rekognition:*Labels"}, "rekognition:DetectModerationLabels", True),
        ({"Action": "rekognition:*Labels"}, "rekognition:DetectLabelsTwice", False),
        ({"Action": "s3:?etObject"}, "s3:GetObject", True),
        ({"Action": "s3:?etObject"}, "s3:etObject", False),
        ({"Action": "s3:GetObject?"}, "s3:GetObject", False),
        ({"Action": ["s3:PutObject", "s3:Get*"]}, "s3:GetObject", True),
        ({"NotAction": "s3:*"}, "s3:GetObject", False),
        ({"NotAction": "s3:*"}, "rekognition:DetectLabels", True),
        ({"NotAction": ["s3:*", "rekognition:*"]}, "rekognition:DetectLabels", False),
        ({"NotAction": "s3:PutObject"}, "s3:GetObject", True),
    ],
)
def test_actions(element: dict[str, Any], requested: str, expected: bool) -> None:
    statement = {"Effect": "Allow", "Resource": "*", **element}
    assert (decide(statement, action=requested) is ALLOW) is expected


@pytest.mark.parametrize(
    ("element", "requested", "expected"),
    [
        ({"Resource": "*"}, "arn:aws:s3:::b/k", True),
        ({"Resource": "*"}, "*", True),
        ({"Resource": "arn:aws:s3:::b/k"}, "arn:aws:s3:::b/k", True),
        ({"Resource": "arn:aws:s3:::b/k"}, "arn:aws:s3:::b/K", False),
        ({"Resource": "arn:aws:s3:::b/k"}, "*", False),
        ({"Resource": "arn:aws:s3:::b"}, "arn:aws:s3:::b/k", False),
        ({"Resource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::b/folder/k", True),
        ({"Resource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::b", False),
        ({"Resource": "arn:aws:s3:::b/*.jpg"}, "arn:aws:s3:::b/x/y.jpg", True),
        ({"Resource": "arn:aws:s3:::b/*.jpg"}, "arn:aws:s3:::b/x/y.png", False),
        ({"Resource": "arn:aws:s3:::b/?.jpg"}, "arn:aws:s3:::b/a.jpg", True),
        ({"Resource": "arn:aws:s3:::b/?.jpg"}, "arn:aws:s3:::b/ab.jpg", False),
        ({"Resource": "arn:aws:s3:::*"}, "arn:aws:s3:::b/with:colons/k", True),
        ({"Resource": "arn:aws:rekognition:*:*:collection/*"}, "arn:aws:rekognition:a:1:collection/c", True),
        ({"Resource": "arn:aws:rekognition:*:*:collection/*"}, "arn:aws:rekognition:a:1:project/c", False),
        ({"Resource": "arn:aws:rekognition:eu-*:*:*"}, "arn:aws:rekognition:us-east-1:1:collection/c", False),
        ({"Resource": "arn:aws:*:::b/k"}, "arn:aws:s3:x:y:b/k", False),
        ({"Resource": "arn:aws:s3:::b.txt"}, "arn:aws:s3:::bxtxt", False),
        ({"Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}, "arn:aws:s3:::b/k", True),
        ({"NotResource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::b/k", False),
        ({"NotResource": "arn:aws:s3:::b/*"}, "arn:aws:s3:::c/k", True),
        ({"NotResource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/*"]}, "arn:aws:s3:::c/k", False),
    ],
)
def test_resources(element: dict[str, Any], requested: str, expected: bool) -> None:
    statement = {"Effect": "Allow", "Action": "*", **element}
    assert (decide(statement, resource=requested) is ALLOW) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "given_", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", ABSENT, False),
        ("StringEqualsIfExists", "a", ABSENT, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", "a", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", ABSENT, True),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "pic/*", "pic/a/b", True),
        ("StringLike", "pic/?", "pic/ab", False),
        ("StringLike", "PIC/*", "pic/a", False),
        ("StringNotLike", "pic/*", "doc/a", True),
        ("StringNotLike", "pic/*", "pic/a", False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", 10, "11", False),
        ("NumericEquals", 10, "ten", False),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericLessThanIfExists", "10", ABSENT, True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+01:00", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "1767225601", True),
        ("DateGreaterThanEquals", "1767225600", "2026-01-01T00:00:00Z", True),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
        ("DateNotEquals", "2026-01-01T00:00:00Z", "1767225600", False),
        ("DateEquals", "2026-01-01T00:00:00Z", "yesterday", False),
        ("Bool", "true", "true", True),
        ("Bool", True, "True", True),
        ("Bool", "false", "true", False),
        ("Bool", "false", ABSENT, False),
        ("BoolIfExists", "false", ABSENT, True),
        ("BinaryEquals", "aGVsbG8=", "aGVsbG8=", True),
        ("BinaryEquals", "aGVsbG8=", "aGVsbGE=", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
        ("IpAddress", "10.1.2.3", "10.1.2.3", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "10.0.0.0/8", "2001:db8::1", False),
        ("IpAddress", "10.0.0.0/8", "nowhere", False),
        ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", True),
        ("NotIpAddress", ["10.0.0.0/8", "11.0.0.0/8"], "11.1.2.3", False),
        ("ArnEquals", "arn:aws:iam::*:user/lan", LAN, True),
        ("ArnLike", "arn:aws:iam::000000000000:user/*", LAN, True),
        ("ArnLike", "arn:aws:iam::*:role/*", LAN, False),
        ("ArnNotLike", "arn:aws:iam::*:user/*", LAN, False),
        ("ArnNotEquals", "arn:aws:iam::*:user/minh", LAN, True),
        ("Null", "true", ABSENT, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Null", False, ABSENT, False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], ABSENT, True),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
        ("ForAllValues:StringLike", ["x*"], ["xa", "xb"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
        ("ForAnyValue:StringEquals", ["a"], ABSENT, False),
        ("ForAnyValue:StringEqualsIfExists", ["a"], ABSENT, True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAnyValue:StringNotEquals", ["a"], ABSENT, False),
        ("ForAllValues:NumericLessThan", "10", ["1", "9"], True),
        ("ForAllValues:NumericLessThan", "10", ["1", "10"], False),
    ],
)
def test_conditions(operator: str, wanted: Any, given_: Any, expected: bool) -> None:
    context = {} if given_ is ABSENT else {KEY.upper(): given_}
    statement = allow(Condition={operator: {KEY: wanted}})
    assert (decide(statement, context=context) is ALLOW) is expected


def test_all_operators_and_all_keys_must_hold() -> None:
    condition = {"StringEquals": {"a": "1", "b": "2"}, "NumericLessThan": {"c": "3"}}
    good = {"a": "1", "b": "2", "c": "2"}
    assert decide(allow(Condition=condition), context=good) is ALLOW
    for key, wrong in (("a", "9"), ("b", "9"), ("c", "9")):
        assert decide(allow(Condition=condition), context=good | {key: wrong}) is IMPLICIT


@pytest.mark.parametrize(
    ("text", "version", "resource", "context", "expected"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", "2012-10-17", "arn:aws:s3:::b/lan/k", {"aws:username": "lan"}, True),
        ("arn:aws:s3:::b/${aws:username}/*", "2012-10-17", "arn:aws:s3:::b/minh/k", {"aws:username": "lan"}, False),
        ("arn:aws:s3:::b/${AWS:UserName}/*", "2012-10-17", "arn:aws:s3:::b/lan/k", {"aws:username": "lan"}, True),
        ("arn:aws:s3:::b/${aws:username}/*", "2012-10-17", "arn:aws:s3:::b//k", {}, False),
        ("arn:aws:s3:::b/${aws:username}/*", "2012-10-17", "arn:aws:s3:::b/x/k", {"aws:username": ["x", "y"]}, False),
        ("arn:aws:s3:::b/${team, 'all'}/*", "2012-10-17", "arn:aws:s3:::b/all/k", {}, True),
        ("arn:aws:s3:::b/${team, 'all'}/*", "2012-10-17", "arn:aws:s3:::b/red/k", {"team": "red"}, True),
        ("arn:aws:s3:::b/${team, 'all'}/*", "2012-10-17", "arn:aws:s3:::b/all/k", {"team": "red"}, False),
        ("arn:aws:s3:::b/${aws:username}", "2012-10-17", "arn:aws:s3:::b/anybody", {"aws:username": "*"}, False),
        ("arn:aws:s3:::b/${aws:username}", "2012-10-17", "arn:aws:s3:::b/*", {"aws:username": "*"}, True),
        ("arn:aws:s3:::b/a${*}c", "2012-10-17", "arn:aws:s3:::b/a*c", {}, True),
        ("arn:aws:s3:::b/a${*}c", "2012-10-17", "arn:aws:s3:::b/abc", {}, False),
        ("arn:aws:s3:::b/a${?}c", "2012-10-17", "arn:aws:s3:::b/a?c", {}, True),
        ("arn:aws:s3:::b/${$}{x}", "2012-10-17", "arn:aws:s3:::b/${x}", {}, True),
        ("arn:aws:s3:::b/${aws:username}", "2008-10-17", "arn:aws:s3:::b/lan", {"aws:username": "lan"}, False),
        ("arn:aws:s3:::b/${aws:username}", "2008-10-17", "arn:aws:s3:::b/${aws:username}", {}, True),
    ],
)
def test_variables(text: str, version: str, resource: str, context: dict[str, Any], expected: bool) -> None:
    evaluator = Evaluator([policy(allow(resource=text), version=version)])
    assert evaluator.decide(AccessRequest(LAN, "s3:GetObject", resource, context)).allowed is expected


def test_variables_in_conditions() -> None:
    statement = allow(Condition={"StringLike": {KEY: "home/${aws:username}/*"}})
    assert decide(statement, context={KEY: "home/lan/a", "aws:username": "lan"}) is ALLOW
    assert decide(statement, context={KEY: "home/minh/a", "aws:username": "lan"}) is IMPLICIT


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": LAN}}, True),
        ({"Principal": {"AWS": ["arn:aws:iam::000000000000:user/minh", LAN]}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::000000000000:user/minh"}}, False),
        ({"Principal": {"AWS": "000000000000"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::000000000000:root"}}, True),
        ({"Principal": {"AWS": "111111111111"}}, False),
        ({"Principal": {"Service": "lambda.amazonaws.com"}}, False),
        ({"NotPrincipal": {"AWS": LAN}}, False),
        ({"NotPrincipal": {"AWS": "arn:aws:iam::000000000000:user/minh"}}, True),
    ],
)
def test_principals_of_resource_policies(element: dict[str, Any], expected: bool) -> None:
    statement = {"Effect": "Allow", "Action": "*", **element}
    evaluator = Evaluator([Policy.parse({"Version": "2012-10-17", "Statement": statement}, kind="resource")])
    assert evaluator.decide(AccessRequest(LAN, "s3:GetObject", "arn:aws:s3:::b/k")).allowed is expected


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ({}, "must have a Statement"),
        ({"Statement": []}, "must have a Statement"),
        ({"Statement": [3]}, "statement 1 must be an object"),
        ({"Statement": allow(), "Stmt": 1}, "'Stmt'"),
        ({"Version": "2020-01-01", "Statement": allow()}, "2012-10-17"),
        ({"Statement": allow() | {"Efect": "Allow"}}, "'Efect'"),
        ({"Statement": allow() | {"Effect": "allow"}}, "Allow or Deny"),
        ({"Statement": {"Effect": "Allow", "Resource": "*"}}, "must have Action or NotAction"),
        ({"Statement": {"Effect": "Allow", "Action": "*"}}, "must have Resource or NotResource"),
        ({"Statement": allow(NotAction="s3:*")}, "not both"),
        ({"Statement": allow(NotResource="*")}, "not both"),
        ({"Statement": allow("DetectLabels")}, "'DetectLabels' is not a valid action"),
        ({"Statement": allow("s3:Get Object")}, "not a valid action"),
        ({"Statement": allow([])}, "string or a list"),
        ({"Statement": allow(resource="bucket/key")}, "'bucket/key' is not a valid resource"),
        ({"Statement": allow(Principal="*")}, "no Principal"),
        ({"Statement": [allow(Sid="a"), allow(Sid="a")]}, "same Sid"),
        ({"Statement": allow(Sid="a b")}, "letters and digits"),
        ({"Statement": allow(Condition=[])}, "object of operators"),
        ({"Statement": allow(Condition={"StringIs": {"a": "b"}})}, "'StringIs'"),
        ({"Statement": allow(Condition={"ForSome:StringLike": {"a": "b"}})}, "ForAllValues"),
        ({"Statement": allow(Condition={"NumericLessThan": {"a": "ten"}})}, "'ten' is not a number"),
        ({"Statement": allow(Condition={"DateLessThan": {"a": "soon"}})}, "neither a date"),
        ({"Statement": allow(Condition={"Bool": {"a": "maybe"}})}, "neither true nor false"),
        ({"Statement": allow(Condition={"IpAddress": {"a": "here"}})}, "'here'"),
        ({"Statement": allow(Condition={"BinaryEquals": {"a": "%"}})}, "not base64"),
        ({"Statement": allow(Condition={"ArnLike": {"a": "lan"}})}, "not an ARN"),
        ({"Statement": allow(Condition={"Null": {"a": "perhaps"}})}, "true or false"),
        ({"Statement": allow(Condition={"StringLike": {"a": None}})}, "strings, numbers"),
    ],
)
def test_a_malformed_policy_is_refused_and_told_why(document: Any, said: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        Policy.parse(document)
    assert said in str(caught.value)


def test_a_resource_policy_must_name_its_principals() -> None:
    with pytest.raises(MalformedPolicy, match="Principal"):
        Policy.parse({"Statement": allow()}, kind="resource")


@pytest.mark.parametrize(
    ("name", "allowed", "rejected"),
    [
        ("admin", ["rekognition:DeleteCollection", "s3:PutObject", "logs:FilterLogEvents"], []),
        (
            "read-only",
            ["rekognition:DetectLabels", "rekognition:ListCollections", "s3:GetObject", "s3:ListBucket"],
            ["rekognition:CreateCollection", "rekognition:TagResource", "s3:PutObject", "s3:DeleteObject"],
        ),
        (
            "detect-only",
            ["rekognition:DetectText", "rekognition:CompareFaces", "s3:GetObject"],
            ["rekognition:ListCollections", "s3:ListBucket", "s3:PutObject", "logs:FilterLogEvents"],
        ),
    ],
)
def test_built_in_policies(name: str, allowed: list[str], rejected: list[str]) -> None:
    evaluator = Evaluator([builtin_policy(name)])
    for action in allowed + rejected:
        decision = evaluator.decide(AccessRequest(LAN, action, "arn:aws:s3:::b/k"))
        assert decision.allowed is (action in allowed), action


def test_built_in_policies_are_all_named() -> None:
    assert {name for name in BUILTIN_NAMES if builtin_document(name)} == {"admin", "read-only", "detect-only"}
    with pytest.raises(LookupError, match="detect-only"):
        builtin_document("root")


def test_a_refusal_names_who_what_and_on_what() -> None:
    caller = Caller(LAN, Evaluator([policy(allow("rekognition:Detect*"), deny("s3:*", Sid="NoBuckets"))]))
    caller.require("rekognition:DetectLabels", "*")
    with pytest.raises(AccessDeniedError) as caught:
        caller.require("rekognition:CompareFaces", "*")
    assert caught.value.message == (
        f"User: {LAN} is not authorized to perform: rekognition:CompareFaces on resource: * "
        "because no identity-based policy allows the rekognition:CompareFaces action"
    )
    with pytest.raises(AccessDeniedError, match=r"explicit deny .* \(statement NoBuckets\)"):
        caller.require("s3:GetObject", "arn:aws:s3:::b/k")
    Caller.unrestricted(LAN).require("s3:DeleteBucket", "arn:aws:s3:::b")


def test_a_callers_own_name_fills_variables() -> None:
    caller = Caller(LAN, Evaluator([policy(allow(resource="arn:aws:s3:::home/${aws:username}/*"))]))
    caller.require("s3:GetObject", "arn:aws:s3:::home/lan/a.jpg")
    with pytest.raises(AccessDeniedError):
        caller.require("s3:GetObject", "arn:aws:s3:::home/minh/a.jpg")


TEXT = st.text("ab:/*?", max_size=8)


def like(pattern: str, text: str) -> bool:
    """Wildcards by their definition."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return like(pattern[1:], text) or (bool(text) and like(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and like(pattern[1:], text[1:])


@given(pattern=TEXT, text=TEXT)
def test_wildcards_match_as_defined(pattern: str, text: str) -> None:
    statement = allow(Condition={"StringLike": {KEY: pattern}})
    assert (decide(statement, context={KEY: text}) is ALLOW) is like(pattern, text)


ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*", "rekognition:*", "*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*", "arn:aws:s3:::b/k"])
STATEMENTS = st.lists(
    st.builds(lambda effect, action, resource: allow(action, resource) | {"Effect": effect},
              st.sampled_from(["Allow", "Deny"]), ACTIONS, RESOURCES),
    min_size=1, max_size=5,
)  # fmt: skip


@given(statements=STATEMENTS, data=st.data())
def test_order_never_matters(statements: list[dict[str, Any]], data: st.DataObject) -> None:
    assert decide(*statements) is decide(*data.draw(st.permutations(statements)))


@given(statements=STATEMENTS)
def test_one_more_deny_always_denies(statements: list[dict[str, Any]]) -> None:
    assert decide(*statements, deny("s3:GetObject")) is EXPLICIT
