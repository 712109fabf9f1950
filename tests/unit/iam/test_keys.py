"""Access keys as rows, on both databases."""

from collections.abc import Iterator

import pytest

from openrek.compose import System, compose
from openrek.config import Settings
from openrek.errors import ResourceNotFoundError


@pytest.fixture
def system(state_settings: Settings) -> Iterator[System]:
    with compose(state_settings) as system:
        yield system


def test_a_key_is_found_with_its_secret_and_its_policy_until_it_is_revoked(system: System) -> None:
    keys = system.keys()
    made = keys.create("lan", "detect-only")
    elsewhere = system.keys()
    assert elsewhere.get(made.access_key_id) == made
    caller = elsewhere.caller(made.access_key_id)
    assert caller.arn == "arn:aws:iam::000000000000:user/lan"
    assert [(record.access_key_id, record.user, record.active) for record in keys.all()] == [
        (made.access_key_id, "lan", True)
    ]
    keys.revoke(made.access_key_id)
    assert keys.get(made.access_key_id) is None
    assert [record.active for record in keys.all()] == [False]
    with pytest.raises(ResourceNotFoundError):
        keys.revoke(made.access_key_id)


def test_a_rotated_key_works_for_the_time_of_grace(system: System) -> None:
    keys = system.keys()
    old = keys.create("lan", "admin")
    new = keys.rotate(old.access_key_id, grace_seconds=3600)
    assert keys.get(old.access_key_id) == old
    assert keys.get(new.access_key_id) == new
    assert {record.user for record in keys.all()} == {"lan"}


@pytest.mark.parametrize("unknown", ["AKORAAAAAAAAAAAAAAAA", "a\0b", "\ud800", "", "ó", "A" * 5000])
def test_what_is_not_a_key_is_unknown(system: System, unknown: str) -> None:
    assert system.keys().get(unknown) is None
    assert system.keys().caller(unknown).arn.endswith("/nobody")


def test_keys_that_another_master_key_encrypted_are_noticed(system: System) -> None:
    keys = system.keys()
    keys.check()
    made = keys.create("lan", "admin")
    keys.check()
    (system.folder / "master.key").unlink()
    with pytest.raises(
        RuntimeError, match=r"master\.key is not the key that encrypted the access keys\. Put the right"
    ):
        system.keys().check()
    keys.revoke(made.access_key_id)
    system.keys().check()  # those that have ended do not count
