"""Settings: flags before the environment before defaults; wrong ones are named."""

from pathlib import Path

import pytest

from openrek.config import load_settings


def test_a_flag_wins_over_the_environment_and_that_over_the_default(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "OPENREK_PORT": "9001", "OPENREK_QUEUE": "7"}
    settings = load_settings(environment, port=9002, host=None)
    assert (settings.port, settings.queue, settings.host) == (9002, 7, "127.0.0.1")
    assert settings.data_dir.is_relative_to(tmp_path)
    assert load_settings(environment | {"XDG_DATA_HOME": str(tmp_path / "x")}).data_dir.name == "openrek"


def test_lists_are_separated_by_commas(tmp_path: Path) -> None:
    settings = load_settings({"HOME": str(tmp_path), "OPENREK_ALLOWED_HOSTS": "a.example, b.example,"})
    assert settings.allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OPENREK_PORT", "eighty", "OPENREK_PORT is 'eighty'"),
        ("OPENREK_PORT", "70000", "from 0 to 65535"),
        ("OPENREK_WORKERS", "0", "from 1"),
        ("OPENREK_THREADS", "0", "threads is 0; it must be from 1"),
        ("OPENREK_PRECISION", "int4", "precision is 'int4'; it must be one of auto, float, int8"),
        ("OPENREK_MODEL_MEMORY", "-1", "model_memory is -1; it must be from 0"),
        ("OPENREK_MODEL_MEMORY", "1 GB", "OPENREK_MODEL_MEMORY is '1 GB'"),
        ("OPENREK_LINK_SECONDS", "9999999", "604800"),
        ("OPENREK_PUBLIC_URL", "photos.example", "https://"),
        ("OPENREK_PUBLIC_URL", "https://photos.example/openrek", "no path"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_settings({"HOME": str(tmp_path), name: value})


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load_settings({"HOME": str(tmp_path)})
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]


def test_the_database_is_postgresql_and_its_password_is_not_shown() -> None:
    url = "postgresql://lan:secret@db.example/openrek"
    settings = load_settings({"HOME": "/home/x", "OPENREK_DATABASE": url})
    assert settings.database == url
    assert "secret" not in repr(settings)
    assert load_settings({"HOME": "/home/x", "OPENREK_DATABASE": "postgres://other"}, database=url).database == url
    for wrong in ("mysql://lan:secret@db.example/openrek", "secret.sqlite3", "sqlite:///secret"):
        with pytest.raises(ValueError, match=r"^database must be a URL of PostgreSQL, as postgresql://") as caught:
            load_settings({"HOME": "/home/x", "OPENREK_DATABASE": wrong})
        assert "secret" not in str(caught.value)
