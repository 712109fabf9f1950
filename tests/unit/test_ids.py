"""Names of analyses tell when they were made."""

from datetime import UTC, datetime, timedelta

from openrek.ids import identifier_of, moment_of, new_identifier


def test_a_name_tells_its_moment() -> None:
    assert abs(moment_of(new_identifier()) - datetime.now(UTC)) < timedelta(minutes=1)
    moment = datetime.now(UTC) - timedelta(days=3000)
    assert abs(moment_of(identifier_of(moment, "bucket", "key")) - moment) < timedelta(milliseconds=1)
