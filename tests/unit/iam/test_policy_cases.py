"""Whole policies decide as the IAM User Guide says: the table of policy_cases.toml, request by request."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from openrek.iam.evaluation import AccessRequest, Evaluator
from openrek.iam.policy import Policy

TABLE = tomllib.loads((Path(__file__).parent / "policy_cases.toml").read_text(encoding="utf-8"))
CASES = [(policy, request) for policy in TABLE["policy"] for request in policy["requests"]]
IDS = [f"{policy['name']}: {request['name']}" for policy, request in CASES]


@pytest.mark.parametrize(("policy", "request_"), CASES, ids=IDS)
def test_a_policy_decides_as_documented(policy: dict[str, Any], request_: dict[str, Any]) -> None:
    requested = TABLE["defaults"] | request_
    parsed = Policy.parse(policy["document"], policy.get("kind", "identity"))
    decision = Evaluator([parsed]).decide(
        AccessRequest(requested["principal"], requested["action"], requested["resource"], requested.get("context", {}))
    )
    assert decision.reason.name == requested["expected"], policy["source"]
    assert decision.allowed is (requested["expected"] == "ALLOW")
    assert decision.sid == requested.get("sid", decision.sid)


def test_the_table_has_no_case_twice_and_every_outcome() -> None:
    assert [name for name, times in Counter(IDS).items() if times > 1] == []
    assert {request["expected"] for _, request in CASES} == {"ALLOW", "IMPLICIT_DENY", "EXPLICIT_DENY"}
