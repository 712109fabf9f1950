"""All of the contract is accounted for."""

from pathlib import Path

import pytest

from openrek import errors
from openrek.protocol import load_contract
from openrek.rekognition import NOT_YET, OPERATIONS
from openrek.rekognition.coverage import coverage_page
from openrek.rekognition.registry import operation


def test_every_operation_answers_or_has_its_reason() -> None:
    assert set(OPERATIONS) | set(NOT_YET) == set(load_contract().operations)
    assert not set(OPERATIONS) & set(NOT_YET)


def test_what_is_not_there_yet_is_refused_with_an_error_that_every_operation_models() -> None:
    assert all("AccessDeniedException" in found.errors for found in load_contract().operations.values())


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="in the table already"):
        operation("DetectLabels")(lambda request, services: {})


def test_error_classes_carry_the_contracts_fault() -> None:
    for name, shape in load_contract().errors.items():
        ours = getattr(errors, name, None)
        if ours is not None:
            assert ours.status == (500 if shape.get("fault") else 400), name


def test_the_coverage_page_is_current() -> None:
    page = Path(__file__).parents[3] / "docs" / "coverage.md"
    assert page.read_text(encoding="utf-8") == coverage_page()
