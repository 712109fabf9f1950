"""All of the contract is accounted for."""

import re
from pathlib import Path
from typing import Any

import pytest

from openrek.errors import AccessDeniedError
from openrek.iam import Caller, Evaluator
from openrek.protocol import load_contract
from openrek.rekognition import OPERATIONS, Operation, Services
from openrek.rekognition.authorization import authorize
from openrek.rekognition.coverage import coverage_page
from openrek.rekognition.registry import operation
from openrek.state import Repositories

CONTRACT = load_contract()
EVERY = pytest.mark.parametrize("present", OPERATIONS.values(), ids=lambda present: present.name)


def test_every_operation_of_the_contract_is_in_the_table() -> None:
    assert set(OPERATIONS) == set(CONTRACT.operations)
    assert all(name == present.name for name, present in OPERATIONS.items())


@EVERY
def test_the_resource_is_named_by_a_member_of_the_request(present: Operation) -> None:
    members = CONTRACT.shapes[CONTRACT.operations[present.name].input]["members"]
    named = re.fullmatch(r"\*|(?:[a-z]+/)?\{(\w+)\}", present.resource)
    assert named
    assert named[1] is None or members[named[1]]


@EVERY
def test_an_operation_that_needs_the_engine_takes_an_image_and_the_others_run_elsewhere(present: Operation) -> None:
    members = CONTRACT.shapes[CONTRACT.operations[present.name].input]["members"]
    takes_image = any(member["shape"] == "Image" for member in members.values())
    if present.runs == "engine":
        assert takes_image
    if present.runs == "quick":
        assert present.max_body == 256 * 1024, "a body that large is not read on the event loop"


@EVERY
def test_what_cannot_occur_is_modelled_and_has_its_reason(present: Operation) -> None:
    modelled = set(CONTRACT.operations[present.name].errors)
    assert set(present.cannot_occur) <= modelled
    assert all(present.cannot_occur.values())


@pytest.mark.parametrize(
    ("name", "request_", "arn"),
    [
        ("DetectLabels", {"Image": {}}, "*"),
        ("CreateCollection", {"CollectionId": "a"}, "arn:aws:rekognition:us-east-1:000000000000:collection/a"),
        ("TagResource", {"ResourceArn": "arn:aws:a"}, "arn:aws:a"),
        ("DescribeStreamProcessor", {"Name": "p"}, "arn:aws:rekognition:us-east-1:000000000000:streamprocessor/p"),
        ("DescribeStreamProcessor", {}, "*"),
    ],
)
def test_the_resource_arn_follows_from_the_request(name: str, request_: dict[str, str], arn: str) -> None:
    resources = Repositories(lambda: pytest.fail("an ARN needs no database"))
    assert OPERATIONS[name].resource_arn(request_, resources) == arn


def test_bodies_are_large_only_where_the_contract_has_an_image() -> None:
    large = {name for name, present in OPERATIONS.items() if present.max_body > 256 * 1024}
    assert {"DetectLabels", "CompareFaces", "IndexFaces", "UpdateDatasetEntries"} <= large
    assert not {"CreateCollection", "ListFaces", "TagResource", "StartLabelDetection"} & large


def test_a_name_is_taken_once_and_must_be_the_contracts() -> None:
    with pytest.raises(ValueError, match="in the table already"):
        operation("DetectLabels", runs="quick")(lambda request, services: {})
    with pytest.raises(ValueError, match="no operation DetectGhosts"):
        operation("DetectGhosts", runs="quick")(lambda request, services: {})


def test_the_coverage_page_is_current() -> None:
    page = Path(__file__).parents[3] / "docs" / "coverage.md"
    assert page.read_text(encoding="utf-8") == coverage_page()


@EVERY
def test_without_permission_every_operation_is_denied(present: Operation) -> None:
    unavailable: Any = None
    nobody = Caller("arn:aws:iam::000000000000:user/nobody", Evaluator([]))
    resources = Repositories(lambda: pytest.fail("nothing is looked up for a caller without permission"))
    with pytest.raises(AccessDeniedError, match=f"rekognition:{present.name} on resource: "):
        authorize(present, {}, Services(unavailable, unavailable, resources, nobody))
