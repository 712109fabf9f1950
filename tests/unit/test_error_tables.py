"""Every domain error has a place in the table of each edge."""

import inspect
from collections.abc import Mapping

import pytest

from openrek import errors
from openrek.protocol import ERROR_CODES, load_contract
from openrek.web.api_error import REST_ERRORS

_COMMON = {
    "ValidationException",
    "SerializationException",
    "UnknownOperationException",
    "RequestEntityTooLargeException",
    "RequestAbortedException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "IncompleteSignatureException",
    "UnrecognizedClientException",
}
"""AWS's common errors, which no operation models."""


def _domain_errors() -> set[type[errors.OpenrekError]]:
    classes = (value for _, value in inspect.getmembers(errors, inspect.isclass))
    return {each for each in classes if issubclass(each, errors.OpenrekError)} - {errors.OpenrekError}


@pytest.mark.parametrize("table", [ERROR_CODES, REST_ERRORS], ids=["aws-json", "rest"])
def test_every_domain_error_is_mapped(table: Mapping[type[errors.OpenrekError], object]) -> None:
    assert set(table) == _domain_errors()


def test_codes_are_modelled_by_the_contract_or_common_to_aws() -> None:
    modelled = set(load_contract().errors)
    assert {code.code for code in ERROR_CODES.values()} <= modelled | _COMMON


def test_domain_errors_carry_no_wire_names() -> None:
    assert not [kind for kind in _domain_errors() if hasattr(kind, "code") or hasattr(kind, "status")]
