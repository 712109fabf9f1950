"""Where a policy could be read more widely than it was meant, or make the service wait."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrek.errors import AccessDeniedError
from openrek.iam.caller import Caller
from openrek.iam.evaluation import AccessRequest, Evaluator, Reason
from openrek.iam.matching import pattern
from openrek.iam.policy import Kind, MalformedPolicy, Policy

LAN = "arn:aws:iam::111122223333:user/lan"
EVERYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def decide(statement: Any, context: dict[str, Any], kind: Kind = "identity") -> Reason:
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statement}, kind)
    return Evaluator([policy]).decide(AccessRequest(LAN, "s3:GetObject", "arn:aws:s3:::b/k", context)).reason


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:username}/*"},
        EVERYTHING | {"Condition": {"StringNotEquals": {"k": "${aws:username}"}}},
        EVERYTHING | {"Condition": {"StringNotLike": {"k": ["${aws:username}", "other"]}}},
        EVERYTHING | {"Condition": {"ArnNotLike": {"k": "arn:aws:iam::1:user/${aws:username}"}}},
    ],
)
def test_a_variable_nobody_filled_allows_nothing(statement: dict[str, Any]) -> None:
    assert decide(statement, {"k": "x", "aws:username": "minh"}) is Reason.ALLOW
    assert decide(statement, {"k": "x"}) is Reason.IMPLICIT_DENY


def test_a_denial_of_all_but_ones_own_holds_for_who_has_no_name() -> None:
    own = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:username}/*"}
    assert decide([EVERYTHING, own], {}) is Reason.EXPLICIT_DENY


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
@pytest.mark.parametrize("value", [{}, {"AWS": []}, {"AWS": "arn:aws:iam::111122223333:user/*"}, [], "lan"])
def test_principals_are_named_whole(element: str, value: Any) -> None:
    with pytest.raises(MalformedPolicy, match=element):
        decide({"Effect": "Allow", "Action": "*", element: value}, {}, "resource")


def test_a_service_of_an_accounts_number_is_not_the_account() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Principal": {"Service": "111122223333"}}
    assert decide(statement, {}, "resource") is Reason.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}',
            "'Effect' is there twice",
        ),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": '
            '{"StringEquals": {"a": "1"}, "StringEquals": {"b": "1"}}}}',
            "'StringEquals' is there twice",
        ),
        ("[" * 200_000, "not JSON"),
        ('{"Statement": ' + "1" * 5000 + "}", "not JSON"),
    ],
    ids=["effect", "condition", "deep", "digits"],
)
def test_json_that_says_two_things_or_too_much_is_refused(text: str, message: str) -> None:
    with pytest.raises(MalformedPolicy, match=message):
        Policy.parse(text)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"k": []}},
        {"StringEquals": {}},
        {"StringEquals": {"": "a"}},
        {"NumericEquals": {"k": "1_0"}},
        {"NumericNotEquals": {"k": "nan"}},
        {"DateLessThan": {"k": "inf"}},
        {"ForAllValues:Null": {"k": "true"}},
        {"NullIfExists": {"k": "true"}},
    ],
)
def test_a_condition_that_would_mean_nothing_is_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(MalformedPolicy, match="statement 1: Condition"):
        decide(EVERYTHING | {"Condition": condition}, {})


def test_an_empty_string_is_no_value_of_a_set() -> None:
    assert decide(EVERYTHING | {"Condition": {"ForAllValues:StringEquals": {"k": "a"}}}, {"k": ""}) is Reason.ALLOW


def test_an_ipv4_caller_is_the_same_on_a_socket_of_both_families() -> None:
    outside = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    }
    assert decide([EVERYTHING, outside], {"aws:SourceIp": "::ffff:10.1.2.3"}) is Reason.EXPLICIT_DENY


@pytest.mark.parametrize(
    "arn", ["arn:aws:sts::111122223333:assumed-role/app/lan", "arn:aws:iam::111122223333:role/lan"]
)
def test_a_role_named_as_a_user_has_not_the_users_folder(arn: str) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::home/${aws:username}/*"}
    evaluator = Evaluator([Policy.parse({"Version": "2012-10-17", "Statement": statement})])
    Caller(LAN, evaluator).require("s3:GetObject", "arn:aws:s3:::home/lan/a")
    with pytest.raises(AccessDeniedError):
        Caller(arn, evaluator).require("s3:GetObject", "arn:aws:s3:::home/lan/a")


def test_many_stars_do_not_make_a_request_wait() -> None:
    # In a process of its own: a match that never ends would take the other tests with it.
    code = (
        "from openrek.iam.matching import pattern;"
        "p = pattern('arn:aws:s3:::' + '*a' * 8 + '*b', variables=False, arn=True);"
        "assert not p.matches('arn:aws:s3:::' + 'a' * 1024, {})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def like(wanted: str, text: str, colons: int) -> bool:
    """Wildcards of an ARN by their definition; `colons` of the pattern are still to come before the resource part."""
    if not wanted:
        return not text
    first, rest = wanted[0], wanted[1:]
    inside = bool(text) and (colons <= 0 or text[0] != ":")
    if first == "*":
        return like(rest, text, colons) or (inside and like(wanted, text[1:], colons))
    if first == "?":
        return inside and like(rest, text[1:], colons)
    return bool(text) and text[0] == first and like(rest, text[1:], colons - (first == ":"))


PART = st.text("ab*?", max_size=3)


@given(
    five=st.lists(PART, min_size=5, max_size=5),
    rest=st.text("ab:/*?", max_size=5),
    requested=st.lists(st.text("ab", max_size=3), min_size=5, max_size=6),
    end=st.text("ab:/", max_size=6),
)
def test_wildcards_of_arns_stay_in_their_part_as_defined(
    five: list[str], rest: str, requested: list[str], end: str
) -> None:
    wanted, value = ":".join([*five, rest]), ":".join([*requested, end])
    assert pattern(wanted, variables=False, arn=True).matches(value, {}) is like(wanted, value, 5)


@given(st.data())
def test_an_arn_made_from_a_pattern_matches_it(data: st.DataObject) -> None:
    wanted = ":".join(data.draw(st.lists(PART, min_size=6, max_size=6)))
    requested = "".join(
        data.draw(st.text("ab/", max_size=3)) if one == "*" else "a" if one == "?" else one for one in wanted
    )
    assert pattern(wanted, variables=False, arn=True).matches(requested, {})
